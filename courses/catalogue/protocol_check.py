"""Record that a course was checked against an edition of its protocol."""

from __future__ import annotations

from django.db import transaction

import history
from agencies.models import Person
from courses.models import Course, ProtocolCheck
from protocols.models import Edition


class CheckRefused(Exception):
    """Refusal to record a check: a sentence for the office."""


@transaction.atomic
def check_against(course: Course, edition: Edition, *, by: Person | str) -> ProtocolCheck:
    """Record that the course's material says what this edition says. Idempotent.

    Raises CheckRefused when the edition is not in force, or the course does not teach its protocol.
    """
    Course.objects.select_for_update().get(pk=course.pk)
    if not edition.is_in_force:
        raise CheckRefused(f"{edition} is not in force: check against the version that is.")
    if not course.protocols_taught.filter(pk=edition.page_id).exists():
        raise CheckRefused(
            f"{course} does not name {edition.title} among what it teaches: add it there first."
        )
    person = by if isinstance(by, Person) else None
    checked, is_new = ProtocolCheck.objects.get_or_create(
        course=course, edition=edition, defaults={"checked_by": person}
    )
    if is_new:
        now = {"edition": edition.pk, "number": edition.number}
        history.record("course.checked", course, by=by, now=now)
    return checked
