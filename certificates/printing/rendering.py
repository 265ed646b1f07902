"""Render a certificate as PDF."""

from __future__ import annotations

import base64
import hashlib
import io
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from PIL import Image
from reportlab import rl_config
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument

from certificates.designs import default_logo
from certificates.designs.pictures import Shown, assets
from certificates.models import Certificate
from certificates.printing import outlines
from certificates.printing.fitting import CannotPrint, fit
from certificates.printing.layout import MOST_OUTCOMES, Frame, drawn, frames
from lms.printing import fonts
from lms.storage import durable_files

HOST_WIDTH = 163
HOST_SIZES = (9, 8, 7, 6, 5, 4.5, 4)
MOST_BYTES = 110 * 1024
# Replaces xhtml2pdf's long default style sheet, which it parses anew for every document.
PLAIN_CSS = "html, body, div, p {display: block}"

# Write streams as bytes: ReportLab's base 85 encoding in Python is slow.
rl_config.useA85 = 0


def render(certificate: Certificate) -> bytes:
    """Render one A4 landscape page with embedded fonts; raise `CannotPrint` if incomplete."""
    framed = frames(certificate)
    pdf = printed(certificate, context(certificate, framed))
    if lines := [line for frame in framed for line in frame.shaped()]:
        pdf = outlines.laid_over(pdf, lines)
    if len(pdf) > MOST_BYTES:
        raise CannotPrint(
            "The certificate is too large to be emailed. Ask the training office to choose smaller "
            "pictures."
        )
    return pdf


def printed(certificate: Certificate, page: dict) -> bytes:
    """Render the template, which leaves room for shaped text."""
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
    return out.getvalue()


def check_printable(texts: dict[str, str]) -> None:
    """Raise `CannotPrint` for characters that no typeface has."""
    for what, text in texts.items():
        missing = fonts.undrawable(text)
        if missing:
            signs = " ".join(f"\u2018{sign}\u2019" for sign in missing[:5])
            raise CannotPrint(
                f"The {what} cannot be printed on a certificate: our typefaces have no sign for "
                f"{signs}. Please ask the training office to change how it is written."
            )


def context(certificate: Certificate, framed: list[Frame]) -> dict:
    look = certificate.look
    texts = [placed.text for frame in framed for placed in frame.texts]
    host = fit(urlsplit(settings.SITE_URL).netloc, HOST_WIDTH, sizes=HOST_SIZES)
    total = len(certificate.outcomes) if look.shows_outcomes else 0
    return {
        "certificate": certificate,
        "look": look,
        "refresh_on": certificate.refresh_on if look.shows_refresh else None,
        "frames": framed,
        "pictures": drawn(look, Shown(logo_file().name, 1, 1)),
        "host": host,
        "shown": min(MOST_OUTCOMES, total),
        "total": total,
        "faces": fonts.faces(
            {text.family for text in [*texts, host] if text.family} | {fonts.FIRST}
        ),
        "check_path": reverse("certificates:check"),
        "qr": qr(certificate.verify_url),
    }


def qr(address: str) -> str:
    """Encode `address` as a QR code in a data: URI, one bit a pixel.

    Uses a fixed mask: choosing the best of the eight takes longer than rendering the page.
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


@cache
def logo_file() -> Path:
    """Write the board's logo, or the default one, to the assets folder; cached per process."""
    picture = (
        Path(settings.LMS_BOARD_LOGO).read_bytes()
        if settings.LMS_BOARD_LOGO
        else default_logo.draw()
    )
    file = assets() / f"mark-{hashlib.sha256(picture).hexdigest()[:12]}.png"
    if not file.exists():
        durable_files.write(file, picture)
    return file
