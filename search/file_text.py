"""Extract the text of PDF, Word and plain text documents for the search."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from lms.printing import pdfs
from lms.storage import contents
from lms.storage.content_store import Unavailable

logger = logging.getLogger(__name__)

# Limits per document, so that none holds up the others.
MOST_PAGES, MOST_LETTERS = 200, 200_000
# Bytes of a Word file unpacked: guards against zip bombs.
MOST_UNPACKED = 50_000_000
# Elements of a Word paragraph: text, and what separates text.
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RUNS = [f"{WORD}{part}" for part in ("t", "tab", "br", "cr")]


def text_of(name: str, content: Callable[[], bytes]) -> str:
    """Extract the text as one line; empty for other file types, damaged and missing files."""
    reader = READERS.get(PurePath(name).suffix.lower())
    if not reader:
        return ""
    try:
        said = reader(content())
    except Unavailable:  # tried again, when the files are back
        raise
    except Exception as damage:  # a broken file can make a reader raise anything
        logger.warning("Found by its title alone, for it could not be read: %s: %s", name, damage)
        return ""
    # Drop soft hyphens and other invisible characters, so that words broken at line ends are whole.
    legible = "".join(sign for sign in said if sign.isprintable() or sign.isspace())
    return " ".join(legible.split())[:MOST_LETTERS]


def of_pdf(content: bytes) -> str:
    with pdfs.opened(content) as document:
        pages = range(min(len(document), MOST_PAGES))
        return " ".join(document[number].get_textpage().get_text_range() for number in pages)


def of_word(content: bytes) -> str:
    if contents.unpacked_size(content) > MOST_UNPACKED:
        raise ValueError("it is too large when it is unpacked")
    from docx import Document

    paragraphs = Document(io.BytesIO(content)).element.body.iter(f"{WORD}p")
    said = filter(None, (_said(paragraph).strip() for paragraph in paragraphs))
    # End each paragraph with a full stop, so that headings and cells do not run into the next.
    return " ".join(words if words[-1] in ".?!:;" else f"{words}." for words in said)


def _said(paragraph: Any) -> str:
    return "".join((run.text or "") if run.tag == RUNS[0] else " " for run in paragraph.iter(*RUNS))


READERS: dict[str, Callable[[bytes], str]] = {
    ".pdf": of_pdf, ".docx": of_word, ".txt": contents.decoded,
}  # fmt: skip
