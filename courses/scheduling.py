"""When is a course taught, and for how many? Verbs of the training office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

import history
from courses import booking, notices, reminding
from courses.models import Booking, Run, Session

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str
    Times = tuple[dt.datetime, dt.datetime]


class SchedulingRefused(Exception):
    """Why a date cannot be changed so: a sentence for the office."""


def settle_dates(
    run: Run,
    *,
    by: By,
    was: Mapping[int, Times] | None = None,
    place_changed: bool = False,
) -> Run:
    """The run begins with its first session and ends with its last.

    `was` holds the times of each session (by id) before the change. A session that moved, in time
    or place, has a higher SEQUENCE, and everyone live is told once, with calendar entries that
    follow; of a session that was added too. A date that moves out of its last hours serves its
    queue.
    """
    with transaction.atomic():
        run = Run.objects.lock(run)
        bounds = run.sessions.aggregate(Min("starts_at"), Max("ends_at"))
        run.starts_at, run.ends_at = bounds["starts_at__min"], bounds["ends_at__max"]
        run.save(update_fields=["starts_at", "ends_at"])
        sessions = list(run.sessions.all())
        moved = [s for s in sessions if place_changed or _moved(s, was or {})]
        added = bool(was) and any(s.pk not in (was or {}) for s in sessions)
        for session in moved:
            session.sequence += 1
            session.save(update_fields=["sequence"])
        history.record(
            "run.dates_settled",
            run,
            by=by,
            now={"starts_at": str(run.starts_at), "sessions_moved": [s.pk for s in moved]},
        )
        promoted = booking.fill_free_places(run, by=by)
        if moved or added:
            reminding.start_again(run)
            told = Booking.objects.live().filter(run=run).exclude(pk__in=[b.pk for b in promoted])
            for each in told.select_related("person").order_by("pk"):
                each.run = run
                notices.run_moved(each)
    return run


def change_places(run: Run, places: int | None, *, by: By) -> Run:
    """The run has this many places (None: no limit), and those who wait have got what became free.

    Raises SchedulingRefused for fewer places than are taken: nobody loses a place by a number.
    """
    with transaction.atomic():
        run = Run.objects.lock(run)
        was = run.places
        if places is not None and places + run.extra < run.taken:
            taken = "1 place is" if run.taken == 1 else f"{run.taken} places are"
            raise SchedulingRefused(
                f"{taken} taken, so there cannot be fewer. "
                "Cancel bookings first, then lower the places."
            )
        run.places = places
        run.extra = 0 if places is None else max(0, run.taken - places)
        run.save(update_fields=["places", "extra"])
        if was != places:
            history.record(
                "run.places_changed", run, by=by, was={"places": was}, now={"places": places}
            )
        booking.fill_free_places(run, by=by)
    return run


def cancel(run: Run, *, by: By, reason: str) -> Run:
    """The run will not take place: everyone live has one mail, and it leaves their calendars."""
    with transaction.atomic():
        run = Run.objects.lock(run)
        if run.cancelled_at:
            return run
        if run.closed_at:
            raise SchedulingRefused("The register is signed off, so this date took place.")
        if not reason.strip():
            raise SchedulingRefused("Say why this date is cancelled: everyone booked will read it.")
        run.cancelled_at = timezone.now()
        run.save(update_fields=["cancelled_at"])
        confirmed = set(Booking.objects.confirmed().filter(run=run).values_list("pk", flat=True))
        for ended in booking.end_all(run, by=by, reason=reason):
            ended.run = run
            notices.run_cancelled(ended, was_confirmed=ended.pk in confirmed, reason=reason)
        history.record(
            "run.cancelled", run, by=by, was={"cancelled": False}, now={"cancelled": True}
        )
    return run


def times_of(run: Run) -> dict[int, Times]:
    """The times of each session by its id, to be kept before a change."""
    return {s.pk: (s.starts_at, s.ends_at) for s in run.sessions.all()}


def _moved(session: Session, was: Mapping[int, Times]) -> bool:
    return session.pk in was and was[session.pk] != (session.starts_at, session.ends_at)
