"""Check what may be marked, and write marks to the register and to history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import FilteredRelation, Q
from django.utils import timezone

import history
from courses.models import Booking, Mark, Run, Session
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person

Kind = Mark.Kind
TIMED = (Kind.LATE, Kind.LEFT_EARLY)
OPENS_BEFORE = dt.timedelta(minutes=30)
# Key in an event of history: whom 'all present' marked, and when.
ALL_PRESENT = "all_present"


class RegisterRefused(Refused):
    """Refusal to mark or to sign off a register: a sentence for the trainer."""


@dataclass(frozen=True)
class Marked:
    """Outcome of marking person by person: how many changed, and why others were refused."""

    changed: int
    refused: Mapping[int, str]  # by booking


class RegisterChanged(RegisterRefused):
    """Edit conflict: somebody else has marked the same people since; nothing is overwritten."""


@dataclass(frozen=True)
class Attendance:
    """Mark of one person in one session; minutes only for late and left early."""

    kind: str
    minutes: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.minutes}" if self.minutes else str(self.kind)


@dataclass(frozen=True)
class Change:
    """Mark to be written, in place of the one that was there."""

    session: Session
    booking: int
    attendance: Attendance
    was: Mark | None = None
    all_present: bool = False  # by the one press that marks all others present


def in_words(made: Mark | None) -> str:
    """Return a mark as pages and history keep it: 'present', 'late 10', or '' for none."""
    return str(Attendance(made.kind, made.minutes_missed)) if made else ""


def as_marked(made: Mark | None) -> Attendance | None:
    """Return what a person marked; None where nobody did, or it was marked automatically."""
    return None if made is None or made.is_automatic else Attendance(made.kind, made.minutes_missed)


def write(
    changes: Sequence[Change],
    *,
    by: Person,
    action: str = "register.marked",
    because: str = "",
) -> None:
    """Write marks to the register and to history; of two for one person the later counts.

    The caller has locked the run.
    """
    if not changes:
        return
    now = timezone.now()
    marks = {
        (change.session.pk, change.booking): Mark(
            session=change.session,
            booking_id=change.booking,
            kind=change.attendance.kind,
            minutes_missed=change.attendance.minutes,
            marked_at=now,
            marked_by=by,
            corrected_because=because,
        )
        for change in changes
    }
    Mark.objects.bulk_create(
        marks.values(),
        update_conflicts=True,
        unique_fields=["session", "booking"],
        update_fields=[
            "kind", "minutes_missed", "is_automatic", "marked_at", "marked_by", "corrected_because",
        ],
    )  # fmt: skip
    history.record_each(action, _by_session(changes, now), by=by)


def refuse_unless_open(run: Run) -> None:
    refuse_cancelled(run)
    if run.closed_at:
        raise RegisterRefused(
            "This register is signed off. If something in it is wrong, correct it, or ask the "
            "training office."
        )


def refuse_cancelled(run: Run) -> None:
    if run.cancelled_at:
        raise RegisterRefused(
            "This date was cancelled, so it has no register. If it took place, tell the training "
            "office."
        )


def marks_of_session(run: Run, session: Session) -> dict[int, Mark | None]:
    """Map the confirmed bookings of the run to their marks in this session, None if unmarked."""
    here = FilteredRelation("marks", condition=Q(marks__session=session))
    rows = Booking.objects.confirmed().filter(run=run).alias(here=here).order_by("pk")
    said = ("here__kind", "here__minutes_missed", "here__is_automatic")
    return {
        pk: Mark(kind=kind, minutes_missed=minutes, is_automatic=automatic) if kind else None
        for pk, kind, minutes, automatic in rows.values_list("pk", *said)
    }


def refuse_strangers(run: Run, expected: Collection[int], seen: Iterable[int]) -> None:
    """Raise RegisterRefused if somebody to be marked has lost their place since."""
    if not (gone := set(seen) - set(expected)):
        return
    names = Booking.objects.filter(run=run, pk__in=gone).values_list("person__name", flat=True)
    raise RegisterRefused(
        f"{', '.join(sorted(names)) or 'Somebody'} no longer has a place on this date. "
        "Nothing has been saved yet: look at the others below and save again."
    )


def why_each_refused(
    run: Run,
    session: Session,
    there: Mapping[int, Mark | None],
    wanted: Mapping[int, Attendance],
    expected: Mapping[int, str] | None,
) -> dict[int, str]:
    """Return by booking why a mark cannot be made; with as many queries for 3 as for 30."""
    refused = {}
    gone = set(wanted) - set(there)
    names = dict(
        Booking.objects.filter(run=run, pk__in=gone).values_list("pk", "person__name")
        if gone
        else []
    )
    for pk, attendance in wanted.items():
        if pk in gone:
            name = names.get(pk, "Somebody")
            refused[pk] = f"{name} no longer has a place on this date. The others are saved"
            continue
        try:
            refuse_too_early(session, [attendance])
            refuse_wrong_minutes(session, attendance)
            if expected is not None:
                refuse_changed(there, {pk: attendance}, expected)
        except RegisterChanged:
            refused[pk] = "somebody else has marked them since. Look at the mark and save again"
        except RegisterRefused as why:
            refused[pk] = str(why)
    return refused


def refuse_too_early(session: Session, attendances: Iterable[Attendance]) -> None:
    if timezone.now() >= session.starts_at - OPENS_BEFORE:
        return
    if any(attendance.kind != Kind.APOLOGIES for attendance in attendances):
        opens = timezone.localtime(session.starts_at - OPENS_BEFORE)
        raise RegisterRefused(
            f"This register opens on {opens:%-d %B %Y at %H:%M}. "
            "Until then only apologies can be marked."
        )


def refuse_wrong_minutes(session: Session, attendance: Attendance) -> None:
    if attendance.kind not in Kind.values:
        raise RegisterRefused("Choose present, late, left early, apologies or absent.")
    timed = attendance.kind in TIMED
    if timed and not 1 <= attendance.minutes <= session.minutes:
        raise RegisterRefused(
            f"Say how many minutes were missed: from 1 to {session.minutes}, in whole minutes."
        )
    if not timed and attendance.minutes:
        raise RegisterRefused(
            "Minutes are only asked for those who were late or left early. Leave them out for "
            "others."
        )


def refuse_changed(
    there: Mapping[int, Mark | None], seen: Mapping[int, Attendance], expected: Mapping[int, str]
) -> None:
    """Raise RegisterChanged where the register says neither what was seen nor what is wanted."""
    met = [
        pk
        for pk, attendance in seen.items()
        if in_words(there.get(pk)) not in (expected.get(pk, ""), str(attendance))
    ]
    if met:
        raise RegisterChanged(
            "Somebody else has marked the same people at the same moment. Nothing has been saved "
            "yet: look at the register and save again."
        )


def _by_session(changes: Sequence[Change], at: dt.datetime) -> list[history.Change]:
    """Build one event per session: what each booking said before and says now."""
    said: dict[Session, tuple[history.Facts, history.Facts]] = {}
    for change in changes:
        was, now = said.setdefault(change.session, ({}, {}))
        was.setdefault(str(change.booking), in_words(change.was))
        now[str(change.booking)] = str(change.attendance)
        if change.all_present:
            pressed = now.setdefault(ALL_PRESENT, {"at": at.isoformat(), "bookings": []})
            pressed["bookings"].append(change.booking)
    return [(session, was, now) for session, (was, now) in said.items()]
