"""Complete courses and withdraw completions, whatever shows it: register, evidence, attempt."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from certificates import issuing
from certificates.models import Certificate
from courses.completion import certified
from courses.models import Booking, Completion, Course, Evidence, Run
from courses.notices import notices
from elearning.models import Attempt
from lms.gathering import cached_context

if TYPE_CHECKING:
    from agencies.models import Agency, Person, RoleGroup

    By = Person | str
    Source = Booking | Evidence | Attempt

# Field of Completion for each kind of source; a new source needs one, and its mail below.
FIELDS = {Booking: "booking", Evidence: "evidence", Attempt: "attempt"}


@dataclass(frozen=True)
class Achievement:
    """Course that a person has completed: what shows it, on which day, for which agency."""

    person: Person
    course: Course
    source: Source
    agency: Agency
    completed_on: dt.date
    role_group: RoleGroup | None = None


def complete(
    person: Person,
    course: Course,
    *,
    source: Source,
    agency: Agency,
    completed_on: dt.date,
    by: By,
    role_group: RoleGroup | None = None,
) -> Completion:
    """Record that a person has completed a course.

    Raises IntegrityError if the source has a completion already; the caller has locked it.
    """
    achievement = Achievement(person, course, source, agency, completed_on, role_group)
    return complete_each([achievement], by=by)[0]


def complete_each(achievements: Iterable[Achievement], *, by: By) -> list[Completion]:
    """Record many completions, as `complete` does, with as many queries as for one."""
    with transaction.atomic():
        given = Completion.objects.bulk_create(_completion(each) for each in achievements)
        history.record_each(
            "completion.given", [(each, {}, {"standing": True}) for each in given], by=by
        )
    return given


def withdraw(completion: Completion, reason: str, *, by: By) -> None:
    """Withdraw a completion, revoke its certificate, and write to the person why."""
    withdraw_each([completion], reason, by=by)


def withdraw_each(completions: Sequence[Completion], reason: str, *, by: By) -> None:
    """Withdraw many completions for one reason, as `withdraw` does. The caller holds the locks."""
    if not completions:
        return
    with transaction.atomic():
        withdrawn = Completion.objects.filter(pk__in=[each.pk for each in completions])
        withdrawn.update(withdrawn_at=timezone.now())
        history.record_each(
            "completion.withdrawn",
            [(each, {"standing": True}, {"standing": False}) for each in completions],
            by=by,
        )
        live = Certificate.objects.live().filter(award__in=[each.award for each in completions])
        revoked = issuing.revoke_each(list(live), by=by, reason=reason)
        of_award = {certificate.award: certificate for certificate in revoked}
        for each in completions:
            _tell_withdrawn(each.source, of_award.get(each.award), reason)
        with cached_context():
            _tell_of_prerequisites(completions)


def _completion(achievement: Achievement) -> Completion:
    source, certified_then = achievement.source, {}
    agency, completed_on = achievement.agency, achievement.completed_on
    if isinstance(source, Booking):
        certified_then = certified.of_completion(source, agency, completed_on)
    elif isinstance(source, Attempt):
        certified_then = certified.of_attempt(achievement.course, source, agency, completed_on)
    elif achievement.course.is_elsewhere:
        certified_then = certified.of_course_elsewhere(achievement.course, agency, completed_on)
    return Completion(
        certified=certified_then,
        person=achievement.person,
        course=achievement.course,
        agency=achievement.agency,
        completed_on=achievement.completed_on,
        role_group=achievement.role_group,
        **{FIELDS[type(source)]: source},
    )


def _tell_withdrawn(source: Source, certificate: Certificate | None, reason: str) -> None:
    if isinstance(source, Booking):
        notices.completion_withdrawn(source, certificate, reason=reason)
    elif isinstance(source, Evidence):
        notices.training_taken_back(source)
    else:
        raise TypeError("An attempt is never taken back: no completion of it is withdrawn.")


def _tell_of_prerequisites(withdrawn: Sequence[Completion]) -> None:
    """Tell whoever is booked on a course that asks for one of these, and the office."""
    needs: dict[int, set[int]] = defaultdict(set)
    pairs = Course.prerequisites.through.objects.filter(
        to_course__in={each.course_id for each in withdrawn}
    )
    for course, prerequisite in pairs.values_list("from_course", "to_course"):
        needs[course].add(prerequisite)
    if not needs:
        return
    people = {each.person_id for each in withdrawn}
    held = set(Completion.objects.valid().filter(person__in=people).values_list("person", "course"))
    bookings = Booking.objects.live().filter(person__in=people, run__course__in=needs)
    bookings = bookings.filter(run__in=Run.objects.upcoming(), override_reason="")
    bookings = bookings.select_related("person", "run__course", "run__venue").order_by("pk")
    theirs = list(bookings.prefetch_related("run__sessions"))
    for each in withdrawn:
        lacking = [
            booking
            for booking in theirs
            if booking.person_id == each.person_id
            and each.course_id in needs[booking.run.course_id]
            and (each.person_id, each.course_id) not in held
        ]
        if lacking:
            notices.prerequisite_withdrawn(lacking, each.course)
