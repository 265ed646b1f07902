"""Test that an open session takes no account over: addresses, files, and who is told."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from agencies import accounts
from agencies.own_account import proving
from history.models import Event
from lms.models import Mail
from tests.agencies.signing import code_sent_to, prove, sign_in, totp_code
from tests.factories import PersonFactory, PostFactory

pytestmark = pytest.mark.django_db
ADDRESSES = "/accounts/email/"
SECRET = "JBSWY3DPEHPK3PXP"
CHANGES = {
    "add": {"action_add": "", "email": "third@example.org"},
    "make main": {"action_primary": "", "email": "second@example.org"},
    "remove": {"action_remove": "", "email": "second@example.org"},
}


@pytest.fixture
def person():
    person = PersonFactory(email="first@example.org")
    second = "second@example.org"
    EmailAddress.objects.create(user=person, email=second, verified=True, primary=False)
    return person


def later(monkeypatch, **how_long):
    now = timezone.now() + dt.timedelta(**how_long)
    monkeypatch.setattr("time.time", now.timestamp)


def addresses_of(person):
    person.refresh_from_db()
    return person.email, sorted(person.emailaddress_set.values_list("email", flat=True))


def actions(person):
    return list(Event.objects.about(person).order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("change", CHANGES)
def test_a_session_that_is_open_changes_no_address(client, person, change):
    sign_in(client, person.email)
    before = addresses_of(person)
    answer = client.post(ADDRESSES, CHANGES[change])
    assert answer["Location"] == "/accounts/check/?next=%2Faccounts%2Femail%2F"
    assert addresses_of(person) == before
    assert not Mail.objects.filter(to="third@example.org").exists()


@pytest.mark.parametrize("change", CHANGES)
def test_after_the_code_the_change_is_made_without_asking_again_for_an_hour(
    client, person, change, monkeypatch
):
    client.force_login(person)
    asked = client.post(ADDRESSES, CHANGES[change])["Location"]
    client.post(asked, {"send": "yes"})
    code = code_sent_to(person.email)
    client.post(asked, {"code": code, "next": ADDRESSES})
    if change == "add":
        client.post("/accounts/confirm-email/", {"code": code_sent_to("third@example.org")})
    assert (
        addresses_of(person)
        == {
            "add": (
                "first@example.org",
                sorted([f"{n}@example.org" for n in ("first", "second", "third")]),
            ),
            "make main": ("second@example.org", ["first@example.org", "second@example.org"]),
            "remove": ("first@example.org", ["first@example.org"]),
        }[change]
    )
    more = {"action_add": "", "email": "fourth@example.org"}
    later(monkeypatch, minutes=59)
    assert client.post(ADDRESSES, more)["Location"] == "/accounts/confirm-email/"
    later(monkeypatch, minutes=61)
    assert client.post(ADDRESSES, more)["Location"].startswith("/accounts/check/")


@pytest.mark.parametrize(
    ("change", "action", "both"),
    [
        ("add", "person.address_added", ["first@example.org", "third@example.org"]),
        ("make main", "person.address_changed", ["first@example.org", "second@example.org"]),
        ("remove", "person.address_removed", ["first@example.org", "second@example.org"]),
    ],
)
def test_both_addresses_are_told_and_history_keeps_it(client, person, change, action, both):
    client.force_login(person)
    prove(client, person.email)
    client.post(ADDRESSES, CHANGES[change])
    if change == "add":
        client.post("/accounts/confirm-email/", {"code": code_sent_to("third@example.org")})
    mails = Mail.objects.filter(template="addresses_changed")
    assert sorted(mails.values_list("to", flat=True)) == both
    assert "tell the training office straight away" in mails[0].text
    assert actions(person)[-1] == action
    assert "@" not in str(list(Event.objects.values_list("was", "now")))


def test_both_addresses_are_told_when_the_office_changes_one(office):
    person = PersonFactory(email="first@example.org")
    person.email = "right@example.org"
    accounts.save(person, groups=None, by=office)
    mails = Mail.objects.filter(template="addresses_changed")
    assert sorted(mails.values_list("to", flat=True)) == ["first@example.org", "right@example.org"]


def test_three_wrong_codes_end_the_code_and_are_in_history(client, person):
    client.force_login(person)
    client.post("/accounts/check/", {"send": "yes"})
    for _ in range(3):
        client.post("/accounts/check/", {"code": "WRONGG"})
    client.post("/accounts/check/", {"code": code_sent_to(person.email)})
    assert actions(person).count("person.wrong_code") == 3
    assert client.post(ADDRESSES, CHANGES["remove"])["Location"].startswith("/accounts/check/")


def test_the_code_of_one_person_is_none_for_another_in_the_same_browser(client, person):
    client.force_login(person)
    client.post("/accounts/check/", {"send": "yes"})
    waiting = client.session[proving.STATE]
    client.force_login(PersonFactory())
    session = client.session  # A new one; the old one's code may not pass even if it got there.
    session[proving.STATE] = waiting
    session.save()
    client.post("/accounts/check/", {"code": code_sent_to(person.email)})
    assert client.post(ADDRESSES, CHANGES["add"])["Location"].startswith("/accounts/check/")


def test_a_code_to_an_address_that_is_theirs_no_longer_proves_nothing(client, office, person):
    browser = Client()
    browser.force_login(person)
    browser.post("/accounts/check/", {"send": "yes"})
    code = code_sent_to("first@example.org")
    changed = type(person).objects.get(pk=person.pk)
    changed.email = "right@example.org"
    accounts.save(changed, groups=None, by=office)
    browser.post("/accounts/check/", {"code": code})
    assert browser.post(ADDRESSES, CHANGES["add"])["Location"].startswith("/accounts/check/")


def test_who_has_an_authenticator_app_proves_it_by_that(client, person):
    TOTP.activate(person, SECRET)
    client.force_login(person)
    asked = client.post(ADDRESSES, CHANGES["remove"])["Location"]
    assert asked.startswith("/accounts/2fa/reauthenticate/")
    client.post(asked, {"code": totp_code(SECRET), "next": ADDRESSES})
    assert addresses_of(person) == ("first@example.org", ["first@example.org"])


def test_codes_are_sent_only_as_often_as_to_sign_in(client, person):
    client.force_login(person)
    for _ in range(5):
        client.post("/accounts/check/", {"send": "yes"})
    assert Mail.objects.filter(to=person.email).count() == 3


# Files


def test_a_list_of_people_is_given_within_an_hour_of_signing_in_and_later_after_a_code(
    client, monkeypatch
):
    lead = PostFactory(is_lead=True).person
    client.force_login(lead)
    assert client.get("/agency/staff.csv")["Content-Type"].startswith("text/csv")
    later(monkeypatch, minutes=61)
    answer = client.get("/agency/staff.csv?a=1")
    ready = "/accounts/file/?of=%2Fagency%2Fstaff.csv%3Fa%3D1"
    assert answer["Location"] == "/accounts/check/?next=" + ready.replace("%", "%25").replace(
        "/", "%2F"
    ).replace("?", "%3F").replace("=", "%3D")
    client.post("/accounts/check/", {"send": "yes"})
    code = code_sent_to(lead.email)
    answer = client.post("/accounts/check/", {"code": code, "next": ready})
    assert 'href="/agency/staff.csv?a=1"' in client.get(answer["Location"]).text
    assert client.get("/agency/staff.csv")["Content-Type"].startswith("text/csv")
    assert actions(lead).count("person.took_file") == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_list_of_the_back_office_is_given_later_without_a_proof(
    client, office, monkeypatch, kind
):
    assert client.get(f"/cms/users/?export={kind}").status_code == 200
    later(monkeypatch, minutes=61)
    answer = client.get(f"/cms/users/?export={kind}")
    assert answer["Location"].startswith("/accounts/check/?next=")


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "javascript:1", ""])
def test_the_page_of_a_file_leads_to_no_other_site(client, path):
    client.force_login(PersonFactory())
    assert client.get("/accounts/file/", {"of": path}).status_code == 404


def test_the_page_of_addresses_says_in_our_words_what_each_is_for(client):
    person = PersonFactory(email="main@example.org")
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"primary": True, "verified": True}
    )
    EmailAddress.objects.create(user=person, email="home@example.org", verified=True)
    EmailAddress.objects.create(user=person, email="new@example.org", verified=False)
    client.force_login(person)
    page = client.get("/accounts/email/").text
    main, home, new = (page.index(f">{name}@example.org</h2>") for name in ("main", "home", "new"))
    assert main < min(home, new)
    first, second = sorted([(home, "Make this my main address"), (new, "Send a new code")])
    assert page.index(first[1]) < second[0] < page.index(second[1])
    for default in ("Primary", "Verif", "Re-send", "associated", "Add Email"):
        assert default not in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"action_primary": "", "email": "home@example.org"}, "to your new main address"),
        ({"action_remove": "", "email": "home@example.org"}, "You can’t sign in with it any more"),
        ({"action_remove": "", "email": "main@example.org"}, "it’s your main address"),
        ({"action_primary": "", "email": "new@example.org"}, "Enter the code that we emailed"),
        ({"action_add": "", "email": "home@example.org"}, "You’ve added this address already"),
        ({"action_add": "", "email": ""}, "Enter the email address that you want to add"),
    ],
)
def test_what_becomes_of_an_address_is_said_in_our_words(client, sent, sentence):
    person = PersonFactory(email="main@example.org")
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"primary": True, "verified": True}
    )
    EmailAddress.objects.create(user=person, email="home@example.org", verified=True)
    EmailAddress.objects.create(user=person, email="new@example.org", verified=False)
    client.force_login(person)
    prove(client, person.email)
    assert sentence in client.post("/accounts/email/", sent, follow=True).text
