"""Draw attendance as a bar chart, beside the table with the same figures."""

from __future__ import annotations

from dataclasses import dataclass

from assurance.reports.attendance import Attendance

WIDTH = 320
STEP = 40
MOST = 15
LONGEST = 34


@dataclass(frozen=True)
class Bar:
    """Bar of one agency: light for those booked, dark on top for those who came."""

    name: str
    booked: int
    attended: int
    y: int
    booked_width: float
    attended_width: float

    @property
    def label(self) -> str:
        """Label shortened to fit; the table has the full name."""
        name = self.name if len(self.name) <= LONGEST else f"{self.name[: LONGEST - 1].rstrip()}…"
        return f"{name}: {self.attended} of {self.booked}"

    @property
    def bar_y(self) -> int:
        return self.y + 6


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    is_whole: bool
    width: int = WIDTH

    @property
    def height(self) -> int:
        return STEP * len(self.bars)


def bars(rows: list[Attendance]) -> Chart:
    """Build bars of the agencies with most bookings, 15 at most, on one scale."""
    shown = sorted(rows, key=lambda row: (-row.booked, row.name))[:MOST]
    scale = WIDTH / max((row.booked for row in shown), default=1)
    drawn = [
        Bar(
            name=row.name,
            booked=row.booked,
            attended=row.attended,
            y=STEP * number + 14,
            booked_width=round(row.booked * scale, 1),
            attended_width=round(row.attended * scale, 1),
        )
        for number, row in enumerate(shown)
    ]
    return Chart(drawn, is_whole=len(rows) <= MOST)
