"""Fix what certificates of a date say at the moment at which its register is signed off.

Of a course given elsewhere, what records say is fixed at the moment at which proof is accepted.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from agencies import mergers
from courses.models import Booking, Completion, Course, Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agencies.models import Agency
    from elearning.models import Attempt

    Facts = dict[str, Any]


def of_run(run: Run, agencies: Iterable[int] = ()) -> Facts:
    """Collect, as JSON, what certificates of this date say.

    The agencies, given by their ids, have the names of the date's last day: an agency that was
    merged by then is what it was merged into.
    """
    course = run.course
    is_taught = course.kind == Course.Kind.TAUGHT
    return _of_course(course) | {
        "format": run.get_format_display() if is_taught else course.format_label,
        "agencies": _names(run, agencies),
    }


def _names(run: Run, agencies: Iterable[int]) -> dict[str, str]:
    if not (agencies and run.ends_at):
        return {}
    names = mergers.named_on(timezone.localdate(run.ends_at), agencies)
    return {str(agency): name for agency, name in names.items()}


def recalled(run: Run) -> Facts:
    """Return what was fixed when the run was signed off.

    Of a run that was signed off before this was kept, what its first completion says.
    """
    if not run.certified and run.closed_at:
        first = Completion.objects.filter(booking__run=run).exclude(certified={})
        found = first.order_by("pk").values_list("certified", flat=True).first()
        run.certified = found or of_run(run)
    return run.certified or of_run(run)


def of_completion(booking: Booking, agency: Agency, completed_on: dt.date) -> Facts:
    """Return what the certificate of a completion says, from what was fixed for its run."""
    return _of(recalled(booking.run), agency, completed_on)


def of_course_elsewhere(course: Course, agency: Agency, completed_on: dt.date) -> Facts:
    """Return what records say of a course that a provider gave, as it is now."""
    return _of(_of_course(course) | {"format": course.format_label}, agency, completed_on)


def of_attempt(course: Course, attempt: Attempt, agency: Agency, completed_on: dt.date) -> Facts:
    """Return what the certificate of an online course says: version and length are the module's."""
    version = attempt.version
    facts = _of_course(course) | {
        "course_version": str(version.number),
        "hours": f"{version.minutes / 60:.2f}",
        "format": course.format_label,
    }
    return _of(facts, agency, completed_on)


def _of(facts: Facts, agency: Agency, completed_on: dt.date) -> Facts:
    facts = dict(facts)
    names, months = facts.pop("agencies", {}), facts["refresh_months"]
    refresh_on = completed_on + relativedelta(months=months) if months else None
    return facts | {
        "agency": names.get(str(agency.pk)) or _name_on(completed_on, agency),
        "refresh_on": refresh_on.isoformat() if refresh_on else None,
    }


def _name_on(day: dt.date, agency: Agency) -> str:
    """Return what the agency was called on this day, for one that had nobody at signing off."""
    if not agency.merged_into_id:
        return agency.name
    return mergers.named_on(day, [agency.pk])[agency.pk]


def for_issuing(completion: Completion) -> Facts:
    """Return the certificate's contents, whatever course, date and agency say today."""
    facts = completion.certified or _today(completion)
    refresh_on = facts["refresh_on"]
    return {name: facts[name] for name in PRINTED} | {
        "hours": Decimal(facts["hours"]),
        "completed_on": completion.completed_on,
        "refresh_on": dt.date.fromisoformat(refresh_on) if refresh_on else None,
    }


PRINTED = ("title", "course_code", "course_version", "outcomes", "format", "agency")


def _of_course(course: Course) -> Facts:
    return {
        "title": course.title,
        "course_code": course.code,
        "course_version": str(course.version),
        "outcomes": course.outcome_list,
        "hours": str(course.hours),
        "refresh_months": course.renewal_months,
    }


def _today(completion: Completion) -> Facts:
    """Return the facts of today, for a completion of which none were kept."""
    if completion.booking:
        run = completion.booking.run
        run.course = completion.course
        facts = run.certified or of_run(run)
        return _of(facts, completion.agency, completion.completed_on)
    months = completion.course.renewal_months
    refresh_on = completion.completed_on + relativedelta(months=months) if months else None
    return _of_course(completion.course) | {
        "format": completion.course.format_label,
        "agency": _name_on(completion.completed_on, completion.agency),
        "refresh_on": refresh_on.isoformat() if refresh_on else None,
    }
