"""Draw attendance as a bar chart, beside the table with the same figures."""

from __future__ import annotations

from assurance.reports.attendance import Attendance
from lms.web import charts
from lms.web.charts import Chart, Value

MOST = 15
LONGEST = 34
KEY = [("Attended", "part"), ("Booked", "of")]


def bars(rows: list[Attendance]) -> Chart:
    """Draw the agencies with most bookings, 15 at most: those who came over those booked."""
    booked = [row for row in rows if row.booked]
    shown = sorted(booked, key=lambda row: (-row.booked, row.name))[:MOST]
    groups = [
        (_label(row), [Value("of", row.booked), Value("part", row.attended)]) for row in shown
    ]
    highest = max((row.booked for row in shown), default=1)
    return charts.grouped(groups, highest, spacing=charts.OVERLAID, key=KEY)


def _label(row: Attendance) -> str:
    """Shorten the name to fit; the table has the full name."""
    name = row.name if len(row.name) <= LONGEST else f"{row.name[: LONGEST - 1].rstrip()}…"
    return f"{name}: {row.attended} of {row.booked}"
