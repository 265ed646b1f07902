"""Validate uploaded logos and signatures, and convert them for print.

Each is re-encoded once, on upload: small, upright, on white, without metadata. As JPEG, because a
PDF embeds its bytes as they are, so that rendering a certificate decodes no picture.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

from certificates.models import Picture
from lms.web import uploads

MOST_BYTES = 5 * 1024**2
# In bytes for one picture, of 110 KiB for a whole certificate.
MOST_PRINTED = 14 * 1024
# Largest size in print, in points; pictures are stored at 300 dots an inch.
MARK, SIGNATURE = (150, 60), (200, 34)
DOTS = 300 / 72
# Grey value from which a pixel counts as paper, as scans are not pure white.
PAPER = 240
QUALITIES = (90, 82, 72, 60, 45)

_turn = threading.Lock()


@dataclass(frozen=True)
class Shown:
    """Picture file in the assets folder, with its size in pixels."""

    file: str
    width: int
    height: int

    def within(self, box: tuple[float, float]) -> tuple[float, float]:
        """Return the largest size that fits this box, in points."""
        scale = min(box[0] / self.width, box[1] / self.height)
        return round(self.width * scale, 1), round(self.height * scale, 1)


def picture_from_upload(file: IO[bytes], box: tuple[int, int]) -> Picture:
    """Convert an upload to an unsaved Picture, going by its content. Raises ValidationError."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValidationError("This picture is larger than 5 MB. Save it smaller and choose that.")
    if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise ValidationError(
            "This file is not a PNG or a JPEG, whatever its name says. Save it as one of them."
        )
    most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
    with _turn, uploads.decoded(io.BytesIO(content), most, ["PNG", "JPEG"]) as picture:
        printed = _printed(picture, box)
    return Picture(sha256=hashlib.sha256(printed).hexdigest(), content=printed)


def lay_out(picture: Picture) -> None:
    """Write the picture's file to the assets folder, where rendering reads it."""
    file = assets() / _name(picture.sha256)
    if not file.exists():
        with tempfile.NamedTemporaryFile(dir=assets(), delete=False) as work:
            work.write(picture.content)
        Path(work.name).replace(file)


@lru_cache(maxsize=256)
def shown(sha256: str) -> Shown:
    """Return the picture's file and size, cached per process."""
    file = assets() / _name(sha256)
    if not file.exists():
        lay_out(Picture.objects.get(pk=sha256))
    with Image.open(file) as picture:
        return Shown(file.name, *picture.size)


def assets() -> Path:
    """Return the folder that holds the only files rendering may read."""
    folder = Path(settings.LMS_PRINTING_ASSETS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _name(sha256: str) -> str:
    return f"picture-{sha256}.jpg"


def _printed(picture: Image.Image, box: tuple[int, int]) -> bytes:
    seen = ImageOps.exif_transpose(picture).convert("RGBA")
    bare = Image.new("RGB", seen.size, "white")
    bare.paste(seen, mask=seen)
    bare = bare.crop(_seen_within(bare))
    bare.thumbnail((round(box[0] * DOTS), round(box[1] * DOTS)), Image.Resampling.LANCZOS)
    for quality in QUALITIES:
        drawn = io.BytesIO()
        bare.save(drawn, "JPEG", quality=quality, optimize=True, subsampling=0)
        if drawn.tell() <= MOST_PRINTED:
            return drawn.getvalue()
    raise ValidationError(
        "This picture has too much detail to be printed small. Choose a plainer one."
    )


def _seen_within(picture: Image.Image) -> tuple[int, int, int, int]:
    """Return the box without the white margin, so that logos align and signatures meet the line."""
    seen = picture.convert("L").point(lambda grey: 255 if grey < PAPER else 0).getbbox()
    if seen is None:
        raise ValidationError("Nothing is seen in this picture on white paper. Choose another.")
    return seen
