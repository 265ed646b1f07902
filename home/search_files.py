"""What does a document say? Of a PDF, a Word file and plain text, as far as it can be read."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from lms.printing import pdfs

logger = logging.getLogger(__name__)

# What is read of one, so that none keeps the others waiting.
MOST_PAGES, MOST_LETTERS = 200, 200_000
# Bytes of a Word file unpacked: a small one may hold a thousand times its size.
MOST_UNPACKED = 50_000_000
# What a paragraph of a Word file is made of: words, and what stands between them.
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RUNS = [f"{WORD}{part}" for part in ("t", "tab", "br", "cr")]


def text_of(name: str, content: Callable[[], bytes]) -> str:
    """In one line; nothing where it is of another kind, damaged, or not on the disk."""
    reader = READERS.get(PurePath(name).suffix.lower())
    if not reader:
        return ""
    try:
        said = reader(content())
    except Exception as damage:  # a broken file can make a reader raise anything
        logger.warning("Found by its title alone, for it could not be read: %s: %s", name, damage)
        return ""
    # A word that is broken at the end of a line is whole without the sign that breaks it.
    legible = "".join(sign for sign in said if sign.isprintable() or sign.isspace())
    return " ".join(legible.split())[:MOST_LETTERS]


def of_pdf(content: bytes) -> str:
    with pdfs.opened(content) as document:
        pages = range(min(len(document), MOST_PAGES))
        return " ".join(document[number].get_textpage().get_text_range() for number in pages)


def of_word(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise ValueError("it is too large when it is unpacked")
    from docx import Document

    paragraphs = Document(io.BytesIO(content)).element.body.iter(f"{WORD}p")
    said = filter(None, (_said(paragraph).strip() for paragraph in paragraphs))
    # A heading or a cell does not run into what follows.
    return " ".join(words if words[-1] in ".?!:;" else f"{words}." for words in said)


def _said(paragraph: Any) -> str:
    return "".join((run.text or "") if run.tag == RUNS[0] else " " for run in paragraph.iter(*RUNS))


def of_plain_text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


READERS: dict[str, Callable[[bytes], str]] = {
    ".pdf": of_pdf, ".docx": of_word, ".txt": of_plain_text,
}  # fmt: skip
