"""Test the link that the office sends to somebody whose code does not arrive."""

import datetime as dt
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from agencies import accounts
from agencies.access import BOARD_MEMBERS, TRAINING_ADMINISTRATORS
from agencies.back_office import outbox as office_outbox
from agencies.models import Person
from agencies.sign_in_links import sign_in_links
from history.models import Event
from lms.models import ActionLink, Mail
from record.telephone import telephone
from tests.agencies.signing import totp_code
from tests.factories import PersonFactory, PostFactory
from tests.servers import at_once

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
TEN = dt.datetime(2027, 3, 1, 10, 2, tzinfo=dt.UTC)


@pytest.fixture
def office():
    return PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])


@pytest.fixture
def amina():
    return PostFactory(person__email="amina@example.org", person__name="Amina Rahman").person


def link_to(person):
    text = Mail.objects.filter(to=person.email, template="sign_in_link").latest("pk").text
    return re.search(r"https?://[^/]+(/accounts/link/[^/]+/)", text)[1]


def sent(person, office):
    sign_in_links.send(person, by=office)
    return link_to(person)


def signed_in(client):
    return client.session.get("_auth_user_id")


def words(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def test_opening_shows_whom_it_signs_in_and_the_button_does_so_once_in_any_browser(office, amina):
    address = sent(amina, office)
    scanner, at_home = Client(), Client()
    for _ in range(2):
        shown = scanner.get(address)
        assert "Sign in as amina@example.org" in words(shown)
        assert "no-store" in shown["Cache-Control"]
    assert not signed_in(scanner)
    answer = at_home.post(address)
    assert (answer.status_code, answer["Location"]) == (302, "/my/")
    assert signed_in(at_home) == str(amina.pk)
    again = Client()
    assert "This link was used on" in words(again.post(address))
    assert not signed_in(again)
    actions = Event.objects.about(amina).order_by("pk").values_list("action", "by_person")
    assert list(actions)[-3:] == [
        ("person.sign_in_link_sent", office.pk),
        ("person.signed_in_by_link", amina.pk),
        ("person.signed_in", amina.pk),
    ]


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_it_is_good_for_60_minutes(client, office, amina, minutes, works):
    with time_machine.travel(TEN):
        address = sent(amina, office)
        assert "good until 11:02am" in Mail.objects.get(template="sign_in_link").subject
    with time_machine.travel(TEN + dt.timedelta(minutes=minutes)):
        answer = client.post(address)
        assert bool(signed_in(client)) == works
        assert works or "This link was good until 1 March 2027 at 11:02" in words(answer)


def newer(person, office):
    sign_in_links.send(person, by=office)


def closed_by_the_office(person, office):
    person.is_active = False
    accounts.save(person, groups=None, by=office)


def closed_by_any_other_door(person, office):
    Person.objects.filter(pk=person.pk).update(is_active=False)


def corrected(person, office):
    telephone.correct(person, name=person.name, email="new@example.org", telephone="", by=office)


def corrected_there_and_back(person, office):
    telephone.correct(person, name=person.name, email="new@example.org", telephone="", by=office)
    telephone.correct(person, name=person.name, email="amina@example.org", telephone="", by=office)


def changed_by_the_person(person, office):
    Person.objects.filter(pk=person.pk).update(email="own@example.org")


def invented(person, office):
    Person.objects.filter(pk=person.pk).update(is_invented=True)


@pytest.mark.parametrize(
    "change",
    [
        newer,
        closed_by_the_office,
        closed_by_any_other_door,
        corrected,
        corrected_there_and_back,
        changed_by_the_person,
        invented,
    ],
)
def test_an_old_link_dies_when_another_is_sent_or_the_account_changes(
    client, office, amina, change
):
    address = sent(amina, office)
    change(amina, office)
    for ask in (client.get, client.post):
        shown = words(ask(address))
        assert "This link does not work any more" in shown
        assert "Sign in as" not in shown
    assert not signed_in(client)


def test_staff_still_give_their_second_factor(client, office):
    staff = PersonFactory(is_staff=True, groups=[BOARD_MEMBERS])
    TOTP.activate(staff, SECRET)
    answer = client.post(sent(staff, office))
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(SECRET)})
    assert signed_in(client) == str(staff.pk)


def test_staff_without_a_second_factor_set_one_up_before_anything_else(client, office):
    staff = PersonFactory(is_staff=True, groups=[BOARD_MEMBERS])
    client.post(sent(staff, office))
    assert client.get("/cms/")["Location"] == "/accounts/2fa/totp/activate/"


def test_an_address_that_was_not_proven_is_proven_by_it(client, office):
    person = PersonFactory()
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"primary": True, "verified": False}
    )
    client.post(sent(person, office))
    assert signed_in(client) == str(person.pk)
    assert EmailAddress.objects.get(user=person).verified


def test_whoever_else_is_signed_in_there_is_signed_out(client, office, amina):
    other = PersonFactory()
    client.force_login(other)
    address = sent(amina, office)
    assert "Whoever is signed in here now will be signed out." in words(client.get(address))
    assert signed_in(client) == str(other.pk)
    client.post(address)
    assert signed_in(client) == str(amina.pk)


def test_three_an_hour_are_sent_to_a_person(office, amina):
    with time_machine.travel(TEN) as clock:
        for _ in range(3):
            sign_in_links.send(amina, by=office)
            clock.shift(dt.timedelta(minutes=10))
        with pytest.raises(sign_in_links.NotSent, match="Try again at 11:03am"):
            sign_in_links.send(amina, by=office)
        sign_in_links.send(PersonFactory(), by=office)
        clock.move_to(TEN + dt.timedelta(minutes=61))
        sign_in_links.send(amina, by=office)
    assert Mail.objects.filter(to=amina.email, template="sign_in_link").count() == 4


def test_none_is_sent_to_a_closed_account_or_by_anybody_but_the_office(office, amina):
    with pytest.raises(accounts.AccountRefused):
        sign_in_links.send(amina, by=amina)
    Person.objects.filter(pk=amina.pk).update(is_active=False)
    with pytest.raises(sign_in_links.NotSent, match="Their account is closed"):
        sign_in_links.send(amina, by=office)
    unreachable = PersonFactory()
    Person.objects.filter(pk=unreachable.pk).update(email="not an address")
    with pytest.raises(sign_in_links.NotSent, match="no address that can receive email"):
        sign_in_links.send(unreachable, by=office)
    assert not ActionLink.objects.exists() and not Mail.objects.exists()


def test_the_office_sends_it_from_the_telephone_page(client, settings, office, amina):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(office)
    page = f"/cms/telephone/{amina.pk}/"
    assert f"{page}sign-in-link/" in client.get(page).content.decode()
    refused = words(client.post(f"{page}sign-in-link/"))
    assert "Make sure who is calling before you send a link" in refused
    answer = client.post(f"{page}sign-in-link/", {"is_them": "on"}, follow=True)
    assert "The link is on its way to amina@example.org." in words(answer)
    Person.objects.filter(pk=amina.pk).update(is_active=False)
    shown = client.get(page)
    assert "No link to sign in can be sent. Their account is closed" in words(shown)
    assert f"{page}sign-in-link/" not in shown.content.decode()
    assert "Their account is closed" in words(
        client.post(f"{page}sign-in-link/", {"is_them": "on"})
    )


def test_staff_neither_read_the_link_nor_have_it_sent_elsewhere(client, settings, office, amina):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    token = sent(amina, office).split("/")[-2]
    client.force_login(office)
    letter = Mail.objects.get(template="sign_in_link")
    for address in (f"/cms/outbox/inspect/{letter.pk}/", f"/cms/telephone/{amina.pk}/"):
        shown = client.get(address)
        assert shown.status_code == 200 and token not in shown.content.decode()
    Mail.objects.update(state=Mail.SENT, sent_at=timezone.now())
    with pytest.raises(telephone.NotSentAgain, match="about signing in"):
        telephone.send_again(letter, amina, by=office)
    Mail.objects.update(state=Mail.FAILED)
    letter.refresh_from_db()
    with pytest.raises(office_outbox.ResendRefused, match="about signing in"):
        office_outbox.send_again(letter, to="me@example.org", by=office)


@pytest.mark.race
def test_two_presses_at_once_sign_in_once(own_database):
    office = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    person = PersonFactory()
    address = sent(person, office)
    outcomes = at_once(4, lambda number: bool(signed_in_by(address)))
    assert sorted(outcomes) == [False, False, False, True]


def signed_in_by(address):
    client = Client()
    client.post(address)
    return signed_in(client)
