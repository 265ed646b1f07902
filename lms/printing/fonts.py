"""Choose, measure and build the typefaces in which text is printed in PDFs.

The site's own typeface covers most names; Noto Sans those with accents that it lacks (Welsh,
Vietnamese, Yoruba), Greek, Cyrillic, arrows and other symbols. npm delivers both as WOFF2
files by alphabet; a PDF needs one TrueType file per weight, built at first use and cached in
settings.LMS_PRINTING_ASSETS. All other scripts are shaped first (shaping.py).
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from fontTools.merge import Merger
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase import ttfonts as reportlab_ttfonts

from lms.printing import shaping
from lms.printing.shaping import JOINERS, WEIGHTS

# In order of preference. A text is set in one family only, never mixed within a word.
FAMILIES = {
    "atkinson-hyperlegible": ("latin", "latin-ext"),
    "noto-sans": ("latin", "latin-ext", "vietnamese", "greek", "cyrillic", "cyrillic-ext"),
}
FIRST, WIDEST = FAMILIES
# Symbols that Noto Sans's files by alphabet lack; its Chinese package has them.
SIGNS = "←↑→↓↔⇒≈≠≤≥■□▲▶▼◆○●★☆☎⚠✓"
# Layout and hinting tables: not used in a PDF, and the merger cannot handle them.
UNUSED_TABLES = (
    "BASE", "GSUB", "GPOS", "GDEF", "STAT", "fpgm", "prep", "cvt ", "gasp", "vhea", "vmtx",
)  # fmt: skip
# Characters printed as an equivalent: hyphens as the one sign the typefaces have, and ticks,
# crosses and boxes that no typeface has as ones that they do have.
PRINTED_AS = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u02bc": "\u2019"}
    | {"✔": "✓", "☑": "✓", "☒": "×", "✗": "×", "✘": "×", "☐": "□"}
)

JOINING = frozenset(map(ord, JOINERS))
# Joiners are spelling between letters from Hebrew to Sinhala; elsewhere they hide in a name.
HIDDEN_JOINERS = re.compile(f"(?<![\u0590-\u0dff])[{JOINERS}]+|[{JOINERS}]+(?![\u0590-\u0dff])")


def printable(text: str) -> str:
    """Normalise text for printing: compose accents, collapse spaces, drop invisible characters."""
    seen = unicodedata.normalize("NFC", text)
    seen = HIDDEN_JOINERS.sub("", seen)
    seen = "".join(each for each in seen if each in JOINERS or not is_hidden(each))
    return " ".join(seen.split()).translate(PRINTED_AS)


def is_hidden(character: str) -> bool:
    """Return whether it is a control or bidirectional-override character, never part of a name."""
    return not character.isspace() and unicodedata.category(character) in {"Cc", "Cf"}


def family_for(text: str) -> str | None:
    """Return the first typeface with every character of `text`; None if it must be shaped."""
    needed = {ord(character) for character in text}
    return next((family for family in FAMILIES if needed <= covered(family)), None)


def undrawable(text: str) -> list[str]:
    """List the characters that none of the typefaces can draw."""
    known = covered(WIDEST) | JOINING
    return sorted(
        {
            character
            for character in text
            if ord(character) not in known and not shaping.pieces_with(character)
        }
    )


def width(text: str, family: str | None, *, bold: bool, size: float) -> float:
    """Measure a text in points; with no family, as it is shaped."""
    if family is None:
        return shaping.shape(text, bold=bold).width * size / shaping.EM
    return pdfmetrics.stringWidth(text, registered(family, bold), size)


@cache
def covered(family: str) -> frozenset[int]:
    regular, bold = (set(TTFont(truetype(family, weight)).getBestCmap()) for weight in WEIGHTS)
    return frozenset(regular & bold)


@cache
def registered(family: str, bold: bool) -> str:
    """Register a face with ReportLab, and so xhtml2pdf; return its name there."""
    name = f"{family}_{int(bold)}0"
    pdfmetrics.registerFont(reportlab_ttfonts.TTFont(name, truetype(family, bold)))
    return name


@cache
def truetype(family: str, bold: bool) -> Path:
    """Return the TrueType file of one weight; rebuilt when the npm package's files change."""
    pieces = [source(family, subset, WEIGHTS[bold]) for subset in FAMILIES[family]]
    signs = SIGNS if family == WIDEST else ""
    content = b"".join(piece.read_bytes() for piece in pieces) + signs.encode()
    digest = hashlib.sha256(content).hexdigest()[:12]
    folder = Path(settings.LMS_PRINTING_ASSETS)
    made = folder / f"{family}-{WEIGHTS[bold]}-{digest}.ttf"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # One thread of one process builds it, the others wait for that: it takes seconds.
        with (folder / "building.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                with tempfile.TemporaryDirectory(dir=folder) as work:
                    merge([*map(opened, pieces), *with_signs(signs, bold)], Path(work))
                    (Path(work) / "merged.ttf").replace(made)
    return made


def source(family: str, subset: str, weight: int) -> Path:
    file = Path(
        settings.LMS_PRINTING_FONTS, family, "files", f"{family}-{subset}-{weight}-normal.woff2"
    )
    if not file.exists():
        raise ImproperlyConfigured(f"The typeface {family} is not there: run npm ci ({file}).")
    return file


def opened(piece: Path) -> TTFont:
    font = TTFont(piece, recalcTimestamp=False)
    font.flavor = None
    for table in UNUSED_TABLES:
        if table in font:
            del font[table]
    return font


def with_signs(signs: str, bold: bool) -> Iterator[TTFont]:
    """Yield, per typeface file, a font with only those of the symbols it is the first to have."""
    first = {sign: shaping.pieces_with(sign)[0] for sign in signs}
    for piece in dict.fromkeys(first.values()):
        font = opened(piece.file(bold=bold))
        subsetter = Subsetter()
        subsetter.populate(unicodes=[ord(sign) for sign in signs if first[sign] == piece])
        subsetter.subset(font)
        yield font


def merge(fonts: list[TTFont], folder: Path) -> None:
    """Merge fonts into one TrueType file, merged.ttf, with the line height of the first."""
    first = fonts[0]["hhea"]
    height = {name: getattr(first, name) for name in ("ascent", "descent", "lineGap")}
    saved = []
    for position, font in enumerate(fonts):
        saved.append(str(folder / f"{position}.ttf"))
        font.save(saved[-1])
    merged = Merger().merge(saved)
    vars(merged["hhea"]).update(height)
    merged.save(folder / "merged.ttf")


def faces(families: set[str]) -> list[dict[str, str | bool]]:
    """List the typefaces that a page declares, each in both weights."""
    return [
        {"family": family, "bold": bold, "file": truetype(family, bold).name}
        for family in sorted(families)
        for bold in WEIGHTS
    ]
