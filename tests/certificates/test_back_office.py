"""Test how the training office finds, revokes and corrects certificates."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from certificates import issuing
from certificates.models import Certificate
from history.models import Event
from tests.factories import CertificateFactory, PersonFactory, PostFactory, in_days
from tests.sheets import read_csv

pytestmark = pytest.mark.django_db


def numbers(client, query=""):
    rows = read_csv(client.get(f"/cms/certificate/?export=csv&{query}")).by_heading()
    return {row["Number"] for row in rows}


def words(answer):
    return answer.content.decode()


def test_a_certificate_is_found_by_number_name_and_code_however_it_is_typed(client, office):
    one = CertificateFactory(name="Anna Found")
    CertificateFactory()
    for query in (one.number, "anna fo", one.code, one.grouped_code.lower()):
        assert numbers(client, f"q={query}") == {one.number}, query
    assert one.number in words(client.get(f"/cms/certificate/?q={one.code}"))
    assert b"".join(client.get("/cms/certificate/?export=xlsx"))


def test_certificates_are_filtered_by_the_state_that_anyone_is_told(client, office):
    made = {
        "valid": CertificateFactory(),
        "refresh_due": CertificateFactory(refresh_on=in_days(-1).date()),
        "revoked": CertificateFactory(revoked_at=timezone.now(), revoked_reason="Wrong person"),
        "replaced": CertificateFactory(superseded_at=timezone.now()),
    }
    for state, certificate in made.items():
        assert certificate.state == state
        assert numbers(client, f"state={state}") == {certificate.number}


def test_the_same_number_of_queries_with_one_row_and_three(client, office):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get("/cms/certificate/")
        return len(queries)

    CertificateFactory()
    asked()
    once = asked()
    CertificateFactory()
    CertificateFactory()
    assert asked() == once


def test_it_is_revoked_for_a_reason_and_only_once(client, office):
    one = CertificateFactory()
    page = f"/cms/certificate/revoke/{one.pk}/"
    assert "cannot be undone" in words(client.get(page))
    client.post(page, {"reason": " "})
    assert Certificate.objects.get().is_live
    client.post(page, {"reason": "Issued to the wrong person"})
    one.refresh_from_db()
    assert (one.state, one.revoked_reason) == ("revoked", "Issued to the wrong person")
    assert Event.objects.about(one).get().by_person == office.pk
    assert "already been revoked" in words(client.post(page, {"reason": "Again"}))
    assert "Issued to the wrong person" in words(client.get(f"/cms/certificate/inspect/{one.pk}/"))


def test_a_corrected_name_makes_a_new_certificate(client, office):
    one = CertificateFactory(name="Ana Yusuf")
    page = f"/cms/certificate/correct/{one.pk}/"
    assert "Ana Yusuf" in words(client.get(page))
    answer = client.post(page, {"name": "Amina Yusuf", "reason": "Misspelt"})
    new = Certificate.objects.exclude(pk=one.pk).get()
    one.refresh_from_db()
    assert (new.name, new.is_live, one.state) == ("Amina Yusuf", True, "replaced")
    assert answer["Location"] == f"/cms/certificate/inspect/{new.pk}/"


def test_the_stored_file_is_downloaded(client, office):
    one = CertificateFactory()
    assert f"/my/certificates/{one.number}.pdf" in words(
        client.get(f"/cms/certificate/inspect/{one.pk}/")
    )
    assert client.get(f"/my/certificates/{one.number}.pdf").content.startswith(b"%PDF")


@pytest.mark.parametrize("role", [BOARD_MEMBERS, PROTOCOL_EDITORS, "agency lead"])
def test_nobody_else_sees_or_changes_them(client, settings, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    staff = role != "agency lead"
    one = CertificateFactory(name="Anna Secret")
    person = PersonFactory(is_staff=staff, groups=[role] if staff else [])
    PostFactory(person=person, is_lead=not staff)
    client.force_login(person)
    for page in (
        "/cms/certificate/",
        "/cms/certificate/?export=csv",
        "/cms/certificate/new/",
        f"/cms/certificate/inspect/{one.pk}/",
        f"/cms/certificate/edit/{one.pk}/",
        f"/cms/certificate/delete/{one.pk}/",
        f"/cms/certificate/revoke/{one.pk}/",
        f"/cms/certificate/correct/{one.pk}/",
    ):
        for answer in (client.get(page), client.post(page, {"reason": "Because", "name": "X"})):
            assert answer.status_code in {302, 403, 404, 405}, page
            assert "Anna Secret" not in words(answer), page
    one.refresh_from_db()
    assert (one.is_live, Certificate.objects.count()) == (True, 1)


def test_the_office_itself_neither_writes_nor_deletes_one(client, office):
    one = CertificateFactory(name="As issued")
    for page in ("new/", f"edit/{one.pk}/", f"delete/{one.pk}/"):
        client.post(f"/cms/certificate/{page}", {"name": "Other"})
    assert [c.name for c in Certificate.objects.all()] == ["As issued"]


def test_its_page_tells_what_has_happened_to_it_and_by_whom(client, office):
    first = issuing.issue(
        PersonFactory(name="Mary Secole"),
        award=uuid.uuid4(),
        title="Supervision",
        course_code="SUP",
        course_version="1",
        outcomes=[],
        hours=6,
        format="Classroom",
        agency="City Midwifery",
        completed_on=timezone.localdate(),
        refresh_on=None,
        by="CERTIFICATES",
    )
    second = issuing.correct(first, by=office, reason="Misspelt", name="Mary Seacole")
    issuing.revoke(second, by=office, reason="Wrong person")

    told = words(client.get(f"/cms/certificate/inspect/{first.pk}/"))
    assert "replaced by a correction, by Ola Office" in told
    assert "issued, by CERTIFICATES" in told
    told = words(client.get(f"/cms/certificate/inspect/{second.pk}/"))
    assert "revoked, by Ola Office" in told
    assert f"<dd>{first.number}</dd>" in told
