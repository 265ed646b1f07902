"""Format dates, times (Europe/London) and sums of money in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone


def day(at: dt.date) -> str:
    """Format a date such as '3 May 2027'."""
    return f"{_in_london(at):%-d %B %Y}"


def weekday(at: dt.date) -> str:
    """Format a date such as 'Monday 3 May 2027'."""
    return f"{_in_london(at):%A %-d %B %Y}"


def moment(at: dt.datetime) -> str:
    """Format a moment such as 'Monday 3 May 2027, 09:30'."""
    return f"{weekday(at)}, {timezone.localtime(at):%H:%M}"


def clock_time(at: dt.datetime) -> str:
    """Format the time of day, such as '9:30am', 'midday' or 'midnight'."""
    local = timezone.localtime(at)
    named = {(0, 0): "midnight", (12, 0): "midday"}
    return named.get((local.hour, local.minute)) or f"{local:%-I:%M%p}".lower()


def day_and_time(at: dt.datetime) -> str:
    """Format a moment such as '3 May 2027 at 9:30am'."""
    return f"{day(at)} at {clock_time(at)}"


def duration(minutes: int) -> str:
    """Format a length such as '3 hours 15 minutes'; empty for none."""
    parts = ((minutes // 60, "hour"), (minutes % 60, "minute"))
    return " ".join(many(number, word) for number, word in parts if number)


def many(number: int, word: str) -> str:
    """Format a number of things such as '1 trainer' or '2 trainers'."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def in_hours(hours: Decimal) -> str:
    """Format hours, such as '1 hour' or '1.5 hours'; less than one in minutes."""
    if 0 < hours < 1:
        return duration(round(hours * 60))
    number = f"{hours:.1f}".removesuffix(".0")
    return f"{number} hour{'' if number == '1' else 's'}"


def pounds(amount: Decimal) -> str:
    """Format an amount such as '£80', '£12.50', '£1,020' or, for a credit, '-£80'."""
    return f"{'-' if amount < 0 else ''}£{abs(amount):,.2f}".removesuffix(".00")


def _in_london(at: dt.date) -> dt.date:
    return timezone.localtime(at) if isinstance(at, dt.datetime) else at
