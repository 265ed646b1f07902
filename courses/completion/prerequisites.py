"""Find by night whoever is booked without a prerequisite that was withdrawn, and was not told.

`completing.withdraw` tells them at once; this covers every other door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from courses.models import Booking, Completion, Course, Run
from courses.notices import notices
from lms import jobs
from lms.models import Mail

if TYPE_CHECKING:
    from django.db.models import QuerySet

A_BATCH = 200


@jobs.in_words("Tell people that a course their booking asks for first no longer counts")
def tell_untold() -> int:
    """Tell whoever lacks a prerequisite that they had, and the office. Nightly job; idempotent."""
    return jobs.for_all(tell_untold, _untold(), _tell, size=A_BATCH)


def _untold() -> QuerySet[Booking]:
    """Return bookings to come that lack what was withdrawn, without an email about it since."""
    held = Completion.objects.valid().filter(
        person=OuterRef(OuterRef("person")), course=OuterRef("to_course")
    )
    told_since = _told().filter(
        about_id=jobs.id_in_text(Booking, OuterRef(OuterRef(OuterRef("pk")))),
        created_at__gte=OuterRef("withdrawn_at"),
    )
    withdrawn = Completion.objects.filter(
        ~Exists(told_since),
        person=OuterRef(OuterRef("person")),
        course=OuterRef("to_course"),
        withdrawn_at__isnull=False,
    )
    missing = Course.prerequisites.through.objects.filter(
        ~Exists(held), Exists(withdrawn), from_course=OuterRef("run__course")
    )
    live = Booking.objects.live().filter(run__in=Run.objects.upcoming(), override_reason="")
    return live.filter(Exists(missing)).order_by("pk")


def _told() -> QuerySet[Mail]:
    about_type = Booking._meta.label_lower
    return Mail.objects.filter(template="prerequisite_withdrawn", about_type=about_type)


def _tell(bookings: list[Booking]) -> None:
    found = Booking.objects.filter(pk__in=[booking.pk for booking in bookings])
    found = found.select_for_update(of=["self"]).select_related(
        "person", "run__course", "run__venue"
    )
    for booking in found.order_by("pk"):
        completed = Completion.objects.filter(person=booking.person_id)
        untold = completed.exclude(withdrawn_at=None)
        if last := _told().filter(about_id=str(booking.pk)).order_by("pk").last():
            untold = untold.filter(withdrawn_at__gt=last.created_at)
        lacking = booking.run.course.prerequisites.filter(pk__in=untold.values("course")).exclude(
            pk__in=completed.valid().values("course")
        )
        for course in lacking:
            notices.prerequisite_withdrawn([booking], course)
