"""Where does a certificate's file lie, and is it still what was issued?"""

from __future__ import annotations

import hashlib

from certificates.models import Certificate, certificate_storage
from lms import durable_files


class Damaged(Exception):
    """The file on the disk is not the one that was issued."""


def store(pdf: bytes, sha256: str) -> str:
    """The bytes are on the disk, whole, under a name made of their digest, which is returned."""
    name = f"{sha256[:2]}/{sha256}.pdf"
    durable_files.write(certificate_storage(), name, pdf)
    return name


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
