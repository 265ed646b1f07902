"""How do many certificates leave at once: as one file to print, or each by its name?"""

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

# What no system takes in a file's name, and what begins a hidden one or a path.
NOT_IN_A_NAME = re.compile(r"[^\w '\u2019-]+")
LONGEST_NAME = 60
# Once it is larger it lies on the disk while it is sent, not in memory.
IN_MEMORY = 8 * 1024**2


def print_file(certificates: Iterable[Certificate], *, title: str) -> IO[bytes]:
    """One PDF of their pages as they were stored, in this order, to be read from its beginning.

    Raises `filing.Damaged` if a file is not what was issued: nothing is printed instead.
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
    """A ZIP of their files as they were stored, to be read from its beginning."""
    packed = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (sent on)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as into:
        for certificate in certificates:
            into.writestr(file_name(certificate), content_store.read(certificate))
    packed.seek(0)
    return packed


def file_name(certificate: Certificate) -> str:
    """Its number, which no other has, and whose it is: 'PSCB-2026-000123 Mary Seacole.pdf'."""
    name = " ".join(NOT_IN_A_NAME.sub(" ", certificate.name).split())[:LONGEST_NAME].strip()
    return f"{certificate.number} {name}.pdf" if name else f"{certificate.number}.pdf"
