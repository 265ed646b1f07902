"""How does an edition become a PDF? Drawn from what it keeps; the paper is correct when printed."""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from PIL import Image
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument

from lms import fonts, letters
from protocols import copies
from protocols.models import Edition, EditionFile

# Instead of a script that would have to be shaped, or a sign that no typeface has.
NOT_PRINTED = "[see online]"
OUR_LINK = re.compile(r'href="(/[^"]*)"')
INTO_PAGE = re.compile(r'\s(?:id|href)="#?[^"/:]*"')
PICTURE = re.compile(r"<img\b[^>]*>")
MARK = re.compile(r"/files/([0-9a-f]{16})/")
# Of a picture, in pixels of which a page is so many wide; room is left for what is said below it.
WIDEST, TALLEST = 640, 760


class CannotPrint(Exception):
    """The text could not be drawn whole."""


def render(edition: Edition) -> bytes:
    """A4, upright: a first page with its facts and contents, then the text; numbered pages."""
    page = render_to_string(
        "protocols/pdf/edition.html",
        {
            "edition": edition,
            "text": on_paper(edition),
            "board": letters.board(),
            "address": settings.SITE_URL + edition.get_absolute_url(),
            "in_force_at": settings.SITE_URL + edition.page.path_of_page,
            "printed_on": timezone.localdate(),
            "faces": fonts.faces({fonts.WIDEST}),
        },
    )
    out = io.BytesIO()
    folder = Path(settings.CERTIFICATE_ASSETS)
    result = pisaDocument(
        printable(page),
        out,
        path=str(folder / "edition.html"),
        context_meta={"title": str(edition), "author": letters.board().name},
        resource_policy=ResourceAccessPolicy.server(folder, allow_remote=False),
    )
    if result.err:
        raise CannotPrint(f"{edition} could not be printed whole: {result.log}")
    return out.getvalue()


def printable(page: str) -> str:
    """In signs that the typeface of the paper has, with a word where there is none."""
    page = unicodedata.normalize("NFC", page).translate(fonts.PRINTED_AS)
    used = {sign for sign in page if not sign.isspace()}
    hidden = {sign for sign in used if fonts.is_hidden(sign)}
    page = page.translate(dict.fromkeys(map(ord, hidden)))
    lacking = "".join(used - hidden - {chr(each) for each in fonts.covered(fonts.WIDEST)})
    if not lacking:
        return page
    run = f"[{re.escape(lacking)}]+"
    return re.sub(rf"{run}(?:\s+{run})*", NOT_PRINTED, page)


def on_paper(edition: Edition) -> SafeString:
    """Links of ours lead to the site; those within the page and buttons are left out."""
    html = re.sub(r"<(button|svg)\b.*?</\1>", "", edition.html, flags=re.S)
    html = INTO_PAGE.sub("", html)
    html = OUR_LINK.sub(lambda found: f'href="{urljoin(settings.SITE_URL, found[1])}"', html)
    if PICTURE.search(html):
        files = {file.sha256[:16]: file for file in edition.files.all()}
        html = PICTURE.sub(lambda tag: drawn(tag[0], files), html)
    return SafeString(html)


def drawn(tag: str, files: dict[str, EditionFile]) -> str:
    """The largest of the edition's own copies, for the page's width at most; a JPEG on white."""
    marks = [mark for mark in MARK.findall(tag) if mark in files]
    if not marks:
        return ""
    with Image.open(io.BytesIO(copies.read(files[marks[-1]]))) as picture:
        shown = picture.convert("RGBA")
    sheet = Image.new("RGB", shown.size, "white")
    sheet.paste(shown, mask=shown)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85, subsampling=0, optimize=True)
    scale = min(1, WIDEST / sheet.width, TALLEST / sheet.height)
    width, height = round(sheet.width * scale), round(sheet.height * scale)
    data = base64.b64encode(out.getvalue()).decode()
    return f'<img src="data:image/jpeg;base64,{data}" width="{width}" height="{height}">'
