"""Stored PDFs of certificates, verified on reading."""

from __future__ import annotations

from certificates.models import Certificate
from lms.storage.content_store import ContentStore

FILES = ContentStore("certificates")


def store(pdf: bytes) -> str:
    """Store the PDF durably and return its name."""
    return FILES.write(pdf, ".pdf")


def discard(certificate: Certificate) -> None:
    """Delete the file of a certificate that was never saved, unless another row uses it."""
    name = str(certificate.pdf)
    if not Certificate.objects.filter(pdf=name).exists():
        FILES.delete(name)


def read(certificate: Certificate) -> bytes:
    """Return the stored PDF; raise `Damaged` if it is not what was issued."""
    return FILES.read(str(certificate.pdf), certificate.sha256, of=certificate)
