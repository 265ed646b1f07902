"""Shape text in scripts whose letters join, stack or run right to left.

HarfBuzz shapes; xhtml2pdf's bidi orders. Shaped text is drawn as outlines (outlines.py),
because text in a PDF is neither joined nor stacked.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

import uharfbuzz
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from fontTools.ttLib import TTFont
from xhtml2pdf.bidi import display_order, get_display

# In order of preference: @fontsource packages, each split into files by alphabet.
PACKAGES = (
    "noto-sans",
    "noto-sans-arabic",
    "noto-sans-gurmukhi",
    "noto-sans-bengali",
    "noto-sans-devanagari",
    "noto-sans-gujarati",
    "noto-sans-tamil",
    "noto-sans-hebrew",
    "noto-sans-sc",
)
WEIGHTS = {False: 400, True: 700}
# Zero-width non-joiner and joiner: spelling in Urdu and Indic scripts, nothing elsewhere.
JOINERS = "\u200c\u200d"
# Units per em in every file.
EM = 1000


@dataclass(frozen=True)
class Piece:
    """One file of a typeface: an alphabet, or some hundred Chinese characters."""

    package: str
    subset: str

    def file(self, *, bold: bool) -> Path:
        name = f"{self.package}-{self.subset}-{WEIGHTS[bold]}-normal.woff2"
        return Path(settings.LMS_PRINTING_FONTS, self.package, "files", name)


@dataclass(frozen=True)
class Sign:
    """A glyph of a piece and its origin, in units of the em from the start of the line."""

    piece: Piece
    glyph: int
    x: int
    y: int


@dataclass(frozen=True)
class ShapedLine:
    """A text shaped for drawing from left to right, with its characters in visual order."""

    signs: tuple[Sign, ...]
    width: int
    visual: str


@lru_cache(maxsize=1024)
def shape(text: str, *, bold: bool) -> ShapedLine:
    """Shape a text. Raises LookupError for a character that none of the typefaces has."""
    signs: list[Sign] = []
    at = 0
    for piece, part, is_rtl in runs(text):
        buffer = uharfbuzz.Buffer()
        buffer.add_str(part)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if is_rtl else "ltr"
        uharfbuzz.shape(font(piece, bold), buffer, {"kern": True})
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            x, y = at + position.x_offset, position.y_offset
            signs.append(Sign(piece, info.codepoint, x, y))
            at += position.x_advance
    return ShapedLine(tuple(signs), at, get_display(text, None))


def runs(text: str) -> Iterator[tuple[Piece, str, bool]]:
    """Yield runs in visual order: (piece, text as spelled, is right-to-left)."""
    pieces = pieces_of(text)
    order, levels = display_order(text, None)
    for (piece, level), places in groupby(order, key=lambda at: (pieces[at], levels[at])):
        yield piece, "".join(text[at] for at in sorted(places)), bool(level % 2)


def pieces_of(text: str) -> list[Piece]:
    """Return a piece for each character, the previous one's if possible, to keep words together."""
    found: list[Piece] = []
    for character in text:
        if found and (ord(character) in covered(found[-1]) or character in JOINERS):
            found.append(found[-1])
        elif has := pieces_with(character):
            found.append(has[0])
        else:
            raise LookupError(character)
    return found


@lru_cache(maxsize=4096)
def pieces_with(character: str) -> tuple[Piece, ...]:
    """List the pieces with this character, in order of preference."""
    sign = ord(character)
    return tuple(
        Piece(package, subset)
        for package in PACKAGES
        for subset, claimed in alphabets(package).items()
        if any(first <= sign <= last for first, last in claimed)
        and sign in covered(Piece(package, subset))
    )


@cache
def alphabets(package: str) -> dict[str, list[tuple[int, int]]]:
    """Return each piece's ranges as (first, last) code points."""
    file = Path(settings.LMS_PRINTING_FONTS, package, "unicode.json")
    if not file.exists():
        raise ImproperlyConfigured(f"The typeface {package} is not there: run npm ci ({file}).")
    return {
        subset.strip("[]"): [bounds(each) for each in ranges.split(",")]
        for subset, ranges in json.loads(file.read_text()).items()
    }


def bounds(written: str) -> tuple[int, int]:
    """Parse a range such as 'U+600-6ff', or a single 'U+20'."""
    first, _, last = written.strip().removeprefix("U+").partition("-")
    return int(first, 16), int(last or first, 16)


@cache
def covered(piece: Piece) -> frozenset[int]:
    return frozenset(font(piece, True).face.unicodes)


@lru_cache(maxsize=64)
def font(piece: Piece, bold: bool) -> uharfbuzz.Font:
    """Load a piece in HarfBuzz, decompressed first, as HarfBuzz reads no WOFF2."""
    plain = io.BytesIO()
    with TTFont(piece.file(bold=bold), recalcTimestamp=False) as opened:
        opened.flavor = None
        opened.save(plain)
    return uharfbuzz.Font(uharfbuzz.Face(plain.getvalue()))
