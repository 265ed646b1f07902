"""Decide whether a course can become one of another kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from courses.models import Completion, Course, Evidence, Run
from lms.formatting import many
from lms.refused import Refused

if TYPE_CHECKING:
    from elearning.models import Module


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


def why_not_module(course: Course, module: Module) -> str:
    """Return why people cannot do this module to complete this course; empty if they can.

    A module that the course has already stays, even with each of its versions withdrawn.
    """
    if course.pk and Course.objects.filter(pk=course.pk, module=module).exists():
        return ""
    if other := Course.objects.filter(module=module).exclude(pk=course.pk).first():
        return (
            f"‘{module}’ completes the course ‘{other}’ ({other.code}) already, and a module "
            "completes one course. Choose another module, or change that course"
        )
    if not module.versions.not_withdrawn().exists():
        return (
            f"‘{module}’ has no issued version, so nobody could begin it. Open it under Online "
            "modules, choose Issue a version, and then add this course"
        )
    return ""


def refuse_change(before: Course, kind: str) -> None:
    """Raise KindRefused where `why_kind_stays`."""
    if sentence := why_kind_stays(before, kind):
        raise KindRefused(f"{sentence}.")
