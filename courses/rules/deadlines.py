"""Calculate deadlines for free cancellation, offers and approvals."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from courses.models import BookingPolicy, Run
from lms import working_days


def free_until(run: Run, policy: BookingPolicy | None = None) -> dt.datetime | None:
    """Return when cancelling starts to cost: the end (Europe/London) of the last free day.

    The last free day is the policy's number of calendar days before the run begins (source:
    rules.md), or later where the office has moved the run: nobody pays for a day that they did not
    choose.
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
    """Return the last day on which cancelling is surely free if a run is moved now."""
    return working_days.later(timezone.localdate(), BookingPolicy.load().days_after_move)


def last_free_day(until: dt.datetime) -> dt.date:
    """Return the day that ends at this moment, from which cancelling costs."""
    return timezone.localdate(until) - dt.timedelta(days=1)


def costs_now(run: Run) -> bool:
    """Return whether giving up a confirmed place would be charged now."""
    until = free_until(run)
    return until is not None and timezone.now() >= until


def offer_ends(run: Run) -> dt.datetime:
    """Return when an offer made now expires: in 48 hours, or half of the time left if that is less.

    At least 4 hours between 8 and 18 on working days, so that no offer expires overnight or at a
    weekend, but never after the run begins.
    """
    now, policy = timezone.now(), BookingPolicy.load()
    starts_at = run.starts_at or dt.datetime.max.replace(tzinfo=dt.UTC)
    span = min(dt.timedelta(hours=policy.offer_hours), (starts_at - now) / 2)
    least = working_days.hours_later(now, policy.offer_least_hours)
    return min(max(now + span, least), starts_at)


def hold_ends() -> dt.datetime:
    """Return when the hold of a request made now expires."""
    return working_days.moment_later(timezone.now(), BookingPolicy.load().approval_days)


def asked_by() -> dt.datetime:
    """Return the cut-off: approvers asked by then have exhausted their working days."""
    return working_days.ago(BookingPolicy.load().approval_days)
