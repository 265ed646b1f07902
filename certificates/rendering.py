"""How does a certificate become a PDF?"""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pypdf
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from PIL import Image
from reportlab import rl_config
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument

from certificates import fonts, mark, outlines
from certificates.fitting import CannotPrint, Sizes, Text, fit, set_at
from certificates.models import Certificate

# In points: what is inside the border, and the two columns of outcomes.
TEXT_WIDTH = 690
COLUMN_WIDTH = 334
MOST_OUTCOMES = 6
OUTCOMES_HEIGHT = 108
OUTCOME_GAP = 4
SIGNATORY_WIDTH = 216
HOST_WIDTH = 163
HEAD_FOOT = 339
MOST_SMALLER = 6
MOST_BYTES = 110 * 1024
INK, QUIET, ACCENT = "#1d2625", "#4f5b5a", "#0b5563"

TOO_MUCH = (
    "The certificate does not fit on one page. Ask the training office to shorten what is on it."
)
# From the one that is hoped for to the least that can be read.
BOARD_SIZES = (13, 12, 11, 10, 9, 8, 7)
NAME_SIZES: Sizes = {
    "sizes": (36, 34, 32, 30, 28, 26, 24),
    "sizes_on_two_lines": (22, 20, 18, 16, 14, 12, 10),
}
AGENCY_SIZES = (11.5, 10, 9, 8, 7, 6, 5)
TITLE_SIZES: Sizes = {
    "sizes": (21, 19, 17),
    "sizes_on_two_lines": (15.5, 14, 12, 10, 8, 7, 6),
}
FACTS_SIZES = (11.5, 10.5, 9.5, 8.5, 7, 6)
SIGNATORY_NAME_SIZES: Sizes = {
    "sizes": (12, 11, 10),
    "sizes_on_two_lines": (10, 9, 8, 7, 6),
}
SIGNATORY_TITLE_SIZES: Sizes = {"sizes": (10, 9), "sizes_on_two_lines": (8, 7, 6)}
HOST_SIZES = (9, 8, 7, 6, 5, 4.5, 4)
# xhtml2pdf's own style sheet is long, and read again for every document; this says what we use.
PLAIN_CSS = "html, body, div, p {display: block}"

# Streams as bytes rather than as base 85 text, which ReportLab would spell out in Python.
rl_config.useA85 = 0


@dataclass(frozen=True)
class Placed:
    """A text with what is left free above it, in the order of the page."""

    text: Text
    gap: float = 0
    colour: str = INK


@dataclass(frozen=True)
class Frame:
    """Texts one below the other, from a corner of the page, in points."""

    left: float
    top: float
    width: float
    texts: list[Placed]
    is_centred: bool = True

    def shaped(self) -> Iterator[outlines.Drawn]:
        """What xhtml2pdf leaves free, line by line: where it stands, it was told."""
        top = self.top
        for placed in self.texts:
            top += placed.gap
            for line in placed.text.lines:
                if placed.text.family is None:
                    yield self.drawn(line, placed, top)
                top += placed.text.leading

    def drawn(self, line: str, placed: Placed, top: float) -> outlines.Drawn:
        text = placed.text
        free = self.width - fonts.width(line, None, bold=text.bold, size=text.size)
        left = self.left + (free / 2 if self.is_centred else 0)
        return outlines.Drawn(line, text.bold, text.size, left, top, placed.colour)

    @property
    def foot(self) -> float:
        return self.top + sum(placed.gap + placed.text.height for placed in self.texts)


def render(certificate: Certificate) -> bytes:
    """One A4 page, landscape, with its fonts in it; `CannotPrint` if anything would be missing."""
    framed = frames(certificate)
    pdf = printed(certificate, context(certificate, framed))
    if lines := [line for frame in framed for line in frame.shaped()]:
        pdf = outlines.laid_over(pdf, lines)
    if len(pdf) > MOST_BYTES:
        raise CannotPrint(TOO_MUCH)
    return pdf


def printed(certificate: Certificate, page: dict) -> bytes:
    """All but what is shaped, for which there is room."""
    out = io.BytesIO()
    result = pisaDocument(
        render_to_string("certificates/pdf/certificate.html", page),
        out,
        path=str(assets() / "certificate.html"),
        default_css=PLAIN_CSS,
        context_meta={
            "title": f"Certificate {certificate.number}: {certificate.title}",
            "author": certificate.board,
            "subject": f"{certificate.name}, completed on {certificate.completed_on:%d/%m/%Y}",
        },
        resource_policy=ResourceAccessPolicy.server(assets(), allow_remote=False),
    )
    if result.err or result.warn:
        raise CannotPrint(
            f"The certificate could not be printed whole. Tell the training office: {result.log}"
        )
    pdf = out.getvalue()
    if len(pypdf.PdfReader(io.BytesIO(pdf)).pages) != 1:
        raise CannotPrint(TOO_MUCH)
    return pdf


def check_printable(texts: dict[str, str]) -> None:
    """Every character has a sign in our typefaces; else `CannotPrint` names what has not."""
    for what, text in texts.items():
        missing = fonts.undrawable(text)
        if missing:
            signs = " ".join(f"\u2018{sign}\u2019" for sign in missing[:5])
            raise CannotPrint(
                f"The {what} cannot be printed on a certificate: our typefaces have no sign for "
                f"{signs}. Please ask the training office to change how it is written."
            )


def frames(certificate: Certificate) -> list[Frame]:
    """Everything that may be long, or in another script than ours."""
    columns = in_columns(certificate.outcomes[:MOST_OUTCOMES])
    return [
        head(certificate),
        *[
            Frame(left, 356, 336, [Placed(text, OUTCOME_GAP) for text in column], is_centred=False)
            for left, column in zip((75, 431), columns, strict=True)
        ],
        signatory(certificate),
    ]


def head(certificate: Certificate) -> Frame:
    """From the board's name to the course's, as large as there is room for above the outcomes."""
    for smaller in range(MOST_SMALLER):
        frame = head_at(certificate, smaller)
        if frame.foot <= HEAD_FOOT:
            return frame
    raise CannotPrint(TOO_MUCH)


def head_at(certificate: Certificate, smaller: int) -> Frame:
    """Its two long texts so many sizes smaller than there is width for."""
    texts = [
        Placed(fit(certificate.board, TEXT_WIDTH, sizes=BOARD_SIZES, bold=True), 0, ACCENT),
        Placed(fit("Certificate of completion", TEXT_WIDTH, sizes=(17,)), 4),
        Placed(fit("This is to certify that", TEXT_WIDTH, sizes=(11.5,)), 8, QUIET),
        Placed(fit(certificate.name, TEXT_WIDTH, **but(NAME_SIZES, smaller), bold=True), 3, ACCENT),
        Placed(fit(certificate.agency, TEXT_WIDTH, sizes=AGENCY_SIZES), 2, QUIET),
        Placed(fit("has completed", TEXT_WIDTH, sizes=(11.5,)), 8, QUIET),
        Placed(fit(certificate.title, TEXT_WIDTH, **but(TITLE_SIZES, smaller), bold=True), 4),
        Placed(fit(facts(certificate), TEXT_WIDTH, sizes=FACTS_SIZES), 4, QUIET),
    ]
    return Frame(75, 113, 692, [placed for placed in texts if placed.text.text])


def but(sizes: Sizes, largest: int) -> Sizes:
    """Without so many of the largest on two lines."""
    return {**sizes, "sizes_on_two_lines": sizes["sizes_on_two_lines"][largest:]}


def signatory(certificate: Certificate) -> Frame:
    name = fit(certificate.signatory_name, SIGNATORY_WIDTH, **SIGNATORY_NAME_SIZES, bold=True)
    title = fit(certificate.signatory_title, SIGNATORY_WIDTH, **SIGNATORY_TITLE_SIZES)
    return Frame(270, 510.8, 220, [Placed(name), Placed(title, 0, QUIET)])


def context(certificate: Certificate, framed: list[Frame]) -> dict:
    texts = [placed.text for frame in framed for placed in frame.texts]
    host = fit(urlsplit(settings.SITE_URL).netloc, HOST_WIDTH, sizes=HOST_SIZES)
    shown = min(MOST_OUTCOMES, len(certificate.outcomes))
    return {
        "certificate": certificate,
        "frames": framed,
        "host": host,
        "shown": shown,
        "total": len(certificate.outcomes),
        "faces": faces({text.family for text in [*texts, host] if text.family}),
        "check_path": reverse("certificates:check"),
        "qr": qr(certificate.verify_url),
        "mark": mark_file().name,
    }


def facts(certificate: Certificate) -> str:
    version = f", version {certificate.course_version}" if certificate.course_version else ""
    return " \u00b7 ".join(
        [
            certificate.format,
            certificate.hours_in_words,
            f"Course {certificate.course_code}{version}",
        ]
    )


def in_columns(outcomes: list[str]) -> list[list[Text]]:
    """Two columns of outcomes, all at one size, the largest at which both fit."""
    for size in (10.5, 10, 9.5, 9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5):
        texts = [set_at(size, fonts.printable(outcome), COLUMN_WIDTH) for outcome in outcomes]
        half = (len(texts) + 1) // 2
        columns = [texts[:half], texts[half:]]
        if all(height(column) <= OUTCOMES_HEIGHT for column in columns):
            return columns
    raise CannotPrint(
        "The outcomes of this course are too long for a certificate. Ask the training office to "
        "shorten them."
    )


def height(column: list[Text]) -> float:
    return sum(text.height + OUTCOME_GAP for text in column)


def faces(families: set[str]) -> list[dict]:
    """The typefaces to declare: the first, and another only where a text needs it."""
    return [
        {
            "family": family,
            "bold": bold,
            "file": fonts.truetype(family, bold).name,
        }
        for family in sorted(families | {fonts.FIRST})
        for bold in fonts.WEIGHTS
    ]


def qr(address: str) -> str:
    """A QR code of `address` as a data: URI, one bit a pixel.

    Any of the eight masks may be used; trying them all for the prettiest takes longer than the
    whole page.
    """
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(address)
    code.version = code.calculate_version()
    code.makeImpl(False, 0)
    side = code.moduleCount
    picture = Image.new("1", (side, side), 1)
    picture.putdata([0 if dark else 1 for row in code.modules for dark in row])
    out = io.BytesIO()
    picture.resize((side * 4, side * 4), Image.Resampling.NEAREST).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def assets() -> Path:
    folder = Path(settings.CERTIFICATE_ASSETS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def mark_file() -> Path:
    """The board's own mark, or one that is drawn, where the making of the page may read it."""
    picture = Path(settings.BOARD_MARK).read_bytes() if settings.BOARD_MARK else mark.draw()
    file = assets() / f"mark-{hashlib.sha256(picture).hexdigest()[:12]}.png"
    if not file.exists():
        with tempfile.NamedTemporaryFile(dir=assets(), delete=False) as work:
            work.write(picture)
        Path(work.name).replace(file)
    return file
