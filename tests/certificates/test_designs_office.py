"""Test how the training office edits a design and previews it before saving."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from certificates.designs import designing
from certificates.models import Design, DesignVersion
from history.models import Event
from tests.factories import CourseFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db


def png(colour="#8a1538", content=b""):
    written = io.BytesIO()
    Image.new("RGB", (600, 240), colour).save(written, "PNG")
    return SimpleUploadedFile("anything.exe", content or written.getvalue())


def filled(**said):
    return {
        "name": "Level 3",
        "saw": 0,
        "heading": "Record of learning",
        "before_name": "This is to certify that",
        "after_name": "has completed",
        "statement": "",
        "signatory_name": "",
        "signatory_title": "",
        "accent": "#5a2d6e",
        "line": "#8a6420",
        "shows_hours": "on",
        "shows_outcomes": "on",
    } | said


def words(answer):
    return answer.content.decode()


def test_the_office_adds_a_design_with_pictures_and_changes_it(client, office):
    added = client.post("/cms/design/new/", filled(mark=png(), signature=png("#000080")))
    design = Design.objects.get()
    first = design.current
    assert added["Location"] == f"/cms/design/inspect/{design.pk}/"
    assert (first.heading, first.shows_hours, first.shows_agency, first.accent) == (
        "Record of learning", True, False, "#5a2d6e",
    )  # fmt: skip
    assert first.mark and first.signature and first.second_mark is None

    page = words(client.get(f"/cms/design/edit/{design.pk}/"))
    assert f"/cms/design/picture/{first.mark_id}/" in page
    change = filled(saw=1, **{"signature-clear": "on", "heading": "Certificate"})
    client.post(f"/cms/design/edit/{design.pk}/", change)
    second = design.current
    assert (second.number, second.heading) == (2, "Certificate")
    assert (second.mark_id, second.signature_id) == (first.mark_id, None)
    first.refresh_from_db()
    assert first.heading == "Record of learning"
    assert Event.objects.about(design).first().by_person == office.pk
    told = words(client.get(f"/cms/design/inspect/{design.pk}/"))
    assert "by Ola Office, changed: heading, signature" in told
    assert client.get(f"/cms/design/picture/{first.mark_id}/")["Content-Type"] == "image/jpeg"


def test_it_is_seen_before_it_is_kept(client, office):
    for answer in (
        client.get("/cms/design/preview/"),
        client.post("/cms/design/preview/", filled(mark=png(), name="")),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert Image.open(io.BytesIO(answer.content)).size == (1348, 953)
    assert not Design.objects.exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"heading": "{{ passwords }}"}, "does not know {{ passwords }}"),
        ({"accent": "#9fb8bd"}, "too pale to be read on white"),
        ({"accent": "red;}}"}, "six digits"),
        ({"statement": "Bravo 👏"}, "no sign for"),
        ({"mark": png(content=b"<svg/>")}, "Mark: This file is not a PNG or a JPEG"),
        ({"heading": ""}, "Heading: This field is required"),
    ],
)
def test_what_is_wrong_is_said_in_the_preview_and_when_it_is_saved(client, office, said, sentence):
    preview = client.post("/cms/design/preview/", filled(**said))
    assert (preview.status_code, preview["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert sentence in words(preview)
    if "mark" in said:
        said["mark"].seek(0)
    assert client.post("/cms/design/new/", filled(**said)).status_code == 200
    assert not Design.objects.exists()


def test_one_is_made_the_default_and_no_longer(client, office):
    design = designing.add("Ours", DesignVersion(), by=office)
    CourseFactory(title="Supervision", certificate_design=design)
    assert "look like this from now on" in words(client.get(f"/cms/design/default/{design.pk}/"))
    client.post(f"/cms/design/default/{design.pk}/")
    told = words(client.get(f"/cms/design/inspect/{design.pk}/"))
    assert ("Every course that names no other" in told, "Supervision" in told) == (True, True)
    client.post(f"/cms/design/delivered/{design.pk}/")
    assert not Design.objects.filter(is_default=True).exists()


def test_the_same_number_of_queries_with_one_row_and_three(client, office):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get("/cms/design/")
        return len(queries)

    designing.add("First", DesignVersion(), by=office)
    asked()
    once = asked()
    for name in ("Second", "Third"):
        designing.add(name, DesignVersion(), by=office)
    assert asked() == once


def test_what_there_is_not_is_not_found(client, office):
    design = designing.add("Ours", DesignVersion(), by=office)
    pages = [f"preview/{design.pk}/?version=9", f"preview/{design.pk}/?version={'9' * 30}"]
    pages += ["preview/999/", "edit/999/", "inspect/999/", "default/999/", "picture/abc/"]
    found = {page: client.get(f"/cms/design/{page}").status_code for page in pages}
    assert found == dict.fromkeys(pages, 404)


@pytest.mark.parametrize("role", [BOARD_MEMBERS, PROTOCOL_EDITORS, "agency lead"])
def test_nobody_else_sees_or_changes_them(client, settings, office, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    design = designing.add("Secret design", DesignVersion(), by=office)
    staff = role != "agency lead"
    person = PersonFactory(is_staff=staff, groups=[role] if staff else [])
    PostFactory(person=person, is_lead=not staff)
    client.force_login(person)
    one = design.pk
    for page in (
        "", "?export=csv", "new/", f"edit/{one}/", f"delete/{one}/", f"inspect/{one}/",
        f"default/{one}/", f"delivered/{one}/", "preview/", f"preview/{one}/", "picture/abc/",
    ):  # fmt: skip
        for answer in (
            client.get(f"/cms/design/{page}"),
            client.post(f"/cms/design/{page}", filled()),
        ):
            assert answer.status_code in {302, 403, 404, 405}, page
            assert "Secret design" not in words(answer), page
    assert [(each.name, each.is_default) for each in Design.objects.all()] == [
        ("Secret design", False)
    ]
