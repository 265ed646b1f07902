"""How are a day, a moment and a sum of money said? In London's time and in pounds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone


def day(at: dt.date) -> str:
    """Such as '3 May 2027'."""
    return f"{_in_london(at):%-d %B %Y}"


def weekday(at: dt.date) -> str:
    """Such as 'Monday 3 May 2027'."""
    return f"{_in_london(at):%A %-d %B %Y}"


def moment(at: dt.datetime) -> str:
    """Such as 'Monday 3 May 2027, 09:30'."""
    return f"{weekday(at)}, {timezone.localtime(at):%H:%M}"


def clock_time(at: dt.datetime) -> str:
    """Give the time of day, such as '9:30am', 'midday' or 'midnight'."""
    local = timezone.localtime(at)
    named = {(0, 0): "midnight", (12, 0): "midday"}
    return named.get((local.hour, local.minute)) or f"{local:%-I:%M%p}".lower()


def day_and_time(at: dt.datetime) -> str:
    """Give a moment, such as '3 May 2027 at 9:30am'."""
    return f"{day(at)} at {clock_time(at)}"


def pounds(amount: Decimal) -> str:
    """Such as '£1,020.00'."""
    return f"£{amount:,.2f}"


def _in_london(at: dt.date) -> dt.date:
    return timezone.localtime(at) if isinstance(at, dt.datetime) else at
