"""Test that the first administrator can sign in on an empty site: by code, and without email."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agencies.models import Person
from tests.agencies.signing import sign_in
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
WHO = {"email": "Office@Board.example.org", "name": "Ola Office"}


def create(**who):
    said = StringIO()
    call_command("createsuperuser", interactive=False, stdout=said, **(WHO | who))
    return said.getvalue()


def test_one_code_and_no_password_signs_the_first_administrator_in(client):
    assert "there is no password" in create()
    person = Person.objects.get()
    assert person.is_superuser and person.is_staff and not person.has_usable_password()
    assert person.emailaddress_set.get().verified
    assert sign_in(client, "office@board.example.org")["Location"] == "/cms/"
    assert client.get("/cms/")["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_the_printed_link_signs_them_in_without_email(client):
    link = re.search(r"https?://[^/]+(/accounts/link/\S+)", create()).group(1)
    assert client.post(link)["Location"] == "/cms/"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    assert "does not work any more" in client.get(link).text


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ({"email": ""}, "Give an email address"),
        ({"email": "office"}, "Give an email address"),
        ({"name": ""}, "name"),
        ({"email": "known@example.org"}, "Somebody has this address already"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_makes_nobody(who, sentence):
    PersonFactory(email="known@example.org")
    with pytest.raises(CommandError, match=sentence):
        create(**who)
    assert Person.objects.count() == 1
