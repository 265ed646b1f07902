"""Save what many dates have in common, a venue or a course: whoever was told is told again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from courses.catalogue import provider_links
from courses.models import Course, Run, Venue
from courses.notices import told
from courses.rules import kinds
from courses.scheduling import telling
from history import records
from lms.mail import outbox

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str

Shared = TypeVar("Shared", Course, Venue)
# What a reader is told of it.
TOLD: dict[type[Model], tuple[str, ...]] = {
    Course: ("title", "charges_fee"),
    Venue: ("name", "address", "travel", "access"),
}


def save(
    thing: Shared,
    *,
    by: By,
    is_correction: bool = False,
    held_because: str | None = None,
    **many: Iterable[Model],
) -> Shared:
    """Save a venue or a course and record what changed; its dates are compared within a minute.

    `many` are its many-to-many fields that are to be set, by name.

    The emails are left to `telling.tell_again`, so that the office does not wait for them. A small
    correction (`is_correction`) is entered as known, without email; `held_because` holds the emails
    of each date back, for a training administrator alone. Raises TellingRefused, or KindRefused of
    a course that cannot be of another kind, and then nothing has changed.
    """
    with transaction.atomic(), outbox.batch():
        model = type(thing)
        before = model.objects.select_for_update(of=["self"]).filter(pk=thing.pk).first()
        if isinstance(thing, Course):
            if before:
                kinds.refuse_change(before, thing.kind)
            provider_links.settle_check(thing, before, by=by)
        changed = before and any(getattr(before, n) != getattr(thing, n) for n in TOLD[model])
        if changed:
            told.adopt(list(dates_to_come(thing).select_related("course", "venue")))
            if is_correction:  # What else waits to be told is no part of it.
                telling.tell_now(dates_to_come(thing).exclude(compare_from=None))
        saved = records.save(thing, by=by, **many)
        if changed:
            _settle(thing, by=by, is_correction=is_correction, held_because=held_because)
            telling.look_again(dates_to_come(thing))
    return saved


def _settle(
    thing: Course | Venue, *, by: By, is_correction: bool, held_because: str | None
) -> None:
    """Enter the change as known on each coming date, or hold its emails back, where asked to.

    A date whose emails are held already stays so, and tells all of it when they are sent.
    """
    if not is_correction and held_because is None:
        return
    for run in dates_to_come(thing).filter(held_at=None).order_by("pk"):
        run = Run.objects.lock(run)
        if not telling.concerned(run):
            continue
        if is_correction:
            telling.accept(run, by=by)
        else:
            telling.hold(run, by=by, reason=held_because or "")


def save_and_tell(thing: Course | Venue, *, by: By, **more: Any) -> int:
    """Save a venue or a course and write the emails at once, to see them before they are sent.

    Returns on how many dates somebody is told.
    """
    saved = save(thing, by=by, **more)
    return telling.tell_now(dates_to_come(saved))


def dates_to_come(of: Course | Venue) -> QuerySet[Run]:
    """Filter to the runs of this course, or at this venue, that are not over."""
    to_come = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    its = Q(course=of) if isinstance(of, Course) else Q(venue=of)
    return Run.objects.not_cancelled().filter(to_come, its)
