"""Decide whether a course can become one of another kind."""

from __future__ import annotations

from courses.models import Completion, Course, Evidence, Run
from lms.formatting import many
from lms.refused import Refused


class KindRefused(Refused):
    """Change of a course's kind that would make no sense of what there is already."""


def why_kind_stays(course: Course, kind: str) -> str:
    """Return why this course cannot become of that kind; empty if it can.

    One with dates or completions is not online from now on, as they would be counted as what they
    were not; one that people have sent certificates of, or done as a module, is given on no date.
    """
    without = Course.WITHOUT_DATES
    if course.kind == kind or (course.has_dates and kind not in without):
        return ""
    if course.has_dates:
        dates = Run.objects.not_cancelled().filter(course=course).count()
        completed = Completion.objects.filter(course=course).count()
        found = f"has {many(dates, 'course date')}" if dates else ""
        if completed and not dates:
            found = f"has {many(completed, 'completion')}"
    elif course.is_module:
        done = Completion.objects.filter(course=course, attempt__isnull=False).count()
        found = f"has {many(done, 'completion')}" if done else ""
    else:
        sent = Evidence.objects.filter(course=course).exclude(state=Evidence.State.REFUSED).count()
        found = f"has {many(sent, 'certificate')} that people sent" if sent else ""
    if not found:
        return ""
    return (
        f"{course} {found}, so it stays ‘{course.get_kind_display()}’. Add a new course for the "
        "other kind, and clear ‘Offered at present’ here"
    )


def refuse_change(before: Course, kind: str) -> None:
    """Raise KindRefused where `why_kind_stays`."""
    if sentence := why_kind_stays(before, kind):
        raise KindRefused(f"{sentence}.")
