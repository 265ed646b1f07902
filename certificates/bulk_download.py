"""Bundle many certificates as one PDF to print or as a ZIP."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterable
from typing import IO

import pypdf

from certificates import content_store
from certificates.models import Certificate

# Characters not allowed in file names, and those that begin hidden files or paths.
NOT_IN_A_NAME = re.compile(r"[^\w '\u2019-]+")
LONGEST_NAME = 60
# In bytes: larger files are spooled to disk while they are sent.
IN_MEMORY = 8 * 1024**2


def print_file(certificates: Iterable[Certificate], *, title: str) -> IO[bytes]:
    """Join the stored PDFs in this order into one, rewound for reading.

    Raises `Damaged` if a file is not what was issued: then nothing is printed.
    """
    joined = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (sent on)
    writer = pypdf.PdfWriter()
    writer.add_metadata({"/Title": title})
    for certificate in certificates:
        writer.append(io.BytesIO(content_store.read(certificate)), import_outline=False)
    writer.write(joined)
    joined.seek(0)
    return joined


def archive(certificates: Iterable[Certificate]) -> IO[bytes]:
    """Pack the stored PDFs into a ZIP, rewound for reading."""
    packed = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (sent on)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as into:
        for certificate in certificates:
            into.writestr(file_name(certificate), content_store.read(certificate))
    packed.seek(0)
    return packed


def file_name(certificate: Certificate) -> str:
    """Return the unique number and the holder's name: 'PSCB-2026-000123 Mary Seacole.pdf'."""
    name = " ".join(NOT_IN_A_NAME.sub(" ", certificate.name).split())[:LONGEST_NAME].strip()
    return f"{certificate.number} {name}.pdf" if name else f"{certificate.number}.pdf"
