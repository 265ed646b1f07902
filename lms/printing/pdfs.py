"""How is a PDF opened, to be read or drawn? PDFium does one thing at a time in a process."""

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
    """Within this block; other threads wait. Raises `pypdfium2.PdfiumError` where it is no PDF."""
    import pypdfium2  # Here: who opens none need not keep ten MiB of it.

    with _turn:
        document = pypdfium2.PdfDocument(content)
        try:
            yield document
        finally:
            document.close()
