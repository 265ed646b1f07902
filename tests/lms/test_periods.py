"""Tests of the first and last days of reports' named periods."""

import datetime as dt

import pytest

from lms import periods


def named(today, name):
    [period] = [each for each in periods.presets(today) if each.name == name]
    return period.since, period.until


@pytest.mark.parametrize(
    ("today", "name", "since", "until"),
    [
        ("2026-11-30", "Last 12 months", "2025-12-01", "2026-11-30"),
        ("2028-02-28", "Last 12 months", "2027-03-01", "2028-02-28"),
        ("2028-02-29", "Last 12 months", "2027-03-01", "2028-02-29"),
        ("2026-01-01", "This quarter", "2026-01-01", "2026-03-31"),
        ("2026-12-31", "This quarter", "2026-10-01", "2026-12-31"),
        ("2027-01-15", "Last quarter", "2026-10-01", "2026-12-31"),
        ("2026-03-31", "This financial year", "2025-04-01", "2026-03-31"),
        ("2026-04-01", "This financial year", "2026-04-01", "2027-03-31"),
        ("2026-04-01", "Last financial year", "2025-04-01", "2026-03-31"),
        ("2026-08-31", "This academic year", "2025-09-01", "2026-08-31"),
        ("2026-09-01", "This academic year", "2026-09-01", "2027-08-31"),
    ],
)
def test_a_named_period_has_its_first_and_its_last_day(today, name, since, until):
    days = named(dt.date.fromisoformat(today), name)
    assert tuple(day.isoformat() for day in days) == (since, until)


def test_the_usual_period_comes_first():
    assert periods.presets(dt.date(2026, 11, 30))[0].name == "Last 12 months"
