"""Calculate with working days and working hours, by England's bank holidays."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

import holidays
from django.utils import timezone

OPENS, CLOSES = time(8), time(18)


@cache
def _bank_holidays() -> holidays.HolidayBase:
    """Return England's bank holidays, computed lazily for each year."""
    return holidays.country_holidays("GB", subdiv="ENG")


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _bank_holidays()


def later(day: date, working_days: int) -> date:
    """Return the day that many working days after `day`, or before it for a negative number."""
    step = timedelta(days=1 if working_days >= 0 else -1)
    left = abs(working_days)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def moment_later(moment: datetime, working_days: int) -> datetime:
    """Return the moment that many working days later, at the same time of day (Europe/London).

    With a negative number, any moment up to the result has had that many by `moment`.
    """
    local = timezone.localtime(moment)
    day, at = later(local.date(), working_days), local.time().replace(fold=0)
    if working_days < 0 and not is_working_day(local.date()):
        # Days off do not count: those asked on `day` still have until the next working day.
        day, at = day - timedelta(days=1), time.max
    return timezone.make_aware(datetime.combine(day, at))


def ago(working_days: int) -> datetime:
    """Return the cut-off: who was asked by then has had that many working days by now."""
    return moment_later(timezone.now(), -working_days)


def hours_later(moment: datetime, hours: float) -> datetime:
    """Return when that many working hours (8:00 to 18:00) have passed since `moment`."""
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
