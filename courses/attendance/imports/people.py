"""Group the rows of an attendance report by person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from courses.attendance.imports.times import Stay, in_minutes, merged, spent

# Parts of the display names of bots that take notes or record.
MACHINES = (
    "fathom", "fireflies", "meeting notifier", "notetaker", "note taker", "otter.ai", "read.ai",
    "recording bot", "tl;dv",
)  # fmt: skip

ROUNDING = 5  # minutes, in all rows of a person together


@dataclass(frozen=True)
class Attendee:
    """Somebody in the meeting, as it names them.

    `stays` are in order and may overlap, where a name joined with two devices. `minutes` is the
    total, where the report does not say when (no stays) or has only the first and the last moment
    (a stay that is longer than the minutes). `unread` are the lines of rows of theirs that could
    not be read.
    """

    name: str
    email: str
    stays: tuple[Stay, ...] = ()
    minutes: int | None = None
    leads: bool = False
    unread: tuple[int, ...] = ()

    @property
    def is_read(self) -> bool:
        """True if some of the time there could be read."""
        return bool(self.stays) or self.minutes is not None

    @property
    def is_machine(self) -> bool:
        return any(words in self.name.lower() for words in MACHINES)


@dataclass
class _One:
    name: str
    email: str
    stays: list[Stay] = field(default_factory=list)
    minutes: int | None = None
    moves: list[tuple[dt.datetime, bool]] = field(default_factory=list)
    leads: bool = False
    unread: list[int] = field(default_factory=list)


class Gathering:
    """People by address, or by name where a report has none, in the order of the report."""

    def __init__(self, hosts: set[str]):
        self.hosts = hosts
        self.people: dict[str, _One] = {}
        self.latest: dt.datetime | None = None

    def stayed(
        self, name: str, email: str, stay: Stay, minutes: int | None, *, leads: bool
    ) -> None:
        one = self._one(name, email, leads=leads)
        one.stays.append(stay)
        if minutes is not None:
            one.minutes = (one.minutes or 0) + minutes

    def was_there(self, name: str, email: str, minutes: int, *, leads: bool) -> None:
        one = self._one(name, email, leads=leads)
        one.minutes = (one.minutes or 0) + minutes

    def minutes_so_far(self, name: str, email: str) -> int:
        """Return the minutes of their rows that do not say when."""
        one = self.people.get(_key(name, email))
        return one.minutes or 0 if one and not one.stays else 0

    def moved(self, name: str, email: str, at: dt.datetime, *, joined: bool) -> None:
        self._one(name, email).moves.append((at, joined))
        self.latest = max(self.latest or at, at)

    def could_not_be_read(self, name: str, email: str, line: int) -> None:
        self._one(name, email).unread.append(line)

    def attendees(self) -> tuple[Attendee, ...]:
        for one in self.people.values():
            one.stays.extend(self._between(one.moves))
        return tuple(
            _attendee(one) for one in self.people.values() if one.stays or one.minutes or one.unread
        )

    def _one(self, name: str, email: str, *, leads: bool = False) -> _One:
        one = self.people.setdefault(_key(name, email), _One(name or email, email))
        one.leads = one.leads or leads or email in self.hosts
        return one

    def _between(self, moves: list[tuple[dt.datetime, bool]]) -> list[Stay]:
        """Pair joining with leaving; a stay that is still open ends at the report's last moment."""
        stays: list[Stay] = []
        joined_at: list[dt.datetime] = []
        for at, joined in sorted(moves):
            if joined:
                joined_at.append(at)
            elif joined_at:
                stays.append(Stay(joined_at.pop(0), at))
        return stays + [Stay(at, self.latest) for at in joined_at if self.latest]


def _key(name: str, email: str) -> str:
    return email or name.lower()


def _attendee(one: _One) -> Attendee:
    stays = tuple(sorted(one.stays))
    minutes = _unless_stays_tell(one.minutes, stays)
    return Attendee(one.name, one.email, stays, minutes, one.leads, tuple(one.unread))


def _unless_stays_tell(minutes: int | None, stays: tuple[Stay, ...]) -> int | None:
    """Return the minutes if fewer than the stays add up to, beyond rounding, or without stays."""
    if minutes is None or not stays:
        return minutes
    return minutes if minutes + ROUNDING < in_minutes(spent(merged(stays))) else None
