"""Copy a run to other days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from courses.models import Run
from courses.scheduling import scheduling
from courses.scheduling.planning import DETAILS, PlannedSession, RequestedReserve
from courses.scheduling.scheduling import SchedulingRefused

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str


def repeat(run: Run, days: Iterable[dt.date], *, by: By) -> list[Run]:
    """Copy the run to each of these days, at the same times of day, without bookings.

    Sessions, booking window and release days of reserves keep their distances; times of day stay
    the same across a clock change. All days or none. Raises SchedulingRefused.
    """
    with transaction.atomic():
        run = Run.objects.lock(run)
        if run.starts_at is None:
            raise SchedulingRefused("Settle the times of this date first, then repeat it.")
        first = timezone.localdate(run.starts_at)
        made = []
        for day in sorted(set(days)):
            _refuse_day(run, day, later(run.starts_at, day - first))
            made.append(_copy(run, day - first, by=by))
    return made


def _refuse_day(run: Run, day: dt.date, starts_at: dt.datetime) -> None:
    said = f"{day:%A} {day.day} {day:%B %Y}"
    if day <= timezone.localdate():
        raise SchedulingRefused(f"{said} is not to come: give a later day.")
    there = Run.objects.not_cancelled().filter(course=run.course_id, venue=run.venue_id)
    if there.filter(starts_at=starts_at).exists():
        raise SchedulingRefused(
            f"This course is on {said} at this time and place already. Give another day."
        )


def _copy(run: Run, shift: dt.timedelta, *, by: By) -> Run:
    """Copy all but bookings and trainers, who are asked anew: see courses.scheduling.trainers."""
    details = {name: getattr(run, name) for name in DETAILS}
    for name in ("booking_opens_at", "booking_closes_at"):
        details[name] = details[name] and later(details[name], shift)
    return scheduling.add(
        run.course,
        by=by,
        repeats=run,
        sessions=[
            PlannedSession(
                starts_at=later(session.starts_at, shift),
                ends_at=later(session.ends_at, shift),
                name=session.name,
                is_essential=session.is_essential,
            )
            for session in run.sessions.all()
        ],
        reserves=[
            RequestedReserve(reserve.sector, reserve.places, reserve.release_on + shift)
            for reserve in run.reserves.select_related("sector")
        ],
        **details,
    )


def later(moment: dt.datetime, shift: dt.timedelta) -> dt.datetime:
    """Shift by whole days, keeping the time of day in Europe/London."""
    return timezone.make_aware(timezone.make_naive(moment) + shift)
