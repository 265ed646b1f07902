"""Apply the completion rule: minutes attended and essential sessions, from the register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from courses.models import Booking, Mark, Run, Session

MOST_MINUTES_MISSED = 30
LARGEST_SHARE_MISSED = 6  # a sixth of what was taught


@dataclass(frozen=True)
class AttendanceLine:
    """Line of one person on a run's register; `marks` by session pk."""

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
        """True if nobody marked this person: sign-off filled in every mark."""
        return all(made.is_automatic for made in self.marks.values())

    @property
    def missed(self) -> int:
        return minutes_missed(self.sessions, self.marks)

    @property
    def essential_missed(self) -> list[Session]:
        return essential_missed(self.sessions, self.marks)

    @property
    def is_counted(self) -> bool:
        """True if a trainer has said that it counts as complete, of somebody who came."""
        return bool(self.booking.complete_because) and self.came

    @property
    def completes(self) -> bool:
        return self.is_counted or is_complete(self.sessions, self.marks)


def attendance_lines(run: Run) -> list[AttendanceLine]:
    """List the register's lines of all confirmed bookings, by last name."""
    sessions = list(run.sessions.all())
    marks: dict[int, dict[int, Mark]] = {}
    for made in Mark.objects.filter(session__in=sessions).order_by():
        marks.setdefault(made.booking_id, {})[made.session_id] = made
    bookings = Booking.objects.confirmed().filter(run=run)
    bookings = bookings.select_related("person", "agency", "role_group", "counted_by")
    return [
        AttendanceLine(booking, sessions, marks.get(booking.pk, {}))
        for booking in by_last_name(bookings)
    ]


def by_last_name(bookings: Iterable[Booking]) -> list[Booking]:
    """Sort bookings, with their people, as every register does."""
    return sorted(bookings, key=lambda each: (each.person.sort_key, each.pk))


def minutes_taught(sessions: Sequence[Session]) -> int:
    return sum(session.minutes for session in sessions)


def minutes_allowed(sessions: Sequence[Session]) -> int:
    """Return how many minutes may be missed: 30, or a sixth of those taught if that is less."""
    return min(MOST_MINUTES_MISSED, minutes_taught(sessions) // LARGEST_SHARE_MISSED)


def minutes_missed(sessions: Sequence[Session], marks: Mapping[int, Mark]) -> int:
    """Sum the taught minutes that the person missed; an unmarked session counts as missed."""
    return sum(_missed(session, marks.get(session.pk)) for session in sessions)


def is_complete(sessions: Sequence[Session], marks: Mapping[int, Mark]) -> bool:
    """Return whether the person attended enough to complete. Source: rules.md, 'Register'."""
    return (
        bool(sessions)
        and minutes_missed(sessions, marks) <= minutes_allowed(sessions)
        and not essential_missed(sessions, marks)
    )


def essential_missed(sessions: Sequence[Session], marks: Mapping[int, Mark]) -> list[Session]:
    """List the essential sessions that were not attended, however short."""
    return [
        session for session in sessions if session.is_essential and not _came(marks.get(session.pk))
    ]


def _missed(session: Session, made: Mark | None) -> int:
    return made.minutes_missed if made and _came(made) else session.minutes


def _came(made: Mark | None) -> bool:
    return made is not None and made.kind in Mark.CAME
