"""Test uploaded evidence files: checked by content, and stripped of hidden data."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter

from courses.completion import evidence_files
from lms.storage.content_store import Damaged
from tests.factories import EvidenceFactory
from tests.test_wrong_files import DRAWING, PAGE, PROGRAM, enormous_picture, picture

PDF = b"%PDF-1.7\n%%EOF\n"
TEN_MEGABYTES = 10 * 1024**2
NO_KIND = "This file is not a PDF, a JPEG or a PNG, whatever its name says."
DAMAGED = "This picture is damaged or cut off."
TOO_MANY = "This picture has too many pixels: 50 million are the most."


def zipped():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("word/document.xml", "<w:t>Certificate</w:t>")
    return written.getvalue()


def pdf(**protected):
    writer, written = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    if protected:
        writer.encrypt(**protected)
    writer.write(written)
    return written.getvalue()


def read(content):
    return evidence_files.read_evidence(io.BytesIO(content))


def saved(image, kind, **more):
    written = io.BytesIO()
    image.save(written, kind, **more)
    return written.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (PDF.ljust(TEN_MEGABYTES + 1), "This file is larger than 10 MB."),
        (PROGRAM, NO_KIND),
        (PAGE, NO_KIND),
        (DRAWING, NO_KIND),
        (zipped(), NO_KIND),
        (saved(Image.new("RGB", (9, 9)), "GIF"), NO_KIND),
        # A web page or archive that is also a PDF to readers that search for the PDF header.
        (PAGE + PDF, NO_KIND),
        (zipped() + PDF, NO_KIND),
        (picture()[:5000], DAMAGED),
        (picture("JPEG")[:5000], DAMAGED),
        (b"\xff\xd8\xff" + PAGE, DAMAGED),
        (b"\x89PNG\r\n\x1a\n" + PDF, DAMAGED),
        (enormous_picture(), TOO_MANY),
        (enormous_picture(8_000), TOO_MANY),
        (pdf()[:-200], "This PDF is cut off."),
        (pdf(user_password="secret", algorithm="AES-256"), "This PDF asks for a password."),
        (b"%PDF-1.7\n/Encrypt nonsense\n%%EOF", "This PDF asks for a password."),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value[:40],
)
def test_a_file_that_we_cannot_keep_gets_a_sentence(content, sentence):
    with pytest.raises(ValidationError) as wrong:
        read(content)
    assert wrong.value.messages[0].startswith(sentence)


@pytest.mark.parametrize(
    "content",
    [PDF, pdf(), PDF.rjust(0) + b" " * 900, pdf(user_password="", owner_password="no changes")],
)
def test_a_pdf_is_kept_as_it_is(content):
    assert read(content) == evidence_files.EvidenceFile(content, "application/pdf")


def test_ten_megabytes_are_not_too_many():
    content = PDF[:-6] + b" " * (TEN_MEGABYTES - len(PDF)) + PDF[-6:]
    assert len(read(content).content) == TEN_MEGABYTES


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_of_a_picture_only_what_can_be_seen_is_kept(kind):
    exif = Image.Exif()
    exif[0x010E] = "Secret child"  # its description
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 0.0)}  # where it was taken
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "Secret family")
    hidden = {"pnginfo": words} if kind == "PNG" else {"comment": b"Secret family"}
    image = Image.effect_noise((60, 40), 50).convert("RGB")
    sent = saved(image, kind, exif=exif, icc_profile=b"Secret profile", **hidden)
    sent += b"<script>Secret page</script>" + zipped()
    assert sent.count(b"Secret") == 4 or kind == "PNG"
    kept = read(sent)
    assert b"Secret" not in kept.content
    assert b"PK\x03\x04" not in kept.content
    with opened(kept.content) as seen:
        assert (seen.format, seen.size, dict(seen.getexif())) == (kind, (60, 40), {})
        assert {"exif", "icc_profile", "comment", "Comment"} & set(seen.info) == set()


def test_a_picture_taken_sideways_is_kept_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it to the right to see it
    with opened(read(saved(Image.new("RGB", (60, 40)), "JPEG", exif=exif)).content) as seen:
        assert seen.size == (40, 60)


def test_a_picture_is_kept_no_larger_than_it_need_be():
    with opened(read(saved(Image.new("L", (6000, 100)), "PNG")).content) as seen:
        assert seen.size == (3000, 50)


@pytest.mark.parametrize(
    ("mode", "colour", "seen_as"),
    [
        ("1", 0, (0, 0, 0)),
        ("L", 128, (128, 128, 128)),
        ("P", 0, (0, 0, 0)),
        ("RGBA", (255, 0, 0, 0), (255, 255, 255)),
        ("LA", (0, 255), (0, 0, 0)),
        ("I;16", 32768, (128, 128, 128)),
    ],
)
def test_every_way_to_store_a_picture_is_read(mode, colour, seen_as):
    with opened(read(saved(Image.new(mode, (9, 9), colour), "PNG")).content) as seen:
        assert seen.getpixel((4, 4)) == seen_as


@pytest.mark.django_db
def test_what_was_changed_on_the_disk_is_not_given_out(settings):
    evidence = EvidenceFactory(sent_at=timezone.now())
    path = settings.DATA_DIR / "evidence" / evidence.file_path
    assert evidence_files.read_verified(evidence) == path.read_bytes()
    path.write_bytes(PDF + b"other")
    with pytest.raises(Damaged):
        evidence_files.read_verified(evidence)
