"""Test submitting evidence of training elsewhere, and the office's decision about it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.access import BOARD_MEMBERS, TRAINING_ADMINISTRATORS
from courses.completion import evidence_files, external_training
from courses.models import Completion, Evidence
from tests.factories import (
    CourseFactory,
    CoursePageFactory,
    EvidenceFactory,
    PersonFactory,
    PostFactory,
    in_days,
)
from tests.sheets import read_csv
from tests.test_wrong_files import picture

pytestmark = pytest.mark.django_db
MINE, FORM, OFFICE = "/my/training-elsewhere/", "/my/training-elsewhere/new/", "/cms/evidence/"
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def person(client):
    person = PostFactory(person__name="Ann Sender", agency__name="City Midwifery").person
    client.force_login(person)
    return person


def words(answer):
    return answer.content.decode()


def filled(course, /, **more):
    return {
        "course": course.pk,
        "title": "Neglect, level 2",
        "provider": "Hampshire Scouts",
        "completed_on": in_days(-60).date().isoformat(),
        "file": SimpleUploadedFile("certificate.pdf", PDF),
    } | more


# The person


def test_somebody_sends_a_certificate_and_sees_that_it_waits(client, person):
    course = CoursePageFactory(course__title="Supervision").course
    answer = client.post(FORM, filled(course), follow=True)
    assert answer.redirect_chain == [(MINE, 302)]
    evidence = Evidence.objects.get()
    assert (evidence.person, evidence.course, evidence_files.read_verified(evidence)) == (
        person,
        course,
        PDF,
    )
    page = words(answer)
    for said in ("We have it.", "Waiting for the training office", "Supervision", "Hampshire Sco"):
        assert said in page


def test_what_became_of_it_is_on_the_page(client, person, office):
    client.force_login(person)
    refused, accepted = EvidenceFactory(person=person), EvidenceFactory(person=person)
    external_training.refuse(refused, by=office, reason="There is no name on it")
    external_training.accept(accepted, by=office)
    page = words(client.get(MINE))
    for said in ("Not accepted", "There is no name on it", "Accepted"):
        assert said in page
    assert "Waiting for" not in page


def test_a_link_from_a_course_leads_to_the_form_with_that_course_chosen(client, person):
    course = CoursePageFactory(course__code="SUP").course
    CoursePageFactory()
    page = client.get(f"{MINE}?course=SUP", follow=True)
    assert page.redirect_chain == [(f"{FORM}?course=SUP", 302)]
    assert f'<option value="{course.pk}" selected>' in words(page)
    assert client.get(f"{FORM}?course=OTHER").context["form"].initial == {"course": None}


def test_courses_that_are_taught_and_those_that_they_ask_for_can_be_chosen(client, person):
    taught, retired = CoursePageFactory().course, CourseFactory(is_offered=False)
    first = CourseFactory(is_offered=False)
    taught.prerequisites.add(first)
    answer = client.get(FORM)
    assert set(answer.context["form"].fields["course"].queryset) == {taught, first}
    assert "Choose one of these courses." in words(client.post(FORM, filled(retired)))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"course": ""}, "Choose the course that it stands for."),
        ({"title": ""}, "Enter what the training was called."),
        ({"provider": ""}, "Enter who gave the training."),
        ({"title": "For 943 476 5919"}, "This has an NHS number in it."),
        ({"completed_on": ""}, "Enter the day that is on the certificate."),
        ({"completed_on": "soon"}, "Enter a day such as 2026-11-22."),
        ({"completed_on": in_days(2).date().isoformat()}, "This day is still to come."),
        ({"file": ""}, "Choose the file of the certificate."),
        ({"file": SimpleUploadedFile("empty.pdf", b"")}, "This file is empty."),
        ({"file": SimpleUploadedFile("page.pdf", b"<html>")}, "This file is not a PDF"),
        (
            {"file": SimpleUploadedFile("long.pdf", PDF.ljust(10 * 1024**2 + 1))},
            "This file is larger than 10 MB.",
        ),
        ({"file": SimpleUploadedFile("cut.png", picture()[:5000])}, "This picture is damaged"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_sent(
    client, person, wrong, sentence
):
    page = words(client.post(FORM, filled(CoursePageFactory().course, **wrong)))
    assert page.count(sentence) == 2, "in the summary and beside the field"
    assert "<title>Error: " in page
    assert ("Choose the file again" in page) is ("file" not in wrong)
    assert not Evidence.objects.exists()


def test_a_name_is_not_believed(client, person):
    sent = SimpleUploadedFile("certificate.exe", picture("JPEG"), "application/x-msdownload")
    client.post(FORM, filled(CoursePageFactory().course, file=sent))
    evidence = Evidence.objects.get()
    assert evidence.file_type == "image/jpeg"
    assert evidence.file_path.endswith(f"{evidence.file_sha256}.jpg")


@pytest.mark.parametrize(
    ("content", "kind", "ending"),
    [(PDF, "application/pdf", "pdf"), (picture(), "image/png", "png")],
)
def test_a_file_is_given_out_to_keep_and_never_runs_here(client, person, content, kind, ending):
    evidence = EvidenceFactory(
        person=person, file=evidence_files.read_evidence(io.BytesIO(content))
    )
    answer = client.get(f"{MINE}{evidence.pk}/file/")
    assert answer.content == evidence_files.read_verified(evidence)
    name = f"training-elsewhere-{evidence.pk}.{ending}"
    assert {
        header: answer[header]
        for header in (
            "Content-Type", "Content-Disposition", "Content-Security-Policy",
            "X-Content-Type-Options", "Cache-Control",
        )
    } == {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }  # fmt: skip


def test_nobody_else_has_the_file(client, person):
    theirs = EvidenceFactory(title="Secret", person=PostFactory().person)
    lead = PostFactory(agency=theirs.person.posts.get().agency, is_lead=True).person
    for other in (person, lead, PersonFactory(groups=[TRAINING_ADMINISTRATORS])):
        client.force_login(other)
        assert client.get(f"{MINE}{theirs.pk}/file/").status_code == 404
        assert "Secret" not in words(client.get(MINE))


def test_a_file_that_was_erased_is_not_found(client, person):
    evidence = EvidenceFactory(person=person, file_path="", file_sha256="", file_type="")
    assert client.get(f"{MINE}{evidence.pk}/file/").status_code == 404
    assert client.get(MINE).status_code == 200


# The office


@pytest.mark.parametrize("page", [MINE, OFFICE, f"{OFFICE}?export=csv"])
def test_the_same_number_of_queries_with_one_row_and_three(client, office, page):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            EvidenceFactory(person=office if page == MINE else PersonFactory())
        b"".join(client.get(page))
        with CaptureQueriesContext(connection) as queries:
            b"".join(client.get(page))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_office_finds_what_is_undecided(client, office):
    waiting = EvidenceFactory(person__name="Wanda Waiting")
    EvidenceFactory(person__name="Donald Done", state="refused", reason="No")
    page = words(client.get(f"{OFFICE}?state=sent"))
    assert "Wanda Waiting" in page
    assert "Donald Done" not in page
    assert "Wanda Waiting" in words(client.get(f"{OFFICE}?q=wanda"))
    [row] = read_csv(client.get(f"{OFFICE}?state=sent&export=csv")).rows
    assert row[:3] == ["Wanda Waiting", waiting.course.code, waiting.course.title]
    assert "Nothing matches." in words(client.get(f"{OFFICE}?state=accepted"))


def test_the_office_sees_the_certificate_and_accepts_it(client, office, person):
    client.force_login(office)
    evidence = EvidenceFactory(
        person=person, file=evidence_files.read_evidence(io.BytesIO(picture()))
    )
    address = f"{OFFICE}inspect/{evidence.pk}/"
    page = words(client.get(address))
    for said in ("Ann Sender", "Community midwife, City Midwifery", "A charity", "Do not accept"):
        assert said in page
    assert f'src="{OFFICE}file/{evidence.pk}/"' in page
    assert client.get(f"{OFFICE}file/{evidence.pk}/").content == evidence_files.read_verified(
        evidence
    )
    accept = f"{OFFICE}accept/{evidence.pk}/"
    assert "has then completed" in words(client.get(accept))
    assert not Completion.objects.exists()
    assert client.post(accept).url == address
    assert Completion.objects.get().evidence == evidence
    page = words(client.get(address))
    assert "Training elsewhere accepted" in page
    assert "Do not accept" not in page


def test_the_office_says_why_it_does_not_accept_it(client, office):
    evidence = EvidenceFactory()
    address = f"{OFFICE}refuse/{evidence.pk}/"
    wrong = {"": "Say why it is not accepted", "Of 943 476 5919": "This has an NHS number in it."}
    for reason, sentence in wrong.items():
        assert sentence in words(client.post(address, {"reason": reason}))
    assert client.post(address, {"reason": "No day on it"}).status_code == 302
    evidence.refresh_from_db()
    assert (evidence.state, evidence.reason) == ("refused", "No day on it")


def test_the_office_takes_back_what_it_accepted_by_mistake(client, office, person):
    client.force_login(office)
    evidence = EvidenceFactory(person=person)
    external_training.accept(evidence, by=office)
    address = f"{OFFICE}take_back/{evidence.pk}/"
    assert address in client.get(f"{OFFICE}inspect/{evidence.pk}/").content.decode()
    assert "Say why it no longer counts" in words(client.post(address, {"reason": ""}))
    assert client.post(address, {"reason": "Of another person"}).status_code == 302
    assert not Completion.objects.valid().exists()
    page = client.get(f"{OFFICE}inspect/{evidence.pk}/").content.decode()
    assert "Of another person" in page
    assert address not in page


def test_what_is_refused_to_the_office_is_said_on_the_page(client, office):
    evidence = EvidenceFactory(person__name="Nobody's Colleague")
    page = words(client.post(f"{OFFICE}accept/{evidence.pk}/"))
    assert "Confirm their job first." in page
    own = EvidenceFactory(person=office)
    assert "Somebody else must decide" in words(client.post(f"{OFFICE}accept/{own.pk}/"))


def test_nobody_else_of_the_board_enters(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[BOARD_MEMBERS]))
    evidence = EvidenceFactory(person__name="Secret Name", person__is_active=True)
    office = ("inspect", "file", "accept", "refuse", "take_back")
    pages = [f"{page}/{evidence.pk}/" for page in office]
    shut = {page: client.get(f"{OFFICE}{page}").status_code for page in ["", *pages]}
    assert shut == {"": 302, **dict.fromkeys(pages, 302), pages[0]: 404}
    client.post(f"{OFFICE}accept/{evidence.pk}/")
    evidence.refresh_from_db()
    assert evidence.state == "sent"
