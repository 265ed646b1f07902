"""Bar chart of the agencies and professions of those on a run, and its text alternative."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 600
# More parts than this are merged as 'others': no more shades can be told apart.
MOST = 6


@dataclass(frozen=True)
class Part:
    """Segment of the bar: how many people, its left edge and width (of WIDTH), its shade."""

    name: str
    people: int
    x: float
    width: float
    shade: int


@dataclass(frozen=True)
class Bar:
    parts: list[Part]
    people: int
    width: int = WIDTH

    @property
    def words(self) -> str:
        return ", ".join(f"{part.name} {part.people}" for part in self.parts)


def bar(names: Iterable[str]) -> Bar:
    """Build a bar from one name per person: largest first, the smallest merged as 'others'."""
    counted = sorted(Counter(names).items(), key=lambda each: (-each[1], each[0]))
    shown = counted if len(counted) <= MOST else counted[: MOST - 1]
    if rest := sum(number for _, number in counted[len(shown) :]):
        shown = [*shown, (f"{len(counted) - len(shown)} others", rest)]
    people = sum(number for _, number in shown)
    parts, x = [], 0.0
    for shade, (name, number) in enumerate(shown, start=1):
        width = WIDTH * number / people
        parts.append(Part(name, number, round(x, 1), round(width, 1), shade))
        x += width
    return Bar(parts, people)
