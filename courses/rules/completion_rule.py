"""Who was there, for how long, and is that enough?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from courses.models import Booking, Mark, Run, Session

MOST_MINUTES_MISSED = 30
LARGEST_SHARE_MISSED = 6  # a sixth of what was taught


@dataclass(frozen=True)
class AttendanceLine:
    """One person's line on the register of a date; `marks` by session id."""

    booking: Booking
    sessions: Sequence[Session]
    marks: Mapping[int, Mark]

    @property
    def unmarked(self) -> list[Session]:
        return [session for session in self.sessions if session.pk not in self.marks]

    @property
    def by_session(self) -> list[tuple[Session, Mark | None]]:
        return [(session, self.marks.get(session.pk)) for session in self.sessions]

    @property
    def came(self) -> bool:
        return any(made.kind in Mark.CAME for made in self.marks.values())

    @property
    def sent_apologies(self) -> bool:
        return any(made.kind == Mark.Kind.APOLOGIES for made in self.marks.values())

    @property
    def is_guessed(self) -> bool:
        """Nobody marked this person: signing off did, of itself."""
        return all(made.is_automatic for made in self.marks.values())

    @property
    def missed(self) -> int:
        return minutes_missed(self.sessions, self.marks)

    @property
    def essential_missed(self) -> list[Session]:
        return essential_missed(self.sessions, self.marks)

    @property
    def completes(self) -> bool:
        return is_complete(self.sessions, self.marks)


def attendance_lines(run: Run) -> list[AttendanceLine]:
    """Everybody who has a place, by name, with all that is marked of them."""
    sessions = list(run.sessions.all())
    marks: dict[int, dict[int, Mark]] = {}
    for made in Mark.objects.filter(session__in=sessions).order_by():
        marks.setdefault(made.booking_id, {})[made.session_id] = made
    bookings = Booking.objects.confirmed().filter(run=run)
    bookings = bookings.select_related("person", "agency", "role_group")
    return [
        AttendanceLine(booking, sessions, marks.get(booking.pk, {}))
        for booking in bookings.order_by("person__name", "pk")
    ]


def minutes_taught(sessions: Sequence[Session]) -> int:
    return sum(session.minutes for session in sessions)


def minutes_allowed(sessions: Sequence[Session]) -> int:
    """How many minutes may be missed: 30, or a sixth of what is taught, whichever is less."""
    return min(MOST_MINUTES_MISSED, minutes_taught(sessions) // LARGEST_SHARE_MISSED)


def minutes_missed(sessions: Sequence[Session], marks: Mapping[int, Mark]) -> int:
    """Taught minutes that a person was not there for; what is not marked counts as missed."""
    return sum(_missed(session, marks.get(session.pk)) for session in sessions)


def is_complete(sessions: Sequence[Session], marks: Mapping[int, Mark]) -> bool:
    """Has this person been there for enough? Source: rules.md, 'Register'."""
    return (
        bool(sessions)
        and minutes_missed(sessions, marks) <= minutes_allowed(sessions)
        and not essential_missed(sessions, marks)
    )


def essential_missed(sessions: Sequence[Session], marks: Mapping[int, Mark]) -> list[Session]:
    """Sessions that must be attended and were not, however short they are."""
    return [
        session for session in sessions if session.is_essential and not _came(marks.get(session.pk))
    ]


def _missed(session: Session, made: Mark | None) -> int:
    return made.minutes_missed if made and _came(made) else session.minutes


def _came(made: Mark | None) -> bool:
    return made is not None and made.kind in Mark.CAME
