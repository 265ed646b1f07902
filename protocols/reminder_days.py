"""Decide when agencies are reminded of what they have not answered: a cascade or a draft."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from agencies.models import Person
from lms import reminder_days
from protocols.models import ProtocolPolicy

NIGHTLY = "NIGHTLY"
# Nightly reminders are delivered at this time in the morning, in London.
WRITTEN_AT = dt.time(8)


def is_due(
    asked_at: dt.datetime,
    chased_on: dt.date | None,
    deadline: dt.date,
    today: dt.date,
    policy: ProtocolPolicy,
) -> bool:
    """Return whether a reminder day has passed since the agency was asked or last reminded."""
    since = [timezone.localdate(asked_at), chased_on]
    return policy.reminders.is_due(deadline, today, since=since)


def morning_of(day: dt.date, by: Person | str) -> dt.datetime | None:
    """Return when nightly mail may leave; None if a person sends it: at once."""
    return reminder_days.morning(day, WRITTEN_AT) if by == NIGHTLY else None


def left_in_words(deadline: dt.date) -> str:
    """Say how far off a deadline is: each reminder's subject tells it from the one before."""
    days = (deadline - timezone.localdate()).days
    if not days:
        return "due today"
    words = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"{words} left" if days > 0 else f"{words} overdue"
