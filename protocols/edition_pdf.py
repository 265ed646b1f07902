"""How does an edition become a PDF? Drawn from what it keeps; the paper is correct when printed."""

from __future__ import annotations

import io
import re
from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument

from lms import letters
from protocols.models import Edition

# What the typeface of the paper has no sign for, and how it is written there.
WRITTEN_AS = str.maketrans({"\u2192": "->", "\u2265": ">=", "\u2264": "<=", "\u2011": "-"})
OUR_LINK = re.compile(r'href="(/[^"]*)"')
INTO_PAGE = re.compile(r'\s(?:id|href)="#?[^"/:]*"')


class CannotPrint(Exception):
    """The text could not be drawn whole."""


def render(edition: Edition) -> bytes:
    """A4, upright: a first page with its facts and contents, then the text; numbered pages."""
    page = render_to_string(
        "protocols/pdf/edition.html",
        {
            "edition": edition,
            "text": on_paper(edition.html),
            "board": letters.board(),
            "address": settings.SITE_URL + edition.get_absolute_url(),
            "in_force_at": settings.SITE_URL + edition.page.path_of_page,
            "printed_on": timezone.localdate(),
        },
    )
    out = io.BytesIO()
    result = pisaDocument(
        page.translate(WRITTEN_AS),
        out,
        context_meta={"title": str(edition), "author": letters.board().name},
        resource_policy=ResourceAccessPolicy.server(
            settings.CERTIFICATE_ASSETS, allow_remote=False
        ),
    )
    if result.err:
        raise CannotPrint(f"{edition} could not be printed whole: {result.log}")
    return out.getvalue()


def on_paper(html: str) -> SafeString:
    """Links of ours lead to the site; those within the page, buttons and pictures are left out."""
    html = re.sub(r"<(button|svg)\b.*?</\1>|<img\b[^>]*>", "", html, flags=re.S)
    html = INTO_PAGE.sub("", html)
    whole = OUR_LINK.sub(lambda found: f'href="{urljoin(settings.SITE_URL, found[1])}"', html)
    return SafeString(whole)
