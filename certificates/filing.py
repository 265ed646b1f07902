"""Where does a certificate's file lie, and is it still what was issued?"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from certificates.models import Certificate, certificate_storage


class Damaged(Exception):
    """The file on the disk is not the one that was issued."""


def store(pdf: bytes, sha256: str) -> str:
    """The bytes are on the disk, whole, under a name made of their digest, which is returned."""
    name = f"{sha256[:2]}/{sha256}.pdf"
    target = Path(certificate_storage().path(name))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as work:
        work.write(pdf)
        work.flush()
        os.fsync(work.fileno())
    Path(work.name).replace(target)
    for folder in (target.parent, target.parent.parent):
        sync(folder)
    return name


def sync(folder: Path) -> None:
    """A file's name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(certificate: Certificate) -> None:
    """The file of a certificate that was drawn up but never saved is not kept."""
    name = str(certificate.pdf)
    if not Certificate.objects.filter(pdf=name).exists():
        certificate_storage().delete(name)


def read(certificate: Certificate) -> bytes:
    """The bytes as they were issued; `Damaged` if they are not, and nothing is served instead."""
    with certificate_storage().open(certificate.pdf.name) as file:
        pdf = file.read()
    if hashlib.sha256(pdf).hexdigest() != certificate.sha256:
        raise Damaged(f"The file of certificate {certificate.number} is not what was issued.")
    return pdf
