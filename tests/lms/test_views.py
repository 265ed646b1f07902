"""Tests of the health check, and of mail previews that exist in development only."""

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from lms.web import health
from tests.factories import MailFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked_afresh(monkeypatch):
    """Let each question of a test be asked of the database, however soon after another."""
    monkeypatch.setattr(health, "GOOD_FOR", 0.0)
    monkeypatch.setattr(health, "_answer", (0.0, False))


def test_the_site_is_alive_when_its_database_takes_a_row(client):
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/healthz")
    written = [each["sql"].split()[0] for each in asked if "django_session" in each["sql"]]
    assert written == ["INSERT", "DELETE"]

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.server_errors(503)
def test_the_site_says_no_more_than_that_it_is_unavailable(client):
    def broken(*args):
        raise DatabaseError("password of the database")

    with connection.execute_wrapper(broken):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (503, b"unavailable")


def pages_of(mail):
    return ["/dev/mail/", f"/dev/mail/{mail.pk}/", f"/dev/mail/{mail.pk}/html/"]


def test_mails_are_shown_in_development_only(client, settings):
    mail = MailFactory(html="<p>Hello.</p>")
    assert [client.get(page).status_code for page in pages_of(mail)] == [200] * 3

    settings.LMS_DEVELOPMENT = False

    client.force_login(PersonFactory(is_superuser=True))
    assert [client.get(page).status_code for page in pages_of(mail)] == [404] * 3


def test_mails_are_listed_newest_first_and_found_by_address(client):
    MailFactory(to="jo@example.org", subject="First")
    MailFactory(to="eve@example.org", subject="Second")
    MailFactory(to="jo@example.org", subject="Third")

    assert [mail.subject for mail in client.get("/dev/mail/").context["mails"]] == [
        "Third",
        "Second",
        "First",
    ]
    found = client.get("/dev/mail/", {"to": " JO@ "}).context["mails"]
    assert [mail.subject for mail in found] == ["Third", "First"]
    assert "Nothing was written to “nobody”." in client.get("/dev/mail/?to=nobody").text


def test_links_of_a_mail_can_be_followed_and_its_words_are_only_words(client):
    mail = MailFactory(text="See http://127.0.0.1:8000/my/ <script>alert(1)</script>")

    page = client.get(f"/dev/mail/{mail.pk}/").text

    assert 'href="http://127.0.0.1:8000/my/"' in page
    assert "<script>alert" not in page


def test_the_page_of_a_mail_may_do_nothing_but_be_styled(client):
    mail = MailFactory(html="<p>Hello.</p>")

    policy = client.get(f"/dev/mail/{mail.pk}/html/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox" in policy


def test_the_list_asks_the_same_of_the_database_for_one_and_three(client):
    MailFactory()
    client.get("/dev/mail/")  # Creates the board's settings.
    with CaptureQueriesContext(connection) as for_one:
        client.get("/dev/mail/")
    MailFactory.create_batch(2)
    with CaptureQueriesContext(connection) as for_three:
        assert len(client.get("/dev/mail/").context["mails"]) == 3

    assert len(for_three) == len(for_one)
