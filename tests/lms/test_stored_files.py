"""Test what pages say of every kind of file that is stored, when it cannot be read or written."""

import io

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from PIL import Image as Pillow
from wagtail.documents import get_document_model
from wagtail.models import Collection
from wagtail.tasks import delete_file_from_storage_task

from certificates.models import Certificate
from courses.completion import materials
from courses.models import Material
from lms.mail import templates
from lms.storage import content_store, object_store
from protocols.editions import editions
from tests.browsing import Browser
from tests.factories import (
    APPROVED,
    BookingFactory,
    CertificateFactory,
    CompletionFactory,
    CoursePageFactory,
    EvidenceFactory,
    ImageFactory,
    MaterialFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    body_of,
    picture_of,
)
from tests.object_stores import KEY

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(params=["folder", "object store"])
def store(request, settings):
    """Keep files in a folder, or in an object store; return that, or None."""
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    if request.param == "folder":
        return None
    store = request.getfixturevalue("object_store")
    settings.STORAGES = settings.STORAGES | store.storages
    return store


def a_client(person=None):
    client = Browser(raise_request_exception=False)
    if person:
        client.force_login(person)
    return client


def a_document(**fields):
    file = ContentFile(b"Fill me in.", "form.txt")
    return get_document_model().objects.create(title="Form", file=file, **fields)


def with_document():
    download = {"title": "The form", "document": a_document().pk, "about": ""}
    return body_of(("download", download))


def with_picture():
    return body_of(picture_of(ImageFactory()))


def certificate():
    made = CertificateFactory()
    return made.holder, f"/my/certificates/{made.number}.pdf", "certificates", made.pdf.name


def evidence():
    sent = EvidenceFactory()
    address = f"/my/training-elsewhere/{sent.pk}/file/"
    return sent.person, address, "evidence", sent.file_path


def handout():
    booking = BookingFactory()
    given = MaterialFactory(course=booking.run.course, when="before")
    address = f"/my/bookings/{booking.pk}/handouts/{given.pk}/"
    return booking.person, address, "materials", given.file.name


def file_of_a_version():
    kept = ProtocolPageFactory(body=with_document()).edition_in_force.files.get()
    return None, kept.get_absolute_url(), "editions", kept.file.name


def document():
    made = a_document()
    return None, made.url, "default", made.file.name


def picture():
    small = ImageFactory().get_rendition("width-100")
    return None, small.url, "default", small.file.name


# Each returns who may have it, its address, its storage and its name there.
READ = [certificate, evidence, handout, file_of_a_version, document, picture]
VERIFIED = READ[:4]


def content_of(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def replace(alias, name, content):
    storage = content_store.ContentStore(alias).storage
    storage.delete(name)
    if content:
        storage.save(name, ContentFile(content))


@pytest.mark.parametrize("kind", READ)
def test_a_file_is_served_as_it_was_stored(store, kind):
    person, address, alias, name = kind()
    with content_store.ContentStore(alias).storage.open(name) as file:
        stored = file.read()
    answer = a_client(person).get(address)
    assert (answer.status_code, content_of(answer)) == (200, stored)


@pytest.mark.parametrize("kind", READ)
def test_a_missing_file_is_said_to_be_missing(store, kind):
    person, address, alias, name = kind()
    replace(alias, name, b"")
    answer = a_client(person).get(address)
    assert answer.status_code == 404
    if kind in VERIFIED:
        assert "We cannot open this file" in answer.text
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("kind", VERIFIED)
def test_a_changed_file_is_not_given_out(store, kind, caplog):
    person, address, alias, name = kind()
    replace(alias, name, b"forged")
    answer = a_client(person).get(address)
    assert (answer.status_code, answer.streaming) == (404, False)
    assert "We cannot open this file" in answer.text
    assert "is not what was kept" in caplog.text
    assert name not in answer.text


@pytest.mark.parametrize("store", ["object store"], indirect=True)
@pytest.mark.parametrize("kind", READ)
@pytest.mark.server_errors(503)
def test_a_file_of_a_store_that_is_away_is_to_be_asked_for_again(store, kind):
    person, address, *_ = kind()
    with store.away():
        answer = a_client(person).get(address)
    assert answer.status_code == 503
    assert "We cannot show you this page at the moment" in answer.text


def ask_for_a_certificate():
    completion = CompletionFactory()
    templates.board()
    return completion.person, reverse("courses:get_certificate", args=[completion.pk]), {}


def send_evidence():
    fields = {
        "course": CoursePageFactory().course.pk,
        "title": "Neglect",
        "provider": "A charity",
        "completed_on": "2026-01-05",
        "file": SimpleUploadedFile("proof.pdf", PDF),
    }
    return PostFactory().person, "/my/training-elsewhere/new/", fields


def an_office():
    return PersonFactory(is_staff=True, is_superuser=True)


def add_a_handout():
    course = CoursePageFactory().course
    file = SimpleUploadedFile("slides.pdf", PDF)
    fields = {"course": course.pk, "title": "Slides", "when": "after", "position": "0"}
    return an_office(), "/cms/material/new/", fields | {"file": file}


def replace_a_handout():
    given = MaterialFactory()
    fields = {"course": given.course_id, "title": "New", "when": "after", "position": "0"}
    file = SimpleUploadedFile("slides.pdf", PDF)
    return an_office(), f"/cms/material/edit/{given.pk}/", fields | {"file": file}


def add_a_document():
    fields = {"title": "Form", "collection": Collection.get_first_root_node().pk}
    fields["file"] = SimpleUploadedFile("form.pdf", PDF)
    return an_office(), "/cms/documents/add/", fields


def add_a_picture():
    written = io.BytesIO()
    Pillow.new("RGB", (300, 200)).save(written, "PNG")
    fields = {"title": "Map", "collection": Collection.get_first_root_node().pk}
    fields["file"] = SimpleUploadedFile("map.png", written.getvalue())
    return an_office(), "/cms/images/add/", fields


WRITE = [
    ask_for_a_certificate, send_evidence, add_a_handout, replace_a_handout, add_a_document,
    add_a_picture,
]  # fmt: skip


def rows():
    """Return every row of the database but sessions, by table."""
    found = {}
    for model in apps.get_models():
        if (
            model._meta.managed
            and not model._meta.proxy
            and model._meta.label != "sessions.Session"
        ):
            found[model._meta.label] = list(model._base_manager.order_by("pk").values())
    # A number that was taken for a certificate that was not made leaves a gap.
    found.pop("certificates.Series")
    return found


@pytest.mark.parametrize("store", ["object store"], indirect=True)
@pytest.mark.parametrize("kind", WRITE)
@pytest.mark.server_errors(503)
def test_while_the_store_is_away_nothing_is_saved_and_the_page_says_so(store, kind):
    person, address, fields = kind()
    client = a_client(person)
    sent = {**client.shown_at(address), **fields}
    templates.board()
    before, objects = rows(), store.objects()
    with store.away():
        answer = client.without_page(address, sent)
    assert answer.status_code == 503, answer
    assert "This was not saved" in answer.text
    assert "Try again in a few minutes" in answer.text
    assert int(answer["Retry-After"]) > 0
    assert rows() == before
    assert store.objects() == objects
    object_store._away_until = 0.0
    for field in fields.values():
        if hasattr(field, "seek"):
            field.seek(0)
    assert client.without_page(address, sent).status_code == 302
    assert rows() != before
    assert store.objects().keys() > objects.keys() or kind is replace_a_handout


@pytest.mark.parametrize("store", ["object store"], indirect=True)
@pytest.mark.parametrize("body", [with_document, with_picture])
def test_while_the_store_is_away_no_version_is_issued(store, body):
    page = ProtocolPageFactory(edition=None, body=body())
    templates.board()
    before = rows()
    with store.away(), pytest.raises(content_store.Unavailable):
        editions.issue_edition(page, by="TEST", approved_by=APPROVED)
    assert rows() == before


def test_a_handout_that_is_not_saved_leaves_no_file(store, monkeypatch):
    """Fail after the file is written."""
    course, before = CoursePageFactory().course, kept_handouts()
    monkeypatch.setattr("history.records.save", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        materials.add(course, title="Slides", file=ContentFile(PDF, "slides.pdf"), by="TEST")
    with pytest.raises(ZeroDivisionError):
        materials.change(MaterialFactory(), file=ContentFile(PDF, "slides.pdf"), by="TEST")
    assert len(kept_handouts()) == len(before) + 1
    assert not Material.objects.filter(course=course)


def kept_handouts():
    try:
        return set(materials.FILES.storage.listdir("")[1])
    except FileNotFoundError:  # No test of this process has stored one yet.
        return set()


def test_a_handout_added_to_two_courses_is_two_files(store, django_capture_on_commit_callbacks):
    courses = CoursePageFactory().course, CoursePageFactory().course
    files = [ContentFile(PDF, "slides.pdf") for _ in courses]
    one, other = (
        materials.add(course, title="Slides", file=file, by="TEST")
        for course, file in zip(courses, files, strict=True)
    )
    with django_capture_on_commit_callbacks(execute=True):
        materials.remove(one, by="TEST")
    with materials.download(other) as file:
        assert file.read() == PDF
    assert other.sha256 == content_store.digest(PDF)


@pytest.mark.parametrize("store", ["object store"], indirect=True)
def test_a_file_that_was_removed_while_the_store_was_away_is_deleted_later(
    store, django_capture_on_commit_callbacks, monkeypatch
):
    given, form = MaterialFactory(), a_document()
    client, tasks = a_client(an_office()), DBTaskResult.objects.ready()
    with store.away():
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(f"/cms/material/remove/{given.pk}/").status_code == 302
            assert client.post(f"/cms/documents/delete/{form.pk}/").status_code == 302
        wagtails = tasks.get(task_path="wagtail.tasks.delete_file_from_storage_task")
        assert KEY["secret"] not in str(wagtails.args_kwargs)
        delete_file_from_storage_task.call(*wagtails.args_kwargs["args"])
    assert not Material.objects.exists()
    assert not get_document_model().objects.exists()
    assert len(store.objects()) == 2
    assert tasks.filter(task_path="lms.storage.deleting.delete_again").count() == 2
    wagtails.delete()
    monkeypatch.setattr(object_store, "_away_until", 0.0)
    call_command("worker", "--batch", verbosity=0)
    assert store.objects() == {}


@pytest.mark.parametrize("store", ["object store"], indirect=True)
def test_certificates_that_could_not_be_stored_are_made_when_the_store_is_back(store, monkeypatch):
    from courses.completion import awarding
    from lms.models import JobFailure

    run = BookingFactory(run__closed_at="2026-01-01T12:00Z").run
    many = [CompletionFactory(booking=BookingFactory(run=run)) for _ in range(3)]
    with store.away():
        awarding.award_certificates.call(run.pk)
    assert not Certificate.objects.exists()
    assert JobFailure.objects.count() == 3
    JobFailure.objects.update(next_try_at=JobFailure.objects.first().first_failed_at)
    monkeypatch.setattr(object_store, "_away_until", 0.0)
    assert awarding.award_again() is False
    assert Certificate.objects.count() == len(many)
    assert not JobFailure.objects.exists()
