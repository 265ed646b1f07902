"""Test what anyone learns from a certificate's code, and who gets the PDF."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from certificates import codes, content_store
from tests.factories import CertificateFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db


def page(client, certificate):
    return client.get(reverse("certificates:verify", args=[certificate.code]))


def words(response):
    return " ".join(response.content.decode().split())


STATES = [
    ({}, "This certificate is valid"),
    ({"refresh_on": dt.date(2020, 1, 1)}, "genuine, and a refresh is due"),
    ({"superseded_at": timezone.now()}, "has been replaced"),
    ({"revoked_at": timezone.now(), "revoked_reason": "Secret reason"}, "has been revoked"),
]


@pytest.mark.parametrize(("facts", "said"), STATES)
def test_the_page_says_state_name_course_and_date_and_no_more(client, facts, said):
    certificate = CertificateFactory(
        name="Mary Seacole",
        title="Supervision",
        agency="City Midwifery",
        completed_on=dt.date(2019, 11, 20),
        outcomes=["An outcome"],
        **facts,
    )
    response = page(client, certificate)
    text = words(response)
    assert response.status_code == 200
    assert [
        word
        for word in (said, "Mary Seacole", "Supervision", "20 November 2019")
        if word not in text
    ] == []
    withheld = [
        "City Midwifery", certificate.number, certificate.holder.email, "An outcome",
        "Secret reason", "Independent Chair", str(certificate.award),
    ]  # fmt: skip
    assert [word for word in withheld if word in text] == []
    assert "expired" not in text.lower()


def test_what_is_no_longer_held_is_said_without_a_name(client):
    certificate = CertificateFactory(name="Mary Seacole", erased_at=timezone.now())
    text = words(page(client, certificate))
    assert "no longer held" in text
    assert "Mary Seacole" not in text
    assert "Supervision" not in text


@pytest.mark.parametrize(
    "typed", ["0000000000000000", "nonsense", "7K2M-9QXA-41TB-Z0HE", "' OR 1=1"]
)
def test_a_wrong_code_is_not_found_and_says_what_to_do(client, typed):
    response = client.get(reverse("certificates:verify", args=[typed]), follow=True)
    assert response.status_code == 404
    assert "We have no certificate with this code" in words(response)


def test_a_code_may_be_typed_as_it_is_read(client):
    certificate = CertificateFactory(code="7K2M9QXA01110ZHE")
    response = client.get(reverse("certificates:check"), {"code": "7k2m-9qxa-OIl1-ozhe"})
    assert (response.status_code, response.url) == (302, certificate.verify_path)
    response = client.get("/certificates/verify/7k2m-9qxa-oll1-0zhe/")
    assert (response.status_code, response.url) == (302, certificate.verify_path)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Enter the verification code"), ("7K2M", "Enter all 16 letters and numbers")],
)
def test_a_code_that_cannot_be_one_is_asked_for_again(client, typed, said):
    response = client.get(reverse("certificates:check"), {"code": typed})
    assert response.status_code == 200
    assert said in words(response)
    assert "There is a problem" in words(response)


def test_the_public_pages_are_kept_from_search_engines_and_other_sites(client):
    certificate = CertificateFactory()
    for address in (
        reverse("certificates:check"),
        certificate.verify_path,
        reverse("certificates:verify", args=[codes.generate()]),
    ):
        headers = client.get(address).headers
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in headers["Cache-Control"]


def test_tries_are_limited_and_it_says_so(client, settings):
    settings.LMS_CERTIFICATE_VERIFY_RATE = "30/m/ip"
    certificate = CertificateFactory()
    tries = [client.get(reverse("certificates:verify", args=[codes.generate()])) for _ in range(30)]
    assert {response.status_code for response in tries} == {404}
    response = page(client, certificate)
    assert response.status_code == 429
    assert "Wait a minute" in words(response)
    assert certificate.name not in words(response)
    elsewhere = client.get(certificate.verify_path, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 200


def test_its_holder_reads_it_and_downloads_it_as_it_was_stored(client):
    certificate = CertificateFactory(outcomes=["An outcome"], agency="City Midwifery")
    client.force_login(certificate.holder)
    text = words(client.get(certificate.get_absolute_url()))
    shown = ["An outcome", "City Midwifery", certificate.number, certificate.grouped_code]
    assert [word for word in shown if word not in text] == []
    response = client.get(reverse("certificates:download", args=[certificate.number]))
    assert response.content == content_store.read(certificate)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{certificate.number}.pdf"'
    assert response["ETag"] == f'"{certificate.sha256}"'
    again = client.get(
        reverse("certificates:download", args=[certificate.number]),
        headers={"If-None-Match": response["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["certificates:mine", "certificates:download"])
def test_for_others_it_does_not_exist(client, name):
    certificate = CertificateFactory()
    address = reverse(name, args=[certificate.number])
    assert client.get(address).status_code == 302
    lead = PostFactory(is_lead=True)
    PostFactory(person=certificate.holder, agency=lead.agency)
    for stranger in (PersonFactory(), lead.person):
        client.force_login(stranger)
        assert client.get(address).status_code == 404
    client.force_login(PersonFactory(groups=[TRAINING_ADMINISTRATORS]))
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/my/certificates/%00/", "/my/certificates/A%00.pdf"])
def test_a_number_that_cannot_be_one_is_not_found(client, address):
    client.force_login(PersonFactory())
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("name", ["certificates:mine", "certificates:download"])
def test_what_is_no_longer_held_is_gone_for_its_holder_too(client, name):
    certificate = CertificateFactory(erased_at=timezone.now())
    client.force_login(certificate.holder)
    assert client.get(reverse(name, args=[certificate.number])).status_code == 404


def test_a_replaced_one_leads_its_holder_to_the_new_one(client):
    new = CertificateFactory()
    old = CertificateFactory(
        holder=new.holder, award=new.award, superseded_at=timezone.now(), superseded_by=new
    )
    client.force_login(new.holder)
    assert f'href="{new.get_absolute_url()}"' in words(client.get(old.get_absolute_url()))


def test_posting_is_not_offered(client):
    certificate = CertificateFactory()
    client.force_login(certificate.holder)
    for name, args in [
        ("check", []),
        ("verify", [certificate.code]),
        ("mine", [certificate.number]),
        ("download", [certificate.number]),
    ]:
        assert client.post(reverse(f"certificates:{name}", args=args)).status_code == 405
