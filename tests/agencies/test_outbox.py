"""Test how the training office reads the outbox and resends failed mail."""

import pytest
from django.core.mail import send_mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from history.models import Event
from lms import links
from lms.models import Mail
from tests.agencies.signing import code_sent_to
from tests.factories import MailFactory, PersonFactory, PostFactory, in_days
from tests.sheets import read_csv

pytestmark = pytest.mark.django_db


def failed(**mail):
    return MailFactory(state=Mail.FAILED, template="booking_confirmed", **mail)


def words(answer):
    return answer.content.decode()


def test_mail_is_found_by_address_subject_and_whether_it_is_to_be_mended(client, office):
    lost = failed(to="anna@example.org", subject="Lost")
    MailFactory(to="bert@example.org", subject="Waits")
    mended = failed(to="cora@example.org", subject="Mended")
    MailFactory(resend_of=mended, subject="Again")

    def shown(query):
        rows = read_csv(client.get(f"/cms/outbox/?export=csv&{query}")).by_heading()
        return {row["Subject"] for row in rows}

    assert shown("") == {"Lost", "Waits", "Mended", "Again"}
    assert shown("state=mend") == {"Lost"}
    assert shown("state=failed") == {"Lost", "Mended"}
    assert shown("q=bert") == {"Waits"}
    assert lost.subject in words(client.get("/cms/outbox/"))
    assert b"".join(client.get("/cms/outbox/?export=xlsx"))


def test_the_same_number_of_queries_with_one_row_and_three(client, office):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get("/cms/outbox/")
        return len(queries)

    failed()
    asked()
    once = asked()
    failed()
    failed()
    assert asked() == once


def test_one_is_read_and_sent_again_to_the_right_address_once(client, office):
    lost = failed(to="ana@example.org", text="Your place is confirmed.", last_error="550 Unknown")
    page = words(client.get(f"/cms/outbox/inspect/{lost.pk}/"))
    assert "Your place is confirmed." in page and "550 Unknown" in page
    assert "ana@example.org" in words(client.get(f"/cms/outbox/again/{lost.pk}/"))
    client.post(f"/cms/outbox/again/{lost.pk}/", {"to": "nonsense"})
    assert not lost.resends.exists()
    client.post(f"/cms/outbox/again/{lost.pk}/", {"to": "Anna@example.org"})
    again = lost.resends.get()
    assert (again.to, again.text, again.state, again.resent_by) == (
        "anna@example.org", lost.text, Mail.QUEUED, office.pk,
    )  # fmt: skip
    event = Event.objects.about(lost).get()
    assert (event.by_person, event.now) == (office.pk, {"as": again.pk, "other_address": True})
    twice = client.post(f"/cms/outbox/again/{lost.pk}/", {"to": "anna@example.org"})
    assert "already been sent again" in words(twice)


def test_an_address_is_put_right_at_the_person_too(client, office):
    anna, other = PersonFactory(email="ana@example.org"), PersonFactory(email="bert@example.org")
    lost = failed(to=anna.email)
    page = words(client.get(f"/cms/outbox/again/{lost.pk}/"))
    assert "Change it at the person" in page
    address = f"/cms/outbox/again/{lost.pk}/"
    answer = client.post(address, {"to": other.email, "person_too": "on"})
    assert "another person" in words(answer) and not lost.resends.exists()
    client.post(address, {"to": "anna@example.org", "person_too": "on"})
    anna.refresh_from_db()
    assert (anna.email, lost.resends.get().to) == ("anna@example.org", "anna@example.org")
    assert Event.objects.about(anna).get().action == "person.address_changed"


def test_of_a_mail_that_reached_the_person_the_copy_alone_is_sent_again(client, office):
    lost = failed(to="anna@example.org", cc=["bos@example.org"], reached=["anna@example.org"])
    page = words(client.get(f"/cms/outbox/again/{lost.pk}/"))
    assert 'value="bos@example.org"' in page and "not to anna@example.org" in page
    client.post(f"/cms/outbox/again/{lost.pk}/", {"to": "boss@example.org"})
    again = lost.resends.get()
    assert (again.to, again.cc) == ("boss@example.org", [])


def test_a_link_that_acts_without_signing_in_is_not_shown(client, office):
    token = links.create("offer", office, sent_to="a@example.org", until=in_days(1))
    address = f"https://x.example.org/offers/{token}/"
    offer = MailFactory(template="place_offered", text=f"Take it: {address}\nOr: {address}")
    page = words(client.get(f"/cms/outbox/inspect/{offer.pk}/"))
    assert "/offers/(hidden)/" in page and token not in page
    for query in ("", "?q=offer", "?export=csv"):
        answer = client.get(f"/cms/outbox/{query}")
        assert token.encode() not in b"".join(answer)


def test_what_was_delivered_is_not_sent_again(client, office):
    sent = MailFactory(state=Mail.SENT, template="booking_confirmed")
    answer = client.post(f"/cms/outbox/again/{sent.pk}/", {"to": "a@example.org"})
    assert "Only an email that was not delivered" in words(answer)
    assert Mail.objects.count() == 1


def test_a_code_to_sign_in_with_is_neither_read_nor_sent_elsewhere(client, office):
    send_mail("Your code", "Sign in with 4711-XYZ", None, ["anna@example.org"])
    mail = Mail.objects.get()
    Mail.objects.update(state=Mail.FAILED)
    assert "4711-XYZ" not in words(client.get(f"/cms/outbox/inspect/{mail.pk}/"))
    assert "4711-XYZ" not in b"".join(client.get("/cms/outbox/?export=csv")).decode()
    answer = client.post(f"/cms/outbox/again/{mail.pk}/", {"to": office.email})
    assert "must ask for a new one" in words(answer)
    assert Mail.objects.count() == 1


def test_nobody_can_sign_in_as_another_by_what_the_outbox_shows(client, office):
    anna = PersonFactory()
    Client().post("/accounts/login/", {"login": anna.email})
    code, mail = code_sent_to(anna.email), Mail.objects.get()
    Mail.objects.update(state=Mail.FAILED)
    pages = ["", f"inspect/{mail.pk}/", f"again/{mail.pk}/", "?q=code"]
    shown = [words(client.get(f"/cms/outbox/{page}")) for page in pages]
    shown += [words(client.get("/cms/")), b"".join(client.get("/cms/outbox/?export=csv")).decode()]
    assert [code in page for page in shown] == [False] * len(shown)


@pytest.mark.parametrize("role", [BOARD_MEMBERS, PROTOCOL_EDITORS, "agency lead"])
def test_nobody_else_reads_or_sends(client, settings, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    staff = role != "agency lead"
    lost = failed(subject="To Anna Secret")
    person = PersonFactory(is_staff=staff, groups=[role] if staff else [])
    PostFactory(person=person, is_lead=not staff)
    client.force_login(person)
    for page in ("", "?export=csv", "new/", f"inspect/{lost.pk}/", f"again/{lost.pk}/"):
        for answer in (
            client.get(f"/cms/outbox/{page}"),
            client.post(f"/cms/outbox/{page}", {"to": person.email}),
        ):
            assert answer.status_code in {302, 403, 404, 405}, page
            assert "Anna Secret" not in words(answer)
    assert Mail.objects.count() == 1
