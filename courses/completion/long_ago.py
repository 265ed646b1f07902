"""Erase what was kept of people whose last activity is long ago, and turns of old waiting lists.

Counts, codes and states stay, so that no figure changes. Each statement is of a whole batch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from agencies.models import Person, Post
from certificates.models import Certificate
from courses.completion import evidence_files
from courses.models import (
    Booking,
    Charge,
    Completion,
    DeliveryRequest,
    Evaluation,
    Evidence,
    Mark,
    MeetingAlias,
    Reminder,
    Run,
    SentMark,
    Told,
    Trainer,
    TrainersPack,
)
from elearning.models import Attempt, ExtraAttempt, ItemState, Statement
from protocols.models import Acknowledgement

RECORDS_KEPT = relativedelta(years=6)
TURNS_KEPT = relativedelta(years=1)
# Where a reason has to be.
NO_LONGER_HELD = "No longer held"

# Each model with the path to its person, the rows concerned, and what stands in their fields then.
Blanked = tuple[type[Model], str, Q, dict[str, Any]]
BLANKED: tuple[Blanked, ...] = (
    (
        Booking,
        "person",
        Q(),
        {
            "manager_email": "",
            "approver_email": "",
            "end_reason": "",
            "override_reason": "",
            "complete_because": "",
        },
    ),
    (Charge, "booking__person", ~Q(waiver_reason=""), {"waiver_reason": NO_LONGER_HELD}),
    (Mark, "booking__person", Q(), {"corrected_because": ""}),
    (Evaluation, "booking__person", Q(), {"sent_to": ""}),
    (Evidence, "person", Q(), {"file_path": "", "file_sha256": "", "file_type": ""}),
    (Evidence, "person", ~Q(reason=""), {"reason": NO_LONGER_HELD}),
    (
        Post,
        "person",
        Q(),
        {
            "title": "",
            "line_manager": None,
            "line_manager_email": "",
            "line_manager_confirmed_at": None,
        },
    ),
)
BLANKED += (
    (Attempt, "person", Q(), {"reason": ""}),
    (ExtraAttempt, "person", Q(), {"reason": "", "granted_by": None}),
)
DELETED: tuple[tuple[type[Model], str], ...] = (
    (Reminder, "booking__person"),
    (Told, "booking__person"),
    (Told, "person"),
    (SentMark, "booking__person"),
    (MeetingAlias, "person"),
    (DeliveryRequest, "person"),
    (TrainersPack, "person"),
    (Trainer, "person"),
    (ItemState, "attempt__person"),
    (Statement, "attempt__person"),
)


def inactive_people(before: dt.datetime) -> QuerySet[Person]:
    """Return the people without a job, a sign-in, a date or any other record since this moment."""
    day = timezone.localdate(before)
    works = Q(ends_on__gte=day) | Q(ends_on=None, person__is_active=True)
    since = [
        Post.objects.filter(works),
        Booking.objects.filter(Q(run__ends_at__gte=before) | Q(queued_at__gte=before)),
        Completion.objects.filter(completed_on__gte=day),
        Evidence.objects.filter(Q(sent_at__gte=before) | Q(decided_at__gte=before)),
        Acknowledgement.objects.filter(read_at__gte=before),
        DeliveryRequest.objects.filter(run__ends_at__gte=before),
        Attempt.objects.filter(last_at__gte=before),
    ]
    teaches = Run.trainers.through.objects.filter(run__ends_at__gte=before)
    certified = Certificate.objects.filter(holder=OuterRef("pk"), completed_on__gte=day)
    return Person.objects.filter(
        Q(last_login=None) | Q(last_login__lt=before),
        *(~Exists(rows.filter(person=OuterRef("pk"))) for rows in [*since, teaches]),
        ~Exists(certified),
        joined_at__lt=before,
    )


def with_old_records(now: dt.datetime) -> QuerySet[Person]:
    """Return the inactive people of whom there is something left to erase."""
    kept = (
        Exists(rows.filter(**{path: OuterRef("pk")}))
        for path, rows in [*_unblanked(), *((path, _all(model)) for model, path in DELETED)]
    )
    return inactive_people(now - RECORDS_KEPT).filter(reduce(or_, (Q(each) for each in kept)))


def forget_records(people: Sequence[Person]) -> None:
    """Blank and delete what training records of these people say beyond what is counted."""
    theirs = [person.pk for person in people]
    files = list(
        Evidence.objects.filter(person__in=theirs)
        .exclude(file_path="")
        .values_list("file_path", flat=True)
    )
    for model, path, concerned, values in BLANKED:
        _all(model).filter(concerned, **{f"{path}__in": theirs}).update(**values)
    for model, path in DELETED:
        _all(model).filter(**{f"{path}__in": theirs}).delete()
    transaction.on_commit(lambda: delete_evidence(files))


def delete_evidence(names: Sequence[str]) -> None:
    """Delete these files, unless a row uses one: two may have sent the same."""
    used = set(Evidence.objects.filter(file_path__in=names).values_list("file_path", flat=True))
    for name in set(names) - used:
        evidence_files.FILES.delete(name)


def old_certificates(now: dt.datetime) -> QuerySet[Certificate]:
    """Return the certificates of inactive people that still have a name."""
    holders = inactive_people(now - RECORDS_KEPT)
    return Certificate.objects.filter(holder__in=holders.values("pk"), erased_at=None)


def with_old_turns(now: dt.datetime) -> QuerySet[Booking]:
    """Return what never became a place on dates of over a year ago, where a turn can be seen."""
    at_midnight = Q(queued_at__hour=0, queued_at__minute=0, queued_at__second=0)
    turn = ~Q(priority=0) | Q(moved_to__isnull=False) | ~at_midnight
    return Booking.objects.filter(turn, run__ends_at__lt=now - TURNS_KEPT, confirmed_at=None)


def forget_turns(bookings: Sequence[Booking]) -> None:
    """Keep the day on which they asked; nothing says any longer who was before whom."""
    theirs = list(Booking.objects.filter(pk__in=[booking.pk for booking in bookings]))
    for booking in theirs:
        local = timezone.localtime(booking.queued_at)
        booking.queued_at = local.replace(hour=0, minute=0, second=0, microsecond=0)
        booking.priority, booking.moved_to = 0, None
    Booking.objects.bulk_update(theirs, ["queued_at", "priority", "moved_to"])


def _unblanked() -> Iterator[tuple[str, QuerySet[Any]]]:
    """Yield the path and the rows of each model that have a value yet to be blanked."""
    for model, path, concerned, values in BLANKED:
        said = (
            Q(**{f"{name}__isnull": False}) if value is None else ~Q(**{name: value})
            for name, value in values.items()
        )
        yield path, _all(model).filter(concerned, reduce(or_, said))


def _all(model: type[Model]) -> QuerySet[Any]:
    return model._base_manager.all()
