"""Calculate deadlines for free cancellation, offers and approvals."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from courses.models import Booking, BookingPolicy, Run
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


def costs_now(run: Run, policy: BookingPolicy | None = None) -> bool:
    """Return whether giving up a confirmed place would be charged now."""
    until = free_until(run, policy)
    return until is not None and timezone.now() >= until


def offer_ends(run: Run) -> dt.datetime:
    """Return when an offer made now expires: at 5pm of the second working day.

    Near the run, at the last 5pm of a working day in the first half of the time left. At least 4
    hours between 8 and 18 on working days in any case, so that no offer expires overnight or at a
    weekend, but never after the run begins. Source: rules.md, 'Booking'.
    """
    now, policy = timezone.now(), BookingPolicy.load()
    least = _quarter(working_days.hours_later(now, policy.offer_least_hours))
    ends = _at(working_days.later(timezone.localdate(now), policy.offer_days), policy.offer_until)
    if run.starts_at is None:
        return max(ends, least)
    half = now + (run.starts_at - now) / 2
    if half < ends:
        day = timezone.localdate(half)
        is_due = working_days.is_working_day(day) and _at(day, policy.offer_until) <= half
        ends = _at(day if is_due else working_days.later(day, -1), policy.offer_until)
    return min(max(ends, least), run.starts_at)


def _at(day: dt.date, time: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, time))


def _quarter(moment: dt.datetime) -> dt.datetime:
    """Return the moment, or the next quarter of an hour after it."""
    over = dt.timedelta(
        minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment + (dt.timedelta(minutes=15) - over) if over else moment


def hold_ends() -> dt.datetime:
    """Return when the hold of a request made now expires."""
    return answer_ends(timezone.now())


def answer_ends(asked_at: dt.datetime) -> dt.datetime:
    """Return until when an approver asked then can answer: 5pm of the fifth working day."""
    policy = BookingPolicy.load()
    last = working_days.later(timezone.localdate(asked_at), policy.approval_days)
    return _at(last, policy.offer_until)


def answer_until(booking: Booking) -> dt.datetime:
    """Return the deadline of the last approver: some working days, and not after the run begins."""
    silent = answer_ends(booking.approver_asked_at or timezone.now())
    return min(silent, booking.run.starts_at or silent)


def job_hold_ends(run: Run) -> dt.datetime:
    """Return until when a place is kept for somebody whose job nobody has confirmed yet.

    Until 5pm of the third working day before the run. Near the run, until 5pm of the next working
    day, so that there is time to confirm it; never after the run begins.
    """
    policy = BookingPolicy.load()
    next_day = _at(working_days.later(timezone.localdate(), 1), policy.offer_until)
    if run.starts_at is None:
        return next_day
    last = working_days.later(timezone.localdate(run.starts_at), -policy.job_kept_days)
    return min(max(_at(last, policy.offer_until), next_day), run.starts_at)


def asked_by() -> dt.datetime:
    """Return the cut-off: whoever was asked by then could have answered until now at the latest.

    The inverse of `answer_ends`. Days off belong to the working day before them.
    """
    now, policy = timezone.now(), BookingPolicy.load()
    last = timezone.localdate(now)
    if not working_days.is_working_day(last) or now < _at(last, policy.offer_until):
        last = working_days.later(last, -1)
    asked_on = working_days.later(last, -policy.approval_days)
    return _at(working_days.later(asked_on, 1), dt.time.min) - dt.timedelta.resolution
