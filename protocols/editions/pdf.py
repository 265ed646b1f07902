"""Render an edition's stored text as a PDF."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument

from lms.mail import templates
from lms.printing import fonts
from protocols.editions import print_layout
from protocols.models import Edition

# Printed for scripts that need shaping, and for characters that no typeface has.
NOT_PRINTED = "[see online]"


class CannotPrint(Exception):
    """An edition that could not be rendered completely."""


def render(edition: Edition) -> bytes:
    """Render an A4 portrait PDF: first page with facts and contents, text, page numbers."""
    page = render_to_string(
        "protocols/pdf/edition.html",
        {
            "edition": edition,
            "text": SafeString(print_layout.laid_out(edition.html, edition.files.all())),
            "board": templates.board(),
            "address": settings.SITE_URL + edition.get_absolute_url(),
            "in_force_at": settings.SITE_URL + edition.page.path_of_page,
            "made_on": timezone.localdate(),
            "faces": fonts.faces({fonts.WIDEST}),
        },
    )
    out = io.BytesIO()
    folder = Path(settings.LMS_PRINTING_ASSETS)
    result = pisaDocument(
        # As bytes: xhtml2pdf leaves an open file behind of a long text.
        io.BytesIO(printable(page).encode()),
        out,
        encoding="utf-8",
        path=str(folder / "edition.html"),
        context_meta={"title": str(edition), "author": templates.board().name},
        resource_policy=ResourceAccessPolicy.server(folder, allow_remote=False),
    )
    if result.err:
        raise CannotPrint(f"{edition} could not be printed whole: {result.log}")
    return out.getvalue()


def printable(page: str) -> str:
    """Replace characters that the PDF's typeface lacks, by near ones or by NOT_PRINTED."""
    page = unicodedata.normalize("NFC", page).translate(fonts.PRINTED_AS)
    used = {sign for sign in page if not sign.isspace()}
    hidden = {sign for sign in used if fonts.is_hidden(sign)}
    page = page.translate(dict.fromkeys(map(ord, hidden)))
    lacking = "".join(used - hidden - {chr(each) for each in fonts.covered(fonts.WIDEST)})
    if not lacking:
        return page
    run = f"[{re.escape(lacking)}]+"
    return re.sub(rf"{run}(?:\s+{run})*", NOT_PRINTED, page)
