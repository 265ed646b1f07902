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


def pounds(amount: Decimal) -> str:
    """Such as '£1,020.00'."""
    return f"£{amount:,.2f}"


def _in_london(at: dt.date) -> dt.date:
    return timezone.localtime(at) if isinstance(at, dt.datetime) else at
