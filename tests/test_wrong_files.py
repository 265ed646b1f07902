"""Test that wrong files uploaded by the board's staff are refused and change nothing.

Through each upload form of the admin, as a training administrator and as a protocol editor.
"""

import html
import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image as Pillow
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, UploadedFile
from wagtail.users.models import UserProfile

from agencies.access import PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def words(value):
    return value[:40] if isinstance(value, str) else ""


# Upload forms: (address, prefix of the field names, name of the file field).
DOORS = {
    "document": [
        ("/cms/documents/add/", "", "file"),
        ("/cms/documents/multiple/add/", "", "files[]"),
        ("/cms/documents/chooser/create/", "document-chooser-upload-", "file"),
    ],
    "picture": [
        ("/cms/images/add/", "", "file"),
        ("/cms/images/multiple/add/", "", "files[]"),
        ("/cms/images/chooser/create/", "image-chooser-upload-", "file"),
    ],
}
PROGRAM = b"MZ\x90\0" + bytes(200)
PAGE = b"<!doctype html><script>alert(1)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.7\n%%EOF\n"
FIFTY_MEGABYTES = bytes(50 * 1024**2)
NOT_ALLOWED = "is not allowed. Allowed extensions are: csv, docx"
NOT_WHAT_IT_SAYS = "This file is not a .{} file, although its name says so."
leaves_its_drawing_open = pytest.mark.filterwarnings(  # Wagtail leaves it open after resizing
    "ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"
)
NO_PICTURE = "Upload a valid image. The file you uploaded was either not an image or a corrupted"


def picture(kind="PNG", size=(300, 300)):
    noise = random.Random(1).randbytes(size[0] * size[1] * 3)
    written = io.BytesIO()
    Pillow.frombytes("RGB", size, noise).save(written, kind)
    return written.getvalue()


def enormous_picture(side=30_000):
    """Build a PNG of some hundred bytes whose header claims 900 million pixels."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(10_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.fixture(params=[TRAINING_ADMINISTRATORS, PROTOCOL_EDITORS])
def client(request, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client = Client(raise_request_exception=False)
    client.person = PersonFactory(is_staff=True, groups=[request.param])
    client.force_login(client.person)
    return client


def upload(client, address, name, content, *, prefix="", field="file"):
    """Post a file under any name, which Django's test client would sanitise."""
    body = encode_multipart(
        BOUNDARY,
        {
            f"{prefix}title": "A title",
            f"{prefix}collection": Collection.get_first_root_node().pk,
            f"{prefix}{field}": SimpleUploadedFile("its-name", content),
        },
    ).replace(b'filename="its-name"', b'filename="%s"' % name.encode())
    told = {"X-Requested-With": "XMLHttpRequest"}
    answer = client.generic("POST", address, body, MULTIPART_CONTENT, headers=told)
    assert answer.status_code in (200, 302), (address, answer.status_code)
    text = answer.content.decode()
    return html.unescape(text.encode().decode("unicode_escape") if text[:1] == "{" else text)


def at_each_door(client, kind, name, content):
    return {
        address: upload(client, address, name, content, prefix=prefix, field=field)
        for address, prefix, field in DOORS[kind]
    }


def kept(data_folder):
    """Return all that an upload could change: rows, and files in or beside the data folder."""
    rows = [list(m.objects.order_by("pk").values()) for m in (Document, Image, UploadedFile)]
    return rows, sorted(data_folder.rglob("*")), sorted(data_folder.parent.glob("*"))


@pytest.mark.parametrize(
    ("kind", "name", "content", "sentence"),
    [
        ("document", "letter.exe", PROGRAM, NOT_ALLOWED),
        ("document", "letter.PDF", PROGRAM, NOT_WHAT_IT_SAYS.format("pdf")),
        ("document", "letter.docx", PROGRAM, NOT_WHAT_IT_SAYS.format("docx")),
        ("document", "page.html", PAGE, NOT_ALLOWED),
        ("document", "page.pdf", PAGE, NOT_WHAT_IT_SAYS.format("pdf")),
        ("document", "drawing.svg", DRAWING, NOT_ALLOWED),
        ("document", "without-ending", PDF, NOT_ALLOWED),
        ("document", "empty.pdf", b"", "The submitted file is empty."),
        (
            "document",
            "long.pdf",
            PDF + FIFTY_MEGABYTES,
            "too big (50.0\xa0MB). Maximum filesize 20",
        ),
        ("picture", "program.png", PROGRAM, NO_PICTURE),
        ("picture", "drawing.svg", DRAWING, "Not a supported image format."),
        ("picture", "drawing.png", DRAWING, "Not a valid .png image."),
        ("picture", "page.html", PAGE, NO_PICTURE),
        ("picture", "photo.jpg", picture(), "Not a valid .jpeg image."),
        ("picture", "empty.png", b"", "The submitted file is empty."),
        ("picture", "cut-off.png", picture()[:5000], "This picture is damaged or cut off."),
        ("picture", "cut-off.jpg", picture("JPEG")[:5000], "This picture is damaged or cut off."),
        (
            "picture",
            "long.png",
            picture() + FIFTY_MEGABYTES,
            "too big (50.3\xa0MB). Maximum filesize",
        ),
        (
            "picture",
            "enormous.png",
            enormous_picture(),
            "This picture has too many pixels: 50 million are the most.",
        ),
        (
            "picture",
            "large.png",
            enormous_picture(8_000),
            "This picture has too many pixels: 50 million are the most.",
        ),
    ],
    ids=words,
)
def test_a_wrong_file_gets_a_sentence_and_changes_nothing(
    client, data_folder, kind, name, content, sentence
):
    before = kept(data_folder)
    for address, text in at_each_door(client, kind, name, content).items():
        assert sentence in text, (address, text)
        assert sentence == NOT_ALLOWED or NOT_ALLOWED not in text
    assert kept(data_folder) == before


@leaves_its_drawing_open
@pytest.mark.parametrize(
    "name",
    ["n" * 300 + ".{}", "../../../up.{}", "..\\..\\up.{}", "/etc/up.{}", "a%00b.{}", "ú ñ ?.{}"],
)
@pytest.mark.parametrize(
    ("kind", "ending", "content"), [("document", "pdf", PDF), ("picture", "png", picture())]
)
def test_a_strange_name_becomes_a_plain_one_within_the_folder(
    client, settings, kind, ending, content, name
):
    at_each_door(client, kind, name.format(ending), content)
    stored = [each.file.path for each in (Document if kind == "document" else Image).objects.all()]
    assert len(stored) == len(DOORS[kind])
    folder = settings.MEDIA_ROOT / ("documents" if kind == "document" else "original_images")
    assert {Path(path).parent for path in stored} == {folder}
    assert {Path(path).suffix for path in stored} == {f".{ending}"}


@leaves_its_drawing_open
def test_what_replaces_a_file_is_looked_at_too(client, data_folder):
    mine = {"title": "Mine", "uploaded_by_user": client.person}
    document = Document.objects.create(file=ContentFile(PDF, "mine.pdf"), **mine)
    image = Image.objects.create(file=ContentFile(picture(), "mine.png"), **mine)
    image.get_rendition("max-165x165")  # as the page shows it
    before = kept(data_folder)
    text = upload(client, f"/cms/documents/edit/{document.pk}/", "new.pdf", PAGE)
    assert NOT_WHAT_IT_SAYS.format("pdf") in text
    text = upload(client, f"/cms/images/{image.pk}/", "new.png", picture()[:5000])
    assert "This picture is damaged or cut off." in text
    assert [m.objects.get().file.name for m in (Document, Image)] == [
        document.file.name, image.file.name,
    ]  # fmt: skip
    assert [path for path in before[1] if not path.exists()] == []


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("notes.txt", PAGE, "text/plain"),
        ("letter.pdf", PDF, "application/pdf"),
        # Uploads refuse these; a script or an older release may have stored them.
        ("page.html", PAGE, "text/html"),
        ("drawing.svg", DRAWING, "image/svg+xml"),
    ],
)
def test_a_document_is_given_out_to_keep_and_never_runs_here(client, name, content, content_type):
    document = Document.objects.create(title=name, file=ContentFile(content, name))
    answer = client.get(document.url)
    assert b"".join(answer.streaming_content) == content
    answer.close()
    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'"


def test_nobody_uploads_a_picture_of_themselves(client, data_folder):
    assert "Profile picture" not in client.get("/cms/account/").content.decode()
    upload(
        client, "/cms/account/", "portrait-of-me.png", picture(), prefix="avatar-", field="avatar"
    )
    assert not UserProfile.objects.exclude(avatar="").exists()
    assert not list(data_folder.rglob("*portrait-of-me*"))
