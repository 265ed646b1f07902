"""Calculate which reminder days and moments have come.

No reminder is scheduled ahead: what is due follows from the deadline as it is now, and from when
somebody was asked or last reminded. What was missed while no worker ran is made up for once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone

Moment = TypeVar("Moment", dt.date, dt.datetime)


@dataclass(frozen=True)
class Schedule:
    """Reminder days: some days before a deadline, 0 for the day itself, and then each `every`."""

    days_before: tuple[int, ...]
    every: int = 0

    def latest(self, deadline: dt.date, today: dt.date) -> dt.date | None:
        """Return the latest reminder day up to today; None before the first."""
        if self.every and today > deadline:
            return today - (today - deadline) % dt.timedelta(self.every)
        return latest((deadline - dt.timedelta(days) for days in self.days_before), today)

    def is_due(self, deadline: dt.date, today: dt.date, *, since: Iterable[dt.date | None]) -> bool:
        """Return whether a reminder day has passed since it was sent or last reminded."""
        day = self.latest(deadline, today)
        return day is not None and all(day > one for one in since if one)

    def last_deadline(self, today: dt.date) -> dt.date:
        """Return the last deadline whose first reminder day has come."""
        return today + dt.timedelta(max(self.days_before))


def latest(moments: Iterable[Moment], now: Moment) -> Moment | None:
    """Return the latest of these that has come; None before the first."""
    return max((moment for moment in moments if moment <= now), default=None)


def morning(day: dt.date, at: dt.time) -> dt.datetime:
    """Return the moment of that day in London at which its reminders are sent."""
    return timezone.make_aware(dt.datetime.combine(day, at))


def came_due(field: str, by: dt.datetime, *, stays_due_for: dt.timedelta) -> Q:
    """Match moments up to `by`, but none so long before it that a mail would be stale."""
    return Q(**{f"{field}__lte": by, f"{field}__gt": by - stays_due_for})
