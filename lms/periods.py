"""Name and calculate reporting periods: quarters, financial years and academic years.

Quarters are calendar quarters, which also fit a financial year that begins in April.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lms import formatting

APRIL, SEPTEMBER = 4, 9
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Period from one day to another, both included."""

    name: str
    since: dt.date
    until: dt.date


def in_words(since: dt.date, until: dt.date) -> str:
    """Format a period such as '1 April 2026 to 31 March 2027'."""
    return f"{formatting.day(since)} to {formatting.day(until)}"


def presets(today: dt.date) -> list[Period]:
    """List the named periods on offer, the usual one first."""
    quarter = quarter_begins(today)
    financial, academic = year_begins(today, APRIL), year_begins(today, SEPTEMBER)
    return [
        Period("Last 12 months", months_later(today + ONE_DAY, -12), today),
        *_this_and_last("quarter", quarter, months=3),
        *_this_and_last("financial year", financial, months=12),
        _lasting("This academic year", academic, months=12),
    ]


def quarter_begins(day: dt.date) -> dt.date:
    """Return the first day of the calendar quarter: January, April, July or October."""
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def year_begins(day: dt.date, month: int) -> dt.date:
    """Return the first day of the year around `day` that begins with this month."""
    first = day.replace(month=month, day=1)
    return first if first <= day else first.replace(year=day.year - 1)


def months_later(day: dt.date, months: int) -> dt.date:
    """Add months to a day; 29 February becomes 1 March where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    first = dt.date(day.year + years, month + 1, 1)
    return first + dt.timedelta(days=day.day - 1)


def _this_and_last(kind: str, begins: dt.date, months: int) -> list[Period]:
    return [
        _lasting(f"This {kind}", begins, months),
        _lasting(f"Last {kind}", months_later(begins, -months), months),
    ]


def _lasting(name: str, begins: dt.date, months: int) -> Period:
    return Period(name, begins, months_later(begins, months) - ONE_DAY)
