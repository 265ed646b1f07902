"""Lay out bar charts, each beside a table or words with the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

BESIDE = 320  # width of the longest bar in a chart beside its table
ACROSS = 600  # width of a bar of parts


class Bar(NamedTuple):
    """Rectangle of a chart; `shade` is the CSS class of its colour."""

    shade: str
    x: float
    y: float
    width: float
    height: float


class Text(NamedTuple):
    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Chart:
    """Bars and texts with their positions; `key` is what each shade stands for."""

    width: int
    height: int
    bars: list[Bar]
    texts: list[Text] = field(default_factory=list)
    key: list[tuple[str, str]] = field(default_factory=list)
    is_stretched: bool = False

    @property
    def words(self) -> str:
        return ", ".join(words for words, _ in self.key)


class Value(NamedTuple):
    """One bar of a group, with the figure written behind it."""

    shade: str
    number: float
    figure: str = ""


class Spacing(NamedTuple):
    """Heights within a group of bars; with a `step` of 0 each bar covers the one before it."""

    heading: int
    bar: int
    step: int
    after: int


APART = Spacing(heading=22, bar=18, step=24, after=12)
OVERLAID = Spacing(heading=20, bar=10, step=0, after=20)


def grouped(
    groups: Iterable[tuple[str, Sequence[Value]]],
    highest: float,
    *,
    spacing: Spacing = APART,
    key: list[tuple[str, str]],
    margin: int = 0,
) -> Chart:
    """Lay out groups of bars below their headings, on one scale up to `highest`."""
    bars, texts, y = [], [], 0
    for heading, values in groups:
        texts.append(Text(0, y + 14, heading))
        for place, value in enumerate(values):
            top = y + spacing.heading + spacing.step * place
            width = round(BESIDE * value.number / highest, 1)
            bars.append(Bar(value.shade, 0, top, width, spacing.bar))
            texts += [Text(width + 6, top + 14, value.figure)] if value.figure else []
        y += spacing.heading + spacing.step * len(values) + spacing.after
    return Chart(BESIDE + margin, y, bars, texts, key)


def of_parts(parts: Sequence[tuple[str, int]]) -> Chart:
    """Lay out one bar of parts, each with a shade of its own and its number in the key."""
    total, x, bars, key = sum(number for _, number in parts), 0.0, [], []
    for place, (name, number) in enumerate(parts, start=1):
        width = ACROSS * number / total
        bars.append(Bar(f"shade-{place}", round(x, 1), 0, round(width, 1), APART.bar))
        key.append((f"{name} {number}", f"shade-{place}"))
        x += width
    return Chart(ACROSS, APART.bar, bars, key=key, is_stretched=True)
