"""Until when may somebody decide, or cancel without a charge?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from courses.models import BookingPolicy, Run
from lms import working_days


def free_until(run: Run, policy: BookingPolicy | None = None) -> dt.datetime | None:
    """The moment from which cancelling costs: the end (Europe/London) of the last free day.

    That is so many calendar days before the day on which the run begins. Source: rules.md.
    """
    if run.starts_at is None:
        return None
    days = (policy or BookingPolicy.load()).free_until_days
    first_that_costs = timezone.localdate(run.starts_at) - dt.timedelta(days=days - 1)
    return timezone.make_aware(dt.datetime.combine(first_that_costs, dt.time.min))


def last_free_day(until: dt.datetime) -> dt.date:
    """The day that ends at the moment from which cancelling costs."""
    return timezone.localdate(until) - dt.timedelta(days=1)


def costs_now(run: Run) -> bool:
    """Would giving up a confirmed place be charged at this moment?"""
    until = free_until(run)
    return until is not None and timezone.now() >= until


def offer_ends(run: Run) -> dt.datetime:
    """Until when an offer made now stands: 48 hours, or half of the time left when that is less.

    Never under 4 hours between 8 and 18 on working days, so that nobody's place goes overnight or
    at a weekend; but the run's beginning ends it in any case.
    """
    now, policy = timezone.now(), BookingPolicy.load()
    starts_at = run.starts_at or dt.datetime.max.replace(tzinfo=dt.UTC)
    span = min(dt.timedelta(hours=policy.offer_hours), (starts_at - now) / 2)
    least = working_days.hours_later(now, policy.offer_least_hours)
    return min(max(now + span, least), starts_at)


def hold_ends() -> dt.datetime:
    """Until when a request made now keeps its place or its turn."""
    return working_days.moment_later(timezone.now(), BookingPolicy.load().approval_days)


def asked_by() -> dt.datetime:
    """Who was asked at this moment or before has had all the working days there are to answer."""
    return working_days.moment_later(timezone.now(), -BookingPolicy.load().approval_days)
