"""Open PDFs with PDFium, which is not thread-safe, one at a time in each process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_turn = threading.Lock()


@contextmanager
def opened(content: bytes) -> Iterator[PdfDocument]:
    """Open a PDF within the block; other threads wait. Raises `pypdfium2.PdfiumError`."""
    import pypdfium2  # Imported late: it takes ten MiB of memory.

    with _turn:
        document = pypdfium2.PdfDocument(content)
        try:
            yield document
        finally:
            document.close()
