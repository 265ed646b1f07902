"""Until when may somebody decide, or cancel without a charge?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from courses.models import BookingPolicy, Run
from lms import working_days


def free_until(run: Run, policy: BookingPolicy | None = None) -> dt.datetime | None:
    """The moment from which cancelling costs: the end (Europe/London) of the last free day.

    That is so many calendar days before the day on which the run begins (source: rules.md), or
    later where the office has moved the run: nobody pays for a day that they did not choose.
    """
    if run.starts_at is None:
        return None
    days = (policy or BookingPolicy.load()).free_until_days
    day = timezone.localdate(run.starts_at)
    last_free = day - dt.timedelta(days=days)
    if run.free_through:
        last_free = min(max(last_free, run.free_through), day)
    first_that_costs = last_free + dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(first_that_costs, dt.time.min))


def free_after_move() -> dt.date:
    """The last day on which a date that is moved now can be cancelled free at the least."""
    return working_days.later(timezone.localdate(), BookingPolicy.load().days_after_move)


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
