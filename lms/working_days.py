"""On which days do people work, and when have so many working hours passed? England's holidays."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

import holidays
from django.utils import timezone

OPENS, CLOSES = time(8), time(18)


@cache
def _bank_holidays() -> holidays.HolidayBase:
    """Worked out for each year when it is first asked for."""
    return holidays.country_holidays("GB", subdiv="ENG")


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _bank_holidays()


def later(day: date, working_days: int) -> date:
    """The day that is so many working days after this one; before it, for a negative number."""
    step = timedelta(days=1 if working_days >= 0 else -1)
    left = abs(working_days)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def moment_later(moment: datetime, working_days: int) -> datetime:
    """At the same time of day (Europe/London), so many working days after this moment.

    For a negative number: whatever was then or before has had so many working days by now.
    """
    local = timezone.localtime(moment)
    day, at = later(local.date(), working_days), local.time().replace(fold=0)
    if working_days < 0 and not is_working_day(local.date()):
        # A Saturday's hours are nobody's: whoever was asked on that day has its end on Monday.
        day, at = day - timedelta(days=1), time.max
    return timezone.make_aware(datetime.combine(day, at))


def hours_later(moment: datetime, hours: float) -> datetime:
    """When so many hours between 8 and 18 on working days have passed since this moment."""
    left = timedelta(hours=hours)
    local = timezone.localtime(moment)
    day = local.date()
    while True:
        opens, closes = (timezone.make_aware(datetime.combine(day, t)) for t in (OPENS, CLOSES))
        begins = max(moment, opens)
        if is_working_day(day) and begins < closes:
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        day += timedelta(days=1)
