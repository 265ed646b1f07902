"""Parse times as Zoom and Teams write them, and add up stays."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

FIGURES = re.compile(
    r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})[,t ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
    r"(?: ?([ap])\.?m\.?)?"
)
IN_WORDS = ("%b %d %Y %I:%M:%S %p", "%b %d %Y %I:%M %p", "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M",
            "%d %b %y %H:%M:%S", "%d %b %y %H:%M")  # fmt: skip
EXCELS_MONTH = re.compile(r"(\d{1,2})-([A-Z][a-z]{2})-(?=\d)")  # 14-Oct-26
SPENT = re.compile(
    r"(?:(\d+) ?h(?:rs?|ours?)?)? ?(?:(\d+) ?m(?:ins?|inutes?)?)? ?(?:(\d+) ?s(?:ecs?|econds?)?)?"
)
ISO_SPENT = re.compile(r"pt(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)(?:\.\d+)?s)?")  # PT1H5M3S
A_MONTH = re.compile(r"(\d{1,2} )?[A-Z][a-z]{2} \d")
YEAR_FIRST = re.compile(r"^(\d{4})/(\d\d)/(\d\d)(?=[T ])")
LONG_MONTH = re.compile(r"\b([A-Z][a-z]{2})[a-z]{1,6}\b(?= \d)")  # November, Sept
DECIMALS = re.compile(r"(?<=\d)[.,]\d{1,2}$")  # not 1,234
SECONDS = 60
ENOUGH = 200  # times are read to tell the day from the month
NOTHING = dt.timedelta()
SLACK = dt.timedelta(minutes=1)  # reports round up to whole minutes
A_DAY = dt.timedelta(days=1)
MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)


class Stay(NamedTuple):
    """Interval from joining to leaving."""

    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class Clock:
    """Time zone and order of day and month in a report."""

    zone: ZoneInfo
    is_day_first: bool = False

    def moment(self, said: str) -> dt.datetime:
        """Parse a moment. Raises ValueError, with the reason, where it is none."""
        try:
            told = _iso(said) or self._in_figures(said) or self._in_words(said)
        except ValueError:
            told = None
        if told is None:
            raise ValueError(f"'{said[:40]}' is not a date and time that we can read.")
        return told if told.tzinfo else told.replace(tzinfo=self.zone)

    def _in_figures(self, said: str) -> dt.datetime | None:
        if not (found := FIGURES.fullmatch(said.lower())):
            return None
        *figures, half = found.groups()
        one, two, three, hour, minute, second = (int(figure or 0) for figure in figures)
        day, month = (one, two) if self.is_day_first else (two, one)
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        year = three + 2000 if three < 100 else three
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=self.zone)

    def _in_words(self, said: str) -> dt.datetime | None:
        said = LONG_MONTH.sub(r"\1", EXCELS_MONTH.sub(r"\1 \2 ", said))
        for form in IN_WORDS if A_MONTH.match(said) else ():
            with contextlib.suppress(ValueError):
                return dt.datetime.strptime(said.replace(",", ""), form).replace(tzinfo=self.zone)
        return None


def clock_for(said: Iterable[str], zone: ZoneInfo, days: Collection[dt.date]) -> Clock:
    """Choose month first, as Zoom writes it, unless day first reads or fits more of the times."""
    said = list(islice(said, ENOUGH))
    month_first, day_first = Clock(zone), Clock(zone, is_day_first=True)
    more = _falling_on(days, said, day_first) > _falling_on(days, said, month_first)
    readable_only_so = _read_by(day_first, said) > _read_by(month_first, said)
    return day_first if more or readable_only_so else month_first


def unit_of(durations: Iterable[tuple[int, Stay]]) -> dt.timedelta | None:
    """Prove the unit of bare numbers by the stays that they are the length of.

    It is the unit in which nobody is there for longer than from joining to leaving, and somebody
    for all of that time. None where that is neither minutes nor seconds.
    """
    found = [(number, stay.end - stay.start) for number, stay in durations if number]
    for unit in (MINUTE, SECOND):
        too_many = [number * unit - time for number, time in found]
        if found and max(too_many) <= SLACK and max(too_many) >= -SLACK:
            return unit
    return None


def number(said: str) -> int | None:
    """Parse a bare number such as '95' or '95.5' into a whole one; None for all else."""
    said = DECIMALS.sub("", said)
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else None


def minutes(said: str, unit: dt.timedelta = MINUTE) -> int | None:
    """Parse '95', '95.5', '1h 2m 3s', 'PT1H2M3S' or '01:02:03' into whole minutes.

    None where it is none of these. A bare number is in `unit`.
    """
    if (bare := number(said)) is not None:
        return in_minutes(bare * unit)
    if re.fullmatch(r"\d{1,3}:\d{2}:\d{2}", said):
        return int(said[:-6]) * 60 + int(said[-5:-3])
    if not said or len(said) >= 40:
        return None
    if found := SPENT.fullmatch(said.lower()) or ISO_SPENT.fullmatch(said.lower()):
        hours, mins, seconds = (int(figure or 0) for figure in found.groups())
        return hours * 60 + mins + seconds // SECONDS
    return None


def merged(stays: Iterable[Stay]) -> tuple[Stay, ...]:
    """Sort stays and merge those that overlap: two devices at once are one person."""
    found: list[Stay] = []
    for stay in sorted(stays):
        if found and stay.start <= found[-1].end:
            found[-1] = Stay(found[-1].start, max(found[-1].end, stay.end))
        else:
            found.append(stay)
    return tuple(found)


def spent(stays: Iterable[Stay]) -> dt.timedelta:
    """Add up stays that do not overlap."""
    return sum((max(stay.end - stay.start, NOTHING) for stay in stays), NOTHING)


def in_minutes(time: dt.timedelta) -> int:
    """Convert to whole minutes, rounded down."""
    return int(time.total_seconds() // SECONDS)


def _iso(said: str) -> dt.datetime | None:
    said = YEAR_FIRST.sub(r"\1-\2-\3", said)
    return dt.datetime.fromisoformat(said) if re.match(r"\d{4}-\d\d-\d\d[T ]\d", said) else None


def _falling_on(days: Collection[dt.date], said: list[str], clock: Clock) -> int:
    return sum(timezone.localdate(at) in days for each in said if (at := _read(clock, each)))


def _read_by(clock: Clock, said: list[str]) -> int:
    return sum(_read(clock, each) is not None for each in said)


def _read(clock: Clock, said: str) -> dt.datetime | None:
    try:
        return clock.moment(said)
    except ValueError:
        return None
