"""Lay out the bar chart of average answers, beside the table that holds the same figures."""

from __future__ import annotations

from dataclasses import dataclass

from courses.evaluation.results import QuestionResults

WIDTH = 320
ROOM = 40  # for the figure behind the longest bar
HIGHEST = 5
HEADING = 22
STEP = 24
BETWEEN = 12
SHADES = {"before": 6, "at the end": 3, "later": 1, "manager": 2}


@dataclass(frozen=True)
class Bar:
    """Average at one time, on a scale to 5, with its position in the chart."""

    words: str
    average: float
    y: int
    width: float
    shade: int

    @property
    def text_y(self) -> int:
        return self.y + 14

    @property
    def label_x(self) -> float:
        return self.width + 6


@dataclass(frozen=True)
class Group:
    number: int
    y: int
    bars: list[Bar]


@dataclass(frozen=True)
class Chart:
    groups: list[Group]
    height: int
    width: int = WIDTH + ROOM

    @property
    def key(self) -> list[tuple[str, int]]:
        there = {bar.words: bar.shade for group in self.groups for bar in group.bars}
        return [(words, shade) for words, shade in SHADES.items() if words in there]


def chart(lines: list[QuestionResults]) -> Chart:
    """Lay out a group of bars for each question on a scale, numbered as in the table."""
    groups, y = [], 0
    for number, line in enumerate(lines, start=1):
        shown = [(words, tally.average) for words, tally in line.in_order if tally.average]
        if shown:
            bars = [
                Bar(words, average, y + HEADING + STEP * place, _width(average), SHADES[words])
                for place, (words, average) in enumerate(shown)
            ]
            groups.append(Group(number, y + 14, bars))
            y += HEADING + STEP * len(bars) + BETWEEN
    return Chart(groups, y)


def _width(average: float) -> float:
    return round(WIDTH * average / HIGHEST, 1)
