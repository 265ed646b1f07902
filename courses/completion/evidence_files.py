"""Validate, sanitise and store uploaded evidence files, and read them back verified."""

from __future__ import annotations

import hashlib
import io
import threading
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import Image, ImageOps
from pypdf import PasswordType, PdfReader

from courses.models import Evidence
from lms.printing.pictures import on_white
from lms.storage.content_store import ContentStore
from lms.web import uploads

FILES = ContentStore("evidence")
MOST_BYTES = 10 * 1024**2
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
BEGINNINGS = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
# PDF readers look for %%EOF only in this many bytes at the end of a file.
LAST = 1024
# In pixels: an A4 page is legible at this size; larger pictures are scaled down.
LONGEST_SIDE = 3000
QUALITY = 85

# Decode one picture at a time per process: one of 50 million pixels takes 200 MB of memory.
_turn = threading.Lock()


@dataclass(frozen=True)
class EvidenceFile:
    """Sanitised content of an evidence file, and its media type."""

    content: bytes
    kind: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_evidence(file: IO[bytes]) -> EvidenceFile:
    """Read and sanitise an upload, by content and not by name. Raises ValidationError.

    A picture is re-encoded, which drops metadata such as GPS position, thumbnails and trailing
    data. A PDF is kept unchanged.
    """
    content = file.read(MOST_BYTES + 1)
    if not content:
        raise ValidationError("This file is empty. Choose the certificate again.")
    if len(content) > MOST_BYTES:
        raise ValidationError(
            "This file is larger than 10 MB. Save it smaller, or take a picture of it, and send "
            "that."
        )
    kind = next((kind for mark, kind in BEGINNINGS.items() if content.startswith(mark)), None)
    if kind is None:
        raise ValidationError(
            "This file is not a PDF, a JPEG or a PNG, whatever its name says. Save it as a PDF, or "
            "take a picture of it, and send that."
        )
    if kind == PDF:
        _refuse_unless_opens(content)
        return EvidenceFile(content, kind)
    return EvidenceFile(_drawn_anew(content, kind), kind)


def keep(proof: EvidenceFile) -> str:
    """Store the content durably and return its name."""
    return FILES.write(proof.content, f".{ENDINGS[proof.kind]}")


def read_verified(evidence: Evidence) -> bytes:
    """Return the stored content; raise `Damaged` if it does not match its digest."""
    return FILES.read(evidence.file_path, evidence.file_sha256, of=evidence)


def _refuse_unless_opens(pdf: bytes) -> None:
    if b"%%EOF" not in pdf[-LAST:]:
        raise ValidationError(
            "This PDF is cut off. Open it, save it again and send that; or send a picture of it."
        )
    if b"/Encrypt" in pdf and not _opens_without_password(pdf):
        raise ValidationError(
            "This PDF asks for a password. Open it, print it as a new PDF and send that; or send "
            "a picture of it."
        )


def _opens_without_password(pdf: bytes) -> bool:
    """Try the empty password: many providers restrict changes but not reading."""
    try:
        return PdfReader(io.BytesIO(pdf)).decrypt("") != PasswordType.NOT_DECRYPTED
    except Exception:  # a broken file can make a reader raise anything
        return False


def _drawn_anew(content: bytes, kind: str) -> bytes:
    """Re-encode the picture upright on white, its longer side at most 3,000 pixels."""
    form, drawn = kind.rpartition("/")[2].upper(), io.BytesIO()
    most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
    with _turn, uploads.decoded(io.BytesIO(content), most, [form]) as picture:
        on_white(_to_be_seen(picture)).save(drawn, form, quality=QUALITY)
    return drawn.getvalue()


def _to_be_seen(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16-bit grey, which Pillow's own conversion clips
        picture = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if picture.mode not in ("RGB", "RGBA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return ImageOps.exif_transpose(picture)
