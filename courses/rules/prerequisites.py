"""Say where a prerequisite leads: the page of its course, and its next date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from courses.models import Run
from lms.formatting import weekday

if TYPE_CHECKING:
    from courses.models import Course


def with_next_dates(courses: Sequence[Course]) -> Sequence[Course]:
    """Set `next_date` on each course: a date open for booking, the first with a free place.

    None without one that is open. One query.
    """
    found: dict[int, Run] = {}
    if courses:
        runs = Run.objects.open_for_booking().in_catalogue().filter(course__in=courses)
        for run in runs.order_by("starts_at", "pk"):
            known = found.get(run.course_id)
            if known is None or (known.is_full and not run.is_full):
                found[run.course_id] = run
    for course in courses:
        course.next_date = found.get(course.pk)
    return courses


def next_date_in_words(course: Course) -> str:
    """Say in a sentence how to take a course that `with_next_dates` has seen, or when."""
    if course.is_elsewhere:
        return f"It is online, given by {course.provider}: you can start now."
    if course.is_module:
        return "It is e-learning on this site: you can start now."
    run = course.next_date
    if run is None or run.starts_at is None:
        return "It has no date that can be booked at present."
    full = " That date is full, so you can join its waiting list." if run.is_full else ""
    return f"The next date is {weekday(run.starts_at)}.{full}"
