"""Table of reminder days: for cascades, drafts, reviews and course dates."""

import datetime as dt

import pytest
from django.utils import timezone

from lms import reminder_days
from lms.reminder_days import Schedule

DEADLINE = dt.date(2026, 6, 15)
THREE_BEFORE_THEN_WEEKLY = Schedule((3, 0), every=7)
REVIEW = Schedule((90, 30, 0))


def june(day):
    return dt.date(2026, 6, day)


def before(days):
    return DEADLINE - dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("schedule", "today", "day"),
    [
        (THREE_BEFORE_THEN_WEEKLY, june(11), None),
        (THREE_BEFORE_THEN_WEEKLY, june(12), june(12)),
        (THREE_BEFORE_THEN_WEEKLY, june(14), june(12)),
        (THREE_BEFORE_THEN_WEEKLY, june(15), june(15)),
        (THREE_BEFORE_THEN_WEEKLY, june(21), june(15)),
        (THREE_BEFORE_THEN_WEEKLY, june(22), june(22)),
        (THREE_BEFORE_THEN_WEEKLY, june(30), june(29)),
        (Schedule((0, 0), every=1), june(14), None),
        (Schedule((0, 0), every=1), june(20), june(20)),
        (REVIEW, before(91), None),
        (REVIEW, before(90), before(90)),
        (REVIEW, before(31), before(90)),
        (REVIEW, before(30), before(30)),
        (REVIEW, before(0), DEADLINE),
        (REVIEW, before(-400), DEADLINE),
        (Schedule((10, 60, 0)), before(20), before(60)),
    ],
)
def test_the_latest_reminder_day(schedule, today, day):
    assert schedule.latest(DEADLINE, today) == day
    assert (schedule.last_deadline(today) >= DEADLINE) == (day is not None)


@pytest.mark.parametrize(
    ("asked_on", "reminded_on", "today", "is_due"),
    [
        (june(1), None, june(11), False),
        (june(1), None, june(12), True),
        (june(1), None, june(13), True),  # no worker ran on the 12th
        (june(1), june(12), june(12), False),
        (june(1), june(12), june(14), False),
        (june(1), june(5), june(12), True),  # by hand, before the first day
        (june(12), None, june(12), False),  # asked on a reminder day
        (june(13), None, june(14), False),
        (june(13), None, june(15), True),
        (june(1), june(20), june(21), False),
        (june(1), june(20), june(22), True),
        (june(20), None, june(21), False),  # asked after the deadline
        (june(20), None, june(22), True),
    ],
)
def test_a_reminder_is_due_once_a_day_has_passed_since_the_last(
    asked_on, reminded_on, today, is_due
):
    since = [asked_on, reminded_on]
    assert THREE_BEFORE_THEN_WEEKLY.is_due(DEADLINE, today, since=since) is is_due


@pytest.mark.parametrize(("today", "day"), [(1, None), (2, 2), (3, 2), (4, 4), (9, 4)])
def test_of_several_moments_the_latest_that_has_come(today, day):
    found = reminder_days.latest([june(4), june(2)], june(today))
    assert found == (day and june(day))


@pytest.mark.parametrize(
    ("day", "hour_in_utc"), [(dt.date(2026, 3, 28), 9), (dt.date(2026, 3, 29), 8)]
)
def test_a_morning_is_the_same_hour_in_london_over_a_clock_change(day, hour_in_utc):
    moment = reminder_days.morning(day, dt.time(9))
    assert timezone.localtime(moment).time() == dt.time(9)
    assert moment.astimezone(dt.UTC).hour == hour_in_utc


def test_a_moment_comes_due_and_is_stale_later():
    now, span = dt.datetime(2026, 6, 15, tzinfo=dt.UTC), dt.timedelta(days=2)
    wanted = dict(reminder_days.came_due("asked_at", now, stays_due_for=span).children)
    assert wanted == {"asked_at__lte": now, "asked_at__gt": now - span}
