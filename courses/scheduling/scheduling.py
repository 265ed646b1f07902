"""Add, change and cancel runs, for the training office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Unpack

from django.db import transaction
from django.db.models import F, Max, Min
from django.utils import timezone

import history
from courses.booking import booking, unconfirmed_jobs, waiting_list
from courses.models import Booking, Course, Reserve, Run, Session
from courses.notices import charged, notices, told
from courses.rules import charging, deadlines
from courses.scheduling import reminders, telling
from courses.scheduling.planning import (
    DETAILS,
    FACTS,
    RULES,
    Details,
    PlannedSession,
    RequestedReserve,
    usual_format,
    why_not_moved,
    why_not_removed,
    why_reserves_wrong,
    why_sessions_wrong,
    why_wrong,
)
from lms.mail import outbox
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str
    Times = tuple[dt.datetime, dt.datetime]


class SchedulingRefused(Refused):
    """Change of a run that is refused; the message is for the office.

    `about` names the detail at fault, or "sessions" or "reserves"; None where it is none of these.
    """

    def __init__(self, sentence: str, about: str | None = None) -> None:
        super().__init__(sentence)
        self.about = about


def add(
    course: Course,
    *,
    by: By,
    sessions: Sequence[PlannedSession],
    reserves: Sequence[RequestedReserve] = (),
    trainers: Iterable[Person] = (),
    repeats: Run | None = None,
    **details: Unpack[Details],
) -> Run:
    """Add a date of the course, without bookings. Raises SchedulingRefused.

    What is not given is as the course says or as the model's defaults are. `repeats` is the run
    that it copies.
    """
    plan: dict[str, Any] = _defaults(course) | details
    plan["format"] = plan["format"] or usual_format(course, plan["venue"], plan["link"])
    with transaction.atomic():
        # Locked, so that it cannot become a course without dates meanwhile.
        course = Course.objects.select_for_update(of=["self"], no_key=True).get(pk=course.pk)
        _refuse_wrong(why_wrong(course, plan), sessions, reserves, plan["places"])
        run = Run(course=course, **plan)
        run.save(force_insert=True)
        run.trainers.set(trainers)
        _keep_sessions(run, sessions)
        now = {"course": course.pk} | ({"repeats": repeats.pk} if repeats else {})
        history.record("run.added", run, by=by, now=now)
        _keep_reserves(run, reserves, by=by)
        return settle_dates(run, by=by)


def change(
    run: Run,
    *,
    by: By,
    sessions: Sequence[PlannedSession] | None = None,
    reserves: Sequence[RequestedReserve] | None = None,
    trainers: Iterable[Person] | None = None,
    is_correction: bool = False,
    held_because: str | None = None,
    **details: Unpack[Details],
) -> Run:
    """Change what is given of a date, and nothing else; serve the waiting list once.

    Takes no place away and approves no request. Sessions, reserves and trainers replace those that
    there are. Everybody who was told of what changes is told again: see `telling.tell`. A small
    correction (`is_correction`) is entered as known, without email; `held_because` holds the emails
    back, for a training administrator alone. Raises SchedulingRefused or TellingRefused, and then
    nothing has changed: for a date that is cancelled or signed off, for fewer places than are
    taken, and for what this change would make wrong.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        _refuse_unless_open(run)
        told.adopt([run])
        if held_because is not None:
            telling.hold(run, by=by, reason=held_because)
        was, times, before = _facts(run), times_of(run), {n: getattr(run, n) for n in DETAILS}
        after: dict[str, Any] = before | details
        after["format"] = after["format"] or usual_format(run.course, after["venue"], after["link"])
        already = why_wrong(run.course, before)
        wrong = {n: why for n, why in why_wrong(run.course, after).items() if n not in already}
        _refuse_wrong(wrong, sessions, reserves, after["places"])
        for name in FACTS:
            setattr(run, name, after[name])
        run.save(update_fields=FACTS)
        if trainers is not None:
            run.trainers.set(trainers)
        sessions_changed = sessions is not None and _keep_sessions(run, sessions)
        if now := {name: value for name, value in _facts(run).items() if was[name] != value}:
            history.record("run.changed", run, by=by, was={n: was[n] for n in now}, now=now)
        _keep_places(run, after["places"], by=by)
        _keep_rules(run, after, by=by)
        if reserves is not None:
            _keep_reserves(run, reserves, by=by)
        place_changed = any(before[name] != after[name] for name in ("venue", "link"))
        if is_correction:
            telling.accept(run, by=by)
        if sessions_changed or place_changed:
            return settle_dates(run, by=by, was=times, place_changed=place_changed)
        booking.fill_free_places(run, by=by)
        telling.tell(run)
    return run


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
    its last hours may promote again; those just promoted get no second mail. So are its trainers.
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
            unconfirmed_jobs.keep_until(run)
        booking.fill_free_places(run, by=by)
        if moved or added:
            reminders.start_again(run)
        telling.tell(run, untold=bool(moved or added))
    return run


def cancel(run: Run, *, by: By, reason: str) -> Run:
    """Cancel the run and its live bookings; send each one mail with calendar cancellations.

    Nobody pays for having given up a place on it late.
    """
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
        over = booking.end_all(run, by=by, reason=reason)
        for ended in over:
            ended.run = run
            notices.run_cancelled(ended, was_confirmed=ended.pk in confirmed, reason=reason)
        charging.forgive_late(run, by=by)
        charged.compare(run)
        telling.tell(run, reason=reason)
        telling.tell_bookers_cancelled(run, over, reason=reason)
        history.record(
            "run.cancelled", run, by=by, was={"cancelled": False}, now={"cancelled": True}
        )
    return run


def times_of(run: Run) -> dict[int, Times]:
    """Return the times by session (pk), to be kept before a change."""
    return {s.pk: (s.starts_at, s.ends_at) for s in run.sessions.all()}


def _defaults(course: Course) -> dict[str, Any]:
    run = Run(asks_approval=course.asks_approval, format="")
    return {name: getattr(run, name) for name in DETAILS}


def _facts(run: Run) -> dict[str, object]:
    """Return what history keeps of a run: ids, numbers, moments, and of a text its digest."""
    return {
        "venue": run.venue_id,
        "has_link": bool(run.link),
        "format": run.format,
        "minimum": run.minimum,
        "joining_instructions": _digest(run.joining_instructions),
        "essential": sorted(run.sessions.filter(is_essential=True).values_list("pk", flat=True)),
        "trainers": sorted(run.trainers.values_list("pk", flat=True)),
        "booking_opens_at": str(run.booking_opens_at or ""),
        "booking_closes_at": str(run.booking_closes_at or ""),
    }


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _refuse_unless_open(run: Run) -> None:
    if run.cancelled_at or run.closed_at:
        raise SchedulingRefused(
            "This date has just been cancelled or signed off, so it cannot be changed. Go back and "
            "look at it again."
        )


def _refuse_wrong(
    wrong: Mapping[str, str],
    sessions: Sequence[PlannedSession] | None,
    reserves: Sequence[RequestedReserve] | None,
    places: int | None,
) -> None:
    found = dict(wrong)
    if sessions is not None:
        found["sessions"] = why_sessions_wrong(sessions)
    if reserves is not None:
        found["reserves"] = why_reserves_wrong(reserves, places)
    for about, sentence in found.items():
        if sentence:
            raise SchedulingRefused(sentence, about)


def _moved(session: Session, was: Mapping[int, Times]) -> bool:
    return session.pk in was and was[session.pk] != (session.starts_at, session.ends_at)


def _keep_places(run: Run, places: int | None, *, by: By) -> None:
    was = run.places
    if places is not None and places + run.extra < run.taken:
        taken = "1 place is" if run.taken == 1 else f"{run.taken} places are"
        raise SchedulingRefused(
            f"{taken} taken, so there cannot be fewer. "
            "Cancel bookings first, then lower the places.",
            "places",
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


def _keep_sessions(run: Run, planned: Sequence[PlannedSession]) -> bool:
    """Replace the sessions by those planned; return whether anything changed."""
    there, before = {s.pk: s for s in run.sessions.all()}, list(run.sessions.values())
    kept = {plan.pk for plan in planned if plan.pk}
    if kept - there.keys():
        raise SchedulingRefused("A session has just been removed. Go back and look at it again.")
    gone = [session for pk, session in there.items() if pk not in kept]
    if sentence := why_not_removed(run, gone) or why_not_moved(there.values(), planned):
        raise SchedulingRefused(sentence, "sessions")
    run.sessions.filter(pk__in=[session.pk for session in gone]).delete()
    for plan in planned:
        session = there[plan.pk] if plan.pk else Session(run=run)
        session.name, session.is_essential = plan.name, plan.is_essential
        session.starts_at, session.ends_at = plan.starts_at, plan.ends_at
        session.save()
    return list(run.sessions.values()) != before


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
