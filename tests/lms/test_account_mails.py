"""Tests that sign-in mails go through the outbox, in our wording."""

import re

import pytest

from agencies.models import Board
from lms.models import Mail
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
CODE = r"[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}"


@pytest.fixture(autouse=True)
def board():
    board = Board.load()
    board.name = "Board of O'Hara & Sons"
    board.save()


def only_mail():
    mail = Mail.objects.get()
    assert "Board of O'Hara & Sons, training office" in mail.text
    assert "Board of O&#x27;Hara &amp; Sons" in mail.html
    assert "Hello from" not in mail.text
    return mail


def test_a_sign_in_code_is_large_in_the_page_and_in_the_subject_that_is_sent(client):
    """Keep the code out of the subject that the outbox shows to the office."""
    person = PersonFactory()

    client.post("/accounts/login/code/", {"email": person.email})

    mail = only_mail()
    (code,) = re.findall(rf"\n\n({CODE})\n\n", mail.text)
    assert (mail.to, mail.state) == (person.email, "queued")
    assert mail.subject == "Your sign-in code"
    assert mail.as_message(None).subject == f"{code} is your sign-in code"
    assert f'letter-spacing:3px;margin:0 0 20px;">{code}</p>' in mail.html


def test_who_has_no_account_is_told_how_to_make_one(client):
    client.post("/accounts/login/code/", {"email": "nobody@example.org"})

    mail = only_mail()
    assert (mail.to, mail.subject) == ("nobody@example.org", "You do not have an account yet")
    assert "/accounts/signup/" in mail.html


def test_who_signs_up_twice_is_told_by_mail_only(client):
    person = PersonFactory()

    client.post("/accounts/signup/", {"email": person.email, "name": "Jo"})

    mail = only_mail()
    assert (mail.to, mail.subject) == (person.email, "You already have an account")
    assert "http://testserver/accounts/login/" in mail.text


def test_a_new_address_is_confirmed_by_a_code(client):
    client.post("/accounts/signup/", {"email": "new@example.org", "name": "Jo"})

    mail = only_mail()
    assert mail.to == "new@example.org"
    assert mail.subject == "Your code to confirm your email address"
