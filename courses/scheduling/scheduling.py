"""Schedule runs: settle times, change places and rules, and cancel, for the training office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Max, Min
from django.utils import timezone

import history
from courses.booking import booking, waiting_list
from courses.models import Booking, Reserve, Run, Session
from courses.notices import notices
from courses.rules import deadlines
from courses.scheduling import reminders
from lms.mail import outbox
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person, Sector

    By = Person | str
    Times = tuple[dt.datetime, dt.datetime]


# Fields of Run that decide who gets a place, besides places and reserves.
RULES = ("agency_cap", "asks_approval", "freed_places", "priority_rule")


@dataclass(frozen=True)
class RequestedReserve:
    """Reserve as requested: places for a sector, until they are free for everybody."""

    sector: Sector
    places: int
    release_on: dt.date


class SchedulingRefused(Refused):
    """Change of a run that is refused; the message is for the office."""


def settle_dates(
    run: Run,
    *,
    by: By,
    was: Mapping[int, Times] | None = None,
    place_changed: bool = False,
) -> Run:
    """Set the run's start and end from its sessions, and tell participants what moved.

    `was` holds the earlier times by session (pk). Sessions that moved, in time or place, get a
    higher SEQUENCE; live bookings get one mail with updated calendar entries, also for a session
    added, and may cancel free for some working days. Also fills free places, as a run moved out of
    its last hours may promote again; those just promoted get no second mail.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        bounds = run.sessions.aggregate(Min("starts_at"), Max("ends_at"))
        run.starts_at, run.ends_at = bounds["starts_at__min"], bounds["ends_at__max"]
        sessions = list(run.sessions.all())
        moved = [s for s in sessions if place_changed or _moved(s, was or {})]
        added = bool(was) and any(s.pk not in (was or {}) for s in sessions)
        if moved or added:
            run.free_through = deadlines.free_after_move()
        run.save(update_fields=["starts_at", "ends_at", "free_through"])
        moved_now = Session.objects.filter(pk__in=[session.pk for session in moved])
        moved_now.update(sequence=F("sequence") + 1)
        history.record(
            "run.dates_settled",
            run,
            by=by,
            now={"starts_at": str(run.starts_at), "sessions_moved": [s.pk for s in moved]},
        )
        if run.starts_at:
            booking.end_offers_by(run, run.starts_at)
        promoted = booking.fill_free_places(run, by=by)
        if moved or added:
            reminders.start_again(run)
            told = Booking.objects.live().filter(run=run).exclude(pk__in=[b.pk for b in promoted])
            for each in told.select_related("person").order_by("pk"):
                each.run = run
                notices.run_moved(each)
    return run


def change_places(run: Run, places: int | None, *, by: By) -> Run:
    """Set the number of places (None: unlimited) and give new free ones to the waiting list.

    Raises SchedulingRefused for fewer places than are taken: nobody loses a place this way.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        _keep_places(run, places, by=by)
        booking.fill_free_places(run, by=by)
    return run


def share_out(
    run: Run,
    *,
    by: By,
    places: int | None,
    rules: Mapping[str, object],
    reserves: Iterable[RequestedReserve] = (),
    was: Mapping[int, Times] | None = None,
    place_changed: bool = False,
) -> Run:
    """Set places, rules (RULES) and reserves, then serve the waiting list once.

    Takes no place away and approves no request. With `was`, settles changed times as `settle_dates`
    does. Raises SchedulingRefused as `change_places` does.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        _keep_places(run, places, by=by)
        _keep_rules(run, rules, by=by)
        _keep_reserves(run, reserves, by=by)
        if was is not None:
            return settle_dates(run, by=by, was=was, place_changed=place_changed)
        booking.fill_free_places(run, by=by)
    return run


def cancel(run: Run, *, by: By, reason: str) -> Run:
    """Cancel the run and its live bookings; send each one mail with calendar cancellations."""
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        if run.cancelled_at:
            return run
        if run.closed_at:
            raise SchedulingRefused(
                "The register is signed off, so this date took place and is not cancelled. If the "
                "register is wrong, correct it."
            )
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
    """Return the times by session (pk), to be kept before a change."""
    return {s.pk: (s.starts_at, s.ends_at) for s in run.sessions.all()}


def _moved(session: Session, was: Mapping[int, Times]) -> bool:
    return session.pk in was and was[session.pk] != (session.starts_at, session.ends_at)


def _keep_places(run: Run, places: int | None, *, by: By) -> None:
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


def _keep_rules(run: Run, rules: Mapping[str, object], *, by: By) -> None:
    was = {name: getattr(run, name) for name in RULES}
    changed = [name for name in RULES if rules[name] != was[name]]
    if not changed:
        return
    for name in changed:
        setattr(run, name, rules[name])
    run.save(update_fields=changed)
    if "priority_rule" in changed:
        waiting_list.recompute_priority(run)
    history.record(
        "run.rules_changed",
        run,
        by=by,
        was={name: was[name] for name in changed},
        now={name: rules[name] for name in changed},
    )


def _keep_reserves(run: Run, asked: Iterable[RequestedReserve], *, by: By) -> None:
    """Replace the reserves: past release days release them, later ones reserve again."""
    was, today = _reserves_of(run), timezone.localdate()
    kept = {each.sector.pk: each for each in asked}
    run.reserves.exclude(sector__in=kept).delete()
    for sector, each in kept.items():
        reserve = run.reserves.filter(sector=sector).first() or Reserve(run=run, sector_id=sector)
        reserve.places, reserve.release_on = each.places, each.release_on
        if each.release_on > today:
            reserve.released_at = None
        elif reserve.released_at is None:
            reserve.released_at = timezone.now()
        reserve.save()
    now = _reserves_of(run)
    if was != now:
        history.record("run.reserves_changed", run, by=by, was=was, now=now)


def _reserves_of(run: Run) -> dict[str, list[object]]:
    """Return [places, release day] by sector, as recorded in history."""
    return {str(r.sector_id): [r.places, r.release_on.isoformat()] for r in run.reserves.all()}
