"""Test that two servers which share a database and an object store, and no folder, share all files.

The first server, or a process with its environment, makes a file of every kind; the second gives it
out. Then the object store has lost a file, has another in its place, and is away.
"""

import hashlib
import http.client
import io
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image as Pillow
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection

from certificates.models import Certificate
from courses.models import Evidence, Material
from history.models import Event
from protocols.models import Edition
from tests.courses.test_served_rush import TOKEN, signed_in
from tests.databases import ROOT
from tests.factories import (
    BookingFactory,
    CompletionFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    body_of,
    picture_of,
)
from tests.servers import ServedSite

pytestmark = pytest.mark.long(reason="starts two servers on an object store")
SETTINGS = "tests.lms.settings_of_two_servers"
PDF = b"%PDF-1.7 as it was sent\n%%EOF\n"
ISSUE = """
import django; django.setup()
from protocols.editions import editions
from protocols.models import ProtocolPage
from tests.factories import APPROVED
editions.issue_edition(ProtocolPage.objects.get(), by="TEST", approved_by=APPROVED)
"""


@pytest.fixture
def servers(own_database, object_store, tmp_path):
    """Serve the site twice; each server has a data folder of its own."""
    with ExitStack() as stack:
        both = []
        for name in ("first", "second"):
            folder = tmp_path / name
            folder.mkdir()
            own = {"LMS_PRINTING_FOLDER": str(tmp_path / f"{name}-printing")}
            own |= object_store.environment | {"DJANGO_SETTINGS_MODULE": SETTINGS}
            site = ServedSite(own_database, folder, **own)
            both.append(stack.enter_context(site.serving()))
        yield both


def ask(site, path, session="", fields=None):
    """Get a page, or post a form with its files; return the status and the bytes."""
    address = urlsplit(site.address)
    headers, body, method = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}"}, None, "GET"
    if fields is not None:
        body = encode_multipart(BOUNDARY, {"csrfmiddlewaretoken": TOKEN} | fields)
        headers["Content-Type"], method = MULTIPART_CONTENT, "POST"
    with closing(http.client.HTTPConnection(address.hostname, address.port, timeout=60)) as server:
        server.request(method, path, body, headers)
        answer = server.getresponse()
        return answer.status, answer.read()


def a_picture():
    written = io.BytesIO()
    Pillow.new("RGB", (1300, 600), "#0b5563").save(written, "PNG")
    return written.getvalue()


def proof(course, **more):
    facts = {"title": "Neglect", "provider": "A charity", "completed_on": "2026-01-05"}
    file = SimpleUploadedFile("proof.pdf", PDF)
    return {"course": course.pk, "file": file} | facts | more


class Board:
    """People of the board, and all that they make on one server."""

    def __init__(self):
        self.office = signed_in(PersonFactory(is_staff=True, is_superuser=True))
        self.booking = BookingFactory(run__course=CoursePageFactory().course)
        self.course, person = self.booking.run.course, self.booking.person
        PostFactory(person=person)
        self.completion = CompletionFactory(person=person)
        self.person = signed_in(person)

    def make_all(self, site):
        self.posts(site, f"/my/completions/{self.completion.pk}/certificate/", self.person, {})
        self.posts(site, "/my/training-elsewhere/new/", self.person, proof(self.course))
        given = {"course": self.course.pk, "title": "Slides", "when": "before", "position": "0"}
        given["file"] = SimpleUploadedFile("slides.pdf", PDF)
        self.posts(site, "/cms/material/new/", self.office, given)
        mine = {"title": "Ours", "collection": Collection.get_first_root_node().pk}
        form = {"file": SimpleUploadedFile("form.pdf", PDF)}
        self.posts(site, "/cms/documents/add/", self.office, mine | form)
        drawing = {"file": SimpleUploadedFile("map.png", a_picture())}
        self.posts(site, "/cms/images/add/", self.office, mine | drawing)
        document, picture = get_document_model().objects.get(), get_image_model().objects.get()
        download = ("download", {"title": "The form", "document": document.pk, "about": ""})
        ProtocolPageFactory(slug="ours", edition=None, body=body_of(picture_of(picture), download))
        command = [sys.executable, "-c", ISSUE]
        subprocess.run(command, cwd=ROOT, env=site.environment, check=True)

    def posts(self, site, path, session, fields):
        status, page = ask(site, path, session, fields)
        assert status == 302, (path, status, page.decode()[:3000], site.said()[-3000:])

    def files(self):
        """Return the address of each file, whose session may have it, and its digest if kept."""
        certificate, evidence = Certificate.objects.get(), Evidence.objects.get()
        handout, document = Material.objects.get(), get_document_model().objects.get()
        found = {
            f"/my/certificates/{certificate.number}.pdf": (self.person, certificate.sha256),
            f"/my/training-elsewhere/{evidence.pk}/file/": (self.person, evidence.file_sha256),
            f"/my/bookings/{self.booking.pk}/handouts/{handout.pk}/": (self.person, handout.sha256),
            document.url: ("", hashlib.sha256(PDF).hexdigest()),
            f"/media/{get_image_model().objects.get().file.name}": (
                self.office,
                hashlib.sha256(a_picture()).hexdigest(),
            ),
        }
        for kept in Edition.objects.get().files.all():
            found[kept.get_absolute_url()] = ("", kept.sha256)
        for size in get_image_model().get_rendition_model().objects.all():
            found[f"/media/{size.file.name}"] = ("", None)
        return found


@pytest.mark.server_errors(503)
def test_what_one_server_has_stored_the_other_gives_out(servers, object_store):
    first, second = servers
    board = Board()
    board.make_all(first)
    files = board.files()
    assert len(files) >= 5 + 4 + 3
    for address, (session, sha256) in files.items():
        status, content = ask(second, address, session)
        assert status == 200, (address, second.said()[-3000:])
        assert sha256 in (None, hashlib.sha256(content).hexdigest()), address
    # The other makes sizes of a picture that it never had.
    before = object_store.objects().keys()
    picture = get_image_model().objects.get()
    assert ask(second, f"/cms/images/{picture.pk}/", board.office)[0] == 200
    assert object_store.objects().keys() > before
    lost_and_changed(second, board, object_store)
    while_it_is_away(second, board, object_store)
    for site in servers:
        own = Path(site.environment["DATA_DIR"])
        written = {str(path.relative_to(own)) for path in own.rglob("*") if path.is_file()}
        assert {name for name in written if not name.startswith("clock-")} == {"served-site.log"}
    assert list(Path(first.environment["LMS_PRINTING_FOLDER"]).glob("*.ttf"))


def lost_and_changed(site, board, object_store):
    kept = Certificate.objects.get()
    name, address = f"pilot/certificates/{kept.pdf.name}", f"/my/certificates/{kept.number}.pdf"
    content = object_store.objects()[name]
    for change in (lambda: object_store.put(name, b"forged"), lambda: object_store.remove(name)):
        change()
        status, page = ask(site, address, board.person)
        assert (status, b"We cannot open this file" in page) == (404, True)
    object_store.put(name, content)
    assert ask(site, address, board.person) == (200, content)
    assert "Traceback" not in site.said()


def while_it_is_away(site, board, object_store):
    other = CoursePageFactory().course
    before = Evidence.objects.count(), Event.objects.count(), object_store.objects()
    with object_store.away():
        for _ in range(2):
            status, page = ask(site, "/my/training-elsewhere/new/", board.person, proof(other))
            assert (status, b"This was not saved" in page) == (503, True)
        assert ask(site, "/courses/")[0] == 200
        assert ask(site, "/protocols/ours/")[0] == 200
    assert (Evidence.objects.count(), Event.objects.count(), object_store.objects()) == before
    until = time.monotonic() + 60
    while ask(site, "/my/training-elsewhere/new/", board.person, proof(other))[0] == 503:
        assert time.monotonic() < until
        time.sleep(1)
    assert Evidence.objects.filter(course=other).count() == 1
