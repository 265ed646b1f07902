"""Copy the documents and pictures that a text refers to, for its edition to keep."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from html import unescape
from pathlib import PurePath

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.html import escape
from django.utils.text import get_valid_filename
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection

from lms.refused import Refused
from lms.storage.content_store import ContentStore
from lms.web.pictures import TYPES
from protocols.models.editions import EditionFile, mark_of

FILES = ContentStore("editions")
HERE = re.escape(settings.SITE_URL)
LINKING = re.compile(r'\b(?:href|src|srcset)="[^"]*"')
# The address in an attribute, or each of several in a srcset, followed by a space and its width.
LINKED = re.compile(
    rf'(?P<before>="|, )(?:{HERE})?(?P<address>(?:/documents/|{settings.MEDIA_URL})[^"\s]+)'
)


class CannotCopy(Refused):
    """A file in the text that cannot be copied; the message says which and why."""


@dataclass(frozen=True)
class Copy:
    """A file's name and content when it is copied."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def mark(self) -> str:
        return mark_of(self.sha256)

    @property
    def content_type(self) -> str:
        kind = PurePath(self.name).suffix.lower()
        return TYPES.get(kind) or mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def copies_in(html: str, *, leave_out: bool = False) -> dict[str, Copy]:
    """Return a copy for each address in the text of a document or picture of ours.

    Raises CannotCopy for a missing or private one, unless `leave_out` skips those.
    """
    found: dict[str, Copy] = {}
    for address in addresses_in(html):
        try:
            original, content = _read(unescape(address))
        except CannotCopy:
            if leave_out:
                continue
            raise
        found[address] = Copy(_free(original, {copy.name for copy in found.values()}), content)
    return found


def addresses_in(html: str) -> list[str]:
    """List the addresses of our documents and pictures, each once, in their order."""
    links = "".join(LINKING.findall(html))
    return list(dict.fromkeys(match["address"] for match in LINKED.finditer(links)))


def led_to(html: str, copies: dict[str, Copy], base: str) -> str:
    """Replace each copied address in the text by the URL of the edition's own file."""

    def own(match):
        if match["address"] not in copies:
            return match[0]
        return f"{match['before']}{escape(base)}{copies[match['address']].mark}/"

    return LINKING.sub(lambda link: LINKED.sub(own, link[0]), html)


def keep(copy: Copy) -> str:
    """Store the bytes durably and return their name."""
    return FILES.write(copy.content)


def read(kept: EditionFile) -> bytes:
    """Return the stored bytes; raise `Damaged` if their digest does not match."""
    return FILES.read(str(kept.file), kept.sha256, of=f"edition file {kept.pk}")


def _read(address: str) -> tuple[str, bytes]:
    if match := re.match(r"/documents/(\d+)/", address):
        document = get_document_model().objects.filter(pk=match[1]).first()
        file, collection = document and document.file, document and document.collection
        name = document.filename if document else address
    else:
        name = address.removeprefix(settings.MEDIA_URL)
        renditions = get_image_model().get_rendition_model().objects
        rendition = renditions.filter(file=name).select_related("image__collection").first()
        file, collection = rendition and rendition.file, rendition and rendition.image.collection
    name = PurePath(name).name
    if not file or not default_storage.exists(file.name):
        raise CannotCopy(f"‘{name}’ is not here any more: take it out of the text.")
    if is_private(collection):
        raise CannotCopy(
            f"‘{name}’ is in a private collection, which a version is not: take it out."
        )
    with default_storage.open(file.name) as opened:
        return name, opened.read()


def is_private(collection: Collection) -> bool:
    return collection.get_view_restrictions().exists()


def _free(name: str, taken: set[str]) -> str:
    name = get_valid_filename(name)[-100:]
    tries = (name if n == 1 else f"{n}-{name}" for n in range(1, len(taken) + 2))
    return next(each for each in tries if each not in taken)
