"""Draw shaped text onto a PDF as outlines, with an invisible text layer for search."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import pypdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.basePen import BasePen
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from fontTools.ttLib.tables._g_l_y_f import Glyph
from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from lms.printing import shaping

# In ems, from the top of a line to its baseline, with room for stacked letters.
BASELINE = 1.1
# Grid units per em: a finer grid would let a long Chinese name fill half the file.
LARGE, FINE, COARSE = 18, 1000, 250
UNSEEN = "Unseen"
INVISIBLE = 3


@dataclass(frozen=True)
class Drawn:
    """Line to draw, in points from the top left corner of the page."""

    text: str
    bold: bool
    size: float
    left: float
    top: float
    colour: str


def laid_over(pdf: bytes, lines: Iterable[Drawn]) -> bytes:
    """Draw these lines on the first page, keeping title, language and links."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    page = writer.pages[0]
    over = pypdf.PdfReader(io.BytesIO(sheet(page.mediabox, lines))).pages[0]
    page.merge_page(over)
    page.compress_content_streams()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sheet(box: pypdf.generic.RectangleObject, lines: Iterable[Drawn]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(float(box.width), float(box.height)), pageCompression=1)
    for line in lines:
        draw(canvas, line, foot=float(box.height) - line.top - BASELINE * line.size)
    canvas.save()
    return out.getvalue()


def draw(canvas: Canvas, line: Drawn, *, foot: float) -> None:
    """Draw the outlines, and invisible text over them to search, copy and read aloud."""
    shaped = shaping.shape(line.text, bold=line.bold)
    grid = FINE if line.size >= LARGE else COARSE
    canvas.saveState()
    canvas.translate(line.left, foot)
    canvas.scale(line.size / grid, line.size / grid)
    canvas.setFillColor(HexColor(line.colour))
    x = y = 0
    for sign in shaped.signs:
        at = on_grid(sign.x, grid), on_grid(sign.y, grid)
        canvas.translate(at[0] - x, at[1] - y)
        x, y = at
        canvas.drawPath(outlined(canvas, sign, line.bold, grid), stroke=0, fill=1, fillMode=1)
    canvas.restoreState()
    unseen = canvas.beginText(line.left, foot)
    unseen.setTextRenderMode(INVISIBLE)
    unseen.setFont(letters(), line.size)
    wide = pdfmetrics.stringWidth(shaped.visual, letters(), line.size)
    unseen.setHorizScale(100 * shaped.width * line.size / shaping.EM / wide)
    unseen.textOut(shaped.visual)
    canvas.drawText(unseen)


def outlined(canvas: Canvas, sign: shaping.Sign, bold: bool, grid: int) -> PDFPathObject:
    path = canvas.beginPath()
    for verb, points in outline(sign.piece, sign.glyph, bold):
        getattr(path, verb)(*(on_grid(each, grid) for each in points))
    return path


def on_grid(units: float, grid: int) -> int:
    return round(units * grid / shaping.EM)


class Steps(BasePen):
    """Pen that records HarfBuzz outlines as calls of ReportLab's path methods."""

    def __init__(self):
        super().__init__(None)
        self.steps: list[tuple[str, tuple[float, ...]]] = []

    def note(self, verb: str, *points: tuple[float, float]) -> None:
        self.steps.append((verb, tuple(each for point in points for each in point)))

    def _moveTo(self, pt):
        self.note("moveTo", pt)

    def _lineTo(self, pt):
        self.note("lineTo", pt)

    def _curveToOne(self, pt1, pt2, pt3):
        self.note("curveTo", pt1, pt2, pt3)

    def _closePath(self):
        self.note("close")


@lru_cache(maxsize=2048)
def outline(piece: shaping.Piece, glyph: int, bold: bool) -> tuple:
    pen = Steps()
    shaping.font(piece, bold).draw_glyph_with_pen(glyph, pen)
    return tuple(pen.steps)


@cache
def letters() -> str:
    """Register a font with one empty glyph for every character, for the invisible text."""
    pdfmetrics.registerFont(ttfonts.TTFont(UNSEEN, io.BytesIO(empty_face())))
    return UNSEEN


def empty_face() -> bytes:
    signs = [*range(0x20, 0xD800), *range(0xE000, 0xFFFE), *range(0x10000, 0x32000)]
    font = FontBuilder(shaping.EM, isTTF=True)
    font.setupGlyphOrder([".notdef", "letter"])
    font.setupCharacterMap({})
    font.font["cmap"].tables.append(all_as_one(signs))
    font.setupGlyf({".notdef": Glyph(), "letter": Glyph()})
    font.setupHorizontalMetrics({".notdef": (500, 0), "letter": (500, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": UNSEEN, "styleName": "Regular", "psName": UNSEEN})
    font.setupOS2()
    font.setupPost()
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def all_as_one(signs: list[int]) -> CmapSubtable:
    table = CmapSubtable.newSubtable(13)
    table.platformID, table.platEncID, table.language = 3, 10, 0
    table.cmap = dict.fromkeys(signs, "letter")
    return table
