"""Fit texts into a width: choose the font size and break lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

from lms.printing import fonts
from lms.printing.shaping import JOINERS
from lms.refused import Refused

# Longer than any field of a certificate: refused without trying.
MOST_CHARACTERS = 500
LEADING = 1.22
# Stacked letters reach higher and lower than Latin ones.
SHAPED_LEADING = 1.5
# Unicode combining class of viramas, which join the next letter to the one before.
CLASS_OF_VIRAMA = 9


class Sizes(TypedDict):
    """Font sizes to try on one line, then on two."""

    sizes: tuple[float, ...]
    sizes_on_two_lines: tuple[float, ...]


class CannotPrint(Refused):
    """The PDF cannot be rendered as required; the message says why."""


@dataclass(frozen=True)
class Text:
    """Text broken into lines, with its font; a family of None means that it needs shaping."""

    text: str
    lines: tuple[str, ...]
    family: str | None
    size: float
    leading: float
    bold: bool = False

    @property
    def flows(self) -> bool:
        """True if broken only between words, so that the page can break it by itself."""
        return " ".join(self.lines) == self.text

    @property
    def height(self) -> float:
        return len(self.lines) * self.leading


def fit(
    text: str,
    width: float,
    *,
    sizes: Sequence[float],
    sizes_on_two_lines: Sequence[float] = (),
    bold: bool = False,
) -> Text:
    """Set the text at the largest size that fits `width` points, on one line or two."""
    text = fonts.printable(text)
    if len(text) <= MOST_CHARACTERS:
        for lines, offered in ((1, sizes), (2, sizes_on_two_lines)):
            for size in offered:
                broken = set_at(size, text, width, bold=bold)
                if len(broken.lines) <= lines:
                    return broken
    shown = text if len(text) <= 100 else f"{text[:99]}\u2026"
    raise CannotPrint(
        f"\u2018{shown}\u2019 is too long for a certificate. Ask the training office to shorten it."
    )


def set_at(size: float, text: str, width: float, *, bold: bool = False) -> Text:
    if missing := fonts.undrawable(text):
        raise CannotPrint(
            f"Our typefaces have no sign for {missing[:5]}. Ask the training office to change how "
            "it is written."
        )
    family = fonts.family_for(text)
    lines = wrap(text, width, family, bold=bold, size=size)
    leading = round(size * (LEADING if family else SHAPED_LEADING), 1)
    return Text(text, tuple(lines), family, size, leading, bold)


def wrap(text: str, width: float, family: str | None, *, bold: bool, size: float) -> list[str]:
    """Break the text between words, or within a word longer than a line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if fonts.width(longer, family, bold=bold, size=size) <= width:
            lines[-1] = longer
            continue
        lines.append("")
        for cluster in clusters(word):
            if fonts.width(lines[-1] + cluster, family, bold=bold, size=size) > width:
                lines.append("")
            lines[-1] += cluster
    return [line for line in lines if line]


def clusters(word: str) -> Iterator[str]:
    """Yield clusters that must not be split: a letter with its marks, and joined letters."""
    cluster = ""
    for character in word:
        belongs = unicodedata.category(character).startswith("M") or character in JOINERS
        stacks = cluster and (
            unicodedata.combining(cluster[-1]) == CLASS_OF_VIRAMA or cluster[-1] in JOINERS
        )
        if cluster and not belongs and not stacks:
            yield cluster
            cluster = ""
        cluster += character
    yield cluster
