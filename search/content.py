"""Build search documents from HTML, and from the documents that it links to."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import PurePath
from typing import Any, NamedTuple
from urllib.parse import unquote

from bs4 import BeautifulSoup
from django.conf import settings
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from wagtail.models import Page

from search import file_text
from search.models import SearchDocument, documents_for_all
from search.sources import DOCUMENT

WAGTAILS_OWN = re.compile(
    rf"(?:{re.escape(settings.SITE_URL)})?/documents/(?P<pk>\d+)/(?P<name>[^/]+)"
)
BLOCKS = ["dd", "dt", "figcaption", "h2", "h3", "h4", "li", "p", "td", "th"]


class OwnFile(NamedTuple):
    """File that a record keeps itself."""

    name: str
    read: Callable[[], bytes]


def with_linked_documents(
    main: SearchDocument, html: str, own_files: Mapping[str, OwnFile] | None = None
) -> Iterator[SearchDocument]:
    """Yield `main` with this text, then each document or own file (by URL) that it links to."""
    soup = BeautifulSoup(html, "html.parser")
    main.text = sentences_of(soup)
    yield main
    for address, link in {str(link["href"]): link for link in soup.select("a[href]")}.items():
        if own := (own_files or {}).get(address):
            number, name, read_of = None, own.name, ""
            text = file_text.text_of(name, own.read)
        elif wagtails := WAGTAILS_OWN.fullmatch(address):
            number, name = int(wagtails["pk"]), unquote(wagtails["name"])
            text, read_of = _text_of(number)
        else:
            continue
        yield SearchDocument(
            kind=DOCUMENT.number,
            address=address,
            title=(" ".join(link.get_text(" ").split()) or name)[:400],
            facts=f"{PurePath(name).suffix[1:].upper()}, from {main.title}"[:400],
            keywords=name,
            text=text,
            read_of=read_of,
            page=main.page,
            document=number,
        )


def _text_of(number: int) -> tuple[str, str]:
    """Return a public document's text and file digest; empty for others, to suggest none of theirs.

    Reuses the text extracted before from the same file, as any changed document reindexes pages.
    """
    document = documents_for_all().filter(pk=number).first()
    if not document:
        return "", ""
    read = SearchDocument.objects.exclude(read_of="")
    read = read.filter(document=number, read_of=document.file_hash)
    if (text := read.values_list("text", flat=True).first()) is None:
        text = file_text.text_of(document.filename, partial(_read, document.file))
    return text, document.file_hash if text else ""


def _read(file: FieldFile) -> bytes:
    with file.open("rb") as opened:
        return opened.read()


def sentences_of(soup: BeautifulSoup) -> str:
    """Return the text in one line, with full stops after headings and list items."""
    for block in reversed(soup.find_all(BLOCKS)):
        if not block.get_text().rstrip().endswith((".", "?", "!", ":", ";")):
            block.append(".")
    words = " ".join(soup.get_text(" ").split())
    return re.sub(r" (?=[.,;:!?](?: |$))", "", words)


def public_pages() -> QuerySet:
    return Page.objects.live().public().values("pk")


def path_of(page: Page) -> str:
    parts = page.get_url_parts()
    return parts[2] if parts else page.url_path


def labels_of(through: Any, record: str, label: str) -> dict[int, list[str]]:
    """Return the labels of each record, by its id, from a many-to-many table."""
    found = defaultdict(list)
    for pk, name in through.objects.order_by(label).values_list(record, label):
        found[pk].append(name)
    return found


def digest(facts: Any) -> str:
    return hashlib.md5(repr(facts).encode(), usedforsecurity=False).hexdigest()


def documents_now() -> str:
    """Digest all public documents: changes with any file, and with who may read which."""
    documents = documents_for_all().order_by("pk")
    return digest(list(documents.values_list("pk", "file", "file_hash")))
