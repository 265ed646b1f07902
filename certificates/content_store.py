"""Digest-addressed storage of certificate PDFs, verified on reading."""

from __future__ import annotations

import hashlib

from certificates.models import Certificate, certificate_storage
from lms import durable_files


class Damaged(Exception):
    """The stored file does not match the digest of the certificate issued."""


def store(pdf: bytes, sha256: str) -> str:
    """Store the PDF durably under a digest-addressed name, and return that name."""
    name = f"{sha256[:2]}/{sha256}.pdf"
    durable_files.write(certificate_storage(), name, pdf)
    return name


def discard(certificate: Certificate) -> None:
    """Delete the file of a certificate that was never saved, unless another row uses it."""
    name = str(certificate.pdf)
    if not Certificate.objects.filter(pdf=name).exists():
        certificate_storage().delete(name)


def read(certificate: Certificate) -> bytes:
    """Return the stored PDF; raise `Damaged` if it does not match its digest."""
    with certificate_storage().open(certificate.pdf.name) as file:
        pdf = file.read()
    if hashlib.sha256(pdf).hexdigest() != certificate.sha256:
        raise Damaged(f"The file of certificate {certificate.number} is not what was issued.")
    return pdf
