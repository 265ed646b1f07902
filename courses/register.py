"""What follows from who was in the room?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from courses import awarding, charging, notices, roll
from courses.models import Booking, Completion, Mark, Run, Session

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str
    Change = tuple[int, "Attendance", Mark | None]

Kind = Mark.Kind
OPENS_BEFORE = dt.timedelta(minutes=30)


class RegisterRefused(Exception):
    """Why a mark cannot be made or a register not be signed off: a sentence for the trainer."""


@dataclass(frozen=True)
class Attendance:
    """What is marked for one person and session; minutes only for late and left early."""

    kind: str
    minutes: int = 0


def mark(session: Session, seen: Mapping[int, Attendance], *, by: Person) -> int:
    """The register of the session says this of these bookings (by id); returns how many changed.

    Marking again what is already there changes nothing. Until 30 minutes before the session only
    apologies can be marked. Raises RegisterRefused and then nothing has changed.
    """
    with transaction.atomic():
        run = Run.objects.lock(session.run)
        _refuse_unless_open(run)
        _refuse_strangers(run, seen)
        _refuse_too_early(session, seen)
        for attendance in seen.values():
            _refuse_wrong_minutes(session, attendance)
        there = {m.booking_id: m for m in session.marks.filter(booking__in=seen)}
        changed = [
            (pk, attendance, there.get(pk))
            for pk, attendance in seen.items()
            if pk not in there or _as_marked(there[pk]) != attendance
        ]
        _write_marks(session, changed, by=by)
    return len(changed)


def close(run: Run, *, by: Person) -> list[Completion]:
    """The register is signed off: who is unmarked was absent; completions and charges follow.

    A mark made by hand is never changed. Certificates are made by the worker; mails to those who
    did not come wait for the office. Signed off already, nothing changes. Raises RegisterRefused
    before the last session has begun.
    """
    with transaction.atomic():
        run = Run.objects.lock(run)
        if run.closed_at:
            return []
        _refuse_unless_open(run)
        sessions = list(run.sessions.all())
        if not sessions or sessions[-1].starts_at > timezone.now():
            raise RegisterRefused(
                "The last session has not begun, so this cannot be signed off yet. Come back "
                "when it has."
            )
        bookings = list(Booking.objects.confirmed().filter(run=run).order_by("pk"))
        absent = _mark_the_unmarked_absent(sessions, bookings)
        run.closed_at = timezone.now()
        run.save(update_fields=["closed_at"])
        completions = _complete(run, timezone.localdate(sessions[-1].starts_at))
        charging.follow_register(run, by=by)
        history.record(
            "register.closed",
            run,
            by=by,
            was={"closed": False},
            now={
                "completions": [completion.pk for completion in completions],
                "absent_unmarked": [[made.session_id, made.booking_id] for made in absent],
            },
        )
        if completions:
            awarding.award_certificates.enqueue(run.pk)
    return completions


def release_absence_notices(run: Run, *, by: By) -> list[Booking]:
    """Those who did not come, and sent no apologies, are charged and written to, once each."""
    with transaction.atomic():
        run = Run.objects.lock(run)
        if not run.closed_at:
            raise RegisterRefused(
                "The register is not signed off, so nobody is known to be absent. Sign it off "
                "first."
            )
        absent = list(not_told_of_absence(run))
        for booking in absent:
            booking.absence_told_at = timezone.now()
            booking.save(update_fields=["absence_told_at"])
            booking.run = run
            charging.charge_absent(booking, by=by)
            notices.did_not_come(booking)
        if absent:
            told = [b.pk for b in absent]
            history.record("register.absences_told", run, by=by, now={"bookings": told})
    return absent


def not_told_of_absence(run: Run) -> QuerySet[Booking]:
    """Bookings of people who were absent throughout, sent no apologies and were not written to."""
    apologised = Mark.objects.filter(kind=Kind.APOLOGIES, booking__run=run).values("booking")
    return (
        Booking.objects.did_not_come()
        .filter(run=run, absence_told_at=None)
        .exclude(pk__in=apologised)
        .select_related("person", "agency", "run__course")
        .order_by("person__name")
    )


def _complete(run: Run, day: dt.date) -> list[Completion]:
    return Completion.objects.bulk_create(
        Completion(
            person=line.booking.person,
            course_id=run.course_id,
            booking=line.booking,
            agency_id=line.booking.agency_id,
            completed_on=day,
        )
        for line in roll.lines_of(run)
        if line.completes
    )


def _mark_the_unmarked_absent(sessions: list[Session], bookings: list[Booking]) -> list[Mark]:
    made = set(Mark.objects.filter(session__in=sessions).values_list("session_id", "booking_id"))
    return Mark.objects.bulk_create(
        Mark(
            session=session,
            booking=booking,
            kind=Kind.ABSENT,
            is_automatic=True,
            marked_at=timezone.now(),
        )
        for session in sessions
        for booking in bookings
        if (session.pk, booking.pk) not in made
    )


def _write_marks(session: Session, changed: list[Change], *, by: Person) -> None:
    now = timezone.now()
    marks = [
        Mark(
            session=session,
            booking_id=pk,
            kind=attendance.kind,
            minutes_missed=attendance.minutes,
            marked_at=now,
            marked_by=by,
        )
        for pk, attendance, _ in changed
    ]
    Mark.objects.bulk_create(
        marks,
        update_conflicts=True,
        unique_fields=["session", "booking"],
        update_fields=["kind", "minutes_missed", "is_automatic", "marked_at", "marked_by"],
    )
    if changed:
        history.record(
            "register.marked",
            session,
            by=by,
            was={str(pk): _recorded(made) for pk, _, made in changed},
            now={str(made.booking_id): _recorded(made) for made in marks},
        )


def _refuse_unless_open(run: Run) -> None:
    if run.cancelled_at:
        raise RegisterRefused(
            "This date was cancelled, so it has no register. If it took place, tell the training "
            "office."
        )
    if run.closed_at:
        raise RegisterRefused(
            "This register is signed off. Ask the training office if something in it is wrong."
        )


def _refuse_strangers(run: Run, seen: Mapping[int, Attendance]) -> None:
    """Somebody may have cancelled since the trainer loaded the page."""
    expected = Booking.objects.confirmed().filter(run=run).values_list("pk", flat=True)
    if not (gone := seen.keys() - set(expected)):
        return
    names = Booking.objects.filter(run=run, pk__in=gone).values_list("person__name", flat=True)
    raise RegisterRefused(
        f"{', '.join(sorted(names)) or 'Somebody'} no longer has a place on this date. "
        "Nothing has been saved yet: look at the others below and save again."
    )


def _refuse_too_early(session: Session, seen: Mapping[int, Attendance]) -> None:
    if timezone.now() >= session.starts_at - OPENS_BEFORE:
        return
    if any(attendance.kind != Kind.APOLOGIES for attendance in seen.values()):
        opens = timezone.localtime(session.starts_at - OPENS_BEFORE)
        raise RegisterRefused(
            f"This register opens on {opens:%-d %B %Y at %H:%M}. "
            "Until then only apologies can be marked."
        )


def _refuse_wrong_minutes(session: Session, attendance: Attendance) -> None:
    if attendance.kind not in Kind.values:
        raise RegisterRefused("Choose present, late, left early, apologies or absent.")
    timed = attendance.kind in (Kind.LATE, Kind.LEFT_EARLY)
    if timed and not 1 <= attendance.minutes <= session.minutes:
        raise RegisterRefused(
            f"Say how many minutes were missed: from 1 to {session.minutes}, in whole minutes."
        )
    if not timed and attendance.minutes:
        raise RegisterRefused(
            "Minutes are only asked for those who were late or left early. Leave them out for "
            "others."
        )


def _recorded(made: Mark | None) -> str:
    """A mark as history keeps it: 'present', 'late 10', or nothing where none was made."""
    if made is None:
        return ""
    return f"{made.kind} {made.minutes_missed}" if made.minutes_missed else made.kind


def _as_marked(made: Mark) -> Attendance | None:
    """What a person marked; None for a mark that was made automatically."""
    return None if made.is_automatic else Attendance(made.kind, made.minutes_missed)
