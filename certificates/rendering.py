"""How does a certificate become a PDF?"""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
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

from certificates import fonts, mark
from certificates.models import Certificate

# In points: what is inside the border, and the two columns of outcomes.
TEXT_WIDTH = 690
COLUMN_WIDTH = 334
MOST_OUTCOMES = 6
OUTCOMES_HEIGHT = 108
OUTCOME_GAP = 4
SIGNATORY_WIDTH = 216
HOST_WIDTH = 163
# xhtml2pdf's own style sheet is long, and read again for every document; this says what we use.
PLAIN_CSS = "html, body, div, p {display: block}"

# Streams as bytes rather than as base 85 text, which ReportLab would spell out in Python.
rl_config.useA85 = 0


class CannotPrint(Exception):
    """The page cannot be made as it must be; the sentence says what stands in the way."""


@dataclass(frozen=True)
class Text:
    """A text broken into lines that fit, and how to set them."""

    text: str
    lines: list[str]
    family: str
    size: float
    leading: float

    @property
    def flows(self) -> bool:
        """Broken between words only, where the page breaks it by itself."""
        return " ".join(self.lines) == self.text


def render(certificate: Certificate) -> bytes:
    """One A4 page, landscape, with its fonts in it; `CannotPrint` if anything would be missing."""
    page = render_to_string("certificates/pdf/certificate.html", context(certificate))
    out = io.BytesIO()
    result = pisaDocument(
        page,
        out,
        path=str(assets() / "certificate.html"),
        default_css=PLAIN_CSS,
        context_meta={
            "title": f"Certificate {certificate.number}: {certificate.title}",
            "author": certificate.board,
            "subject": f"Completed on {certificate.completed_on:%d/%m/%Y}",
        },
        resource_policy=ResourceAccessPolicy.server(assets(), allow_remote=False),
    )
    if result.err or result.warn:
        raise CannotPrint(
            f"The certificate could not be printed whole. Tell the training office: {result.log}"
        )
    pdf = out.getvalue()
    if len(pypdf.PdfReader(io.BytesIO(pdf)).pages) != 1:
        raise CannotPrint(
            "The certificate does not fit on one page. Ask the training office to shorten what is "
            "on it."
        )
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


def context(certificate: Certificate) -> dict:
    shown = certificate.outcomes[:MOST_OUTCOMES]
    texts = {
        "board": fit(certificate.board, TEXT_WIDTH, sizes=(13, 12, 11, 10, 9, 8, 7), bold=True),
        "name": fit(
            certificate.name,
            TEXT_WIDTH,
            sizes=(36, 34, 32, 30, 28, 26, 24),
            sizes_on_two_lines=(22, 20, 18, 16, 14, 12, 10),
            bold=True,
        ),
        "agency": fit(certificate.agency, TEXT_WIDTH, sizes=(11.5, 10, 9, 8, 7, 6, 5)),
        "title": fit(
            certificate.title,
            TEXT_WIDTH,
            sizes=(21, 19, 17),
            sizes_on_two_lines=(15.5, 14, 12, 10, 8, 7, 6),
            bold=True,
        ),
        "facts": fit(facts(certificate), TEXT_WIDTH, sizes=(11.5, 10.5, 9.5, 8.5, 7, 6)),
        "signatory_name": fit(
            certificate.signatory_name,
            SIGNATORY_WIDTH,
            sizes=(12, 11, 10),
            sizes_on_two_lines=(10, 9, 8, 7, 6),
            bold=True,
        ),
        "signatory_title": fit(
            certificate.signatory_title,
            SIGNATORY_WIDTH,
            sizes=(10, 9),
            sizes_on_two_lines=(8, 7, 6),
        ),
        "host": fit(urlsplit(settings.SITE_URL).netloc, HOST_WIDTH, sizes=(9, 8, 7, 6, 5, 4.5, 4)),
    }
    columns = in_columns(shown)
    families = {text.family for text in [*texts.values(), *columns[0], *columns[1]]}
    return texts | {
        "certificate": certificate,
        "columns": columns,
        "shown": len(shown),
        "total": len(certificate.outcomes),
        "more": len(shown) < len(certificate.outcomes),
        "faces": faces(families),
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


def fit(text: str, width: float, *, sizes, sizes_on_two_lines=(), bold=False) -> Text:
    """The text at the largest size at which it goes into `width` points, on one line or two."""
    text = fonts.printable(text)
    for lines, offered in ((1, sizes), (2, sizes_on_two_lines)):
        for size in offered:
            broken = set_at(size, text, width, bold=bold)
            if len(broken.lines) <= lines:
                return broken
    raise CannotPrint(
        f"\u2018{text}\u2019 is too long for a certificate. Ask the training office to shorten it."
    )


def set_at(size: float, text: str, width: float, *, bold=False) -> Text:
    family = fonts.family_for(text)
    if family is None:
        raise CannotPrint(
            f"Our typefaces have no sign for {fonts.undrawable(text)}. Ask the training office to "
            "change how it is written."
        )
    lines = wrap(text, width, family, bold=bold, size=size)
    return Text(text, lines, family, size, round(size * 1.22, 1))


def wrap(text: str, width: float, family: str, *, bold: bool, size: float) -> list[str]:
    """Broken between words, or within one that is longer than a line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if fonts.width(longer, family, bold=bold, size=size) <= width:
            lines[-1] = longer
            continue
        lines.append("")
        for character in word:
            if fonts.width(lines[-1] + character, family, bold=bold, size=size) > width:
                lines.append("")
            lines[-1] += character
    return [line for line in lines if line]


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
    return sum(len(text.lines) * text.leading + OUTCOME_GAP for text in column)


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
