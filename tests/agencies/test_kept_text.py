"""Test that what is sent without a session is shown again to its person, in every form of ours.

The forms come from the routes: those of tests/test_access_matrix.py and of tests/test_recorded.py.
"""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html as parser

from agencies.models import KeptText, Person
from agencies.own_account import kept_text
from agencies.own_account.kept_text_middleware import KEPT, NOT_KEPT
from agencies.privacy.rules import KeptTexts
from courses.models import Booking
from tests.factories import BookingFactory, PostFactory, RunFactory, VenueFactory
from tests.filling import filled_form
from tests.test_access_matrix import OURS, TO_SIGN_IN, a_world
from tests.test_recorded import CHANGES, WHO, path_of

pytestmark = pytest.mark.django_db
TYPED = "Words that took an hour"
SAID = "You were signed out before you sent this form"
# Reads nothing that somebody typed, or asks for what is never kept.
NEVER_KEPT = {"courses:pre_course", "courses:sent_marks"}
# Ask for a code or an address, which a thief of the session would type.
OF_ACCOUNTS = {"agencies:prove", "agencies:addresses", "agencies:confirm_address"}
WRITABLE = {"text", "search", "email", "tel", "url", "number", "date", "time"}


def session_ends():
    Session.objects.all().delete()


def send(client, path, data=None, page=None, **headers):
    headers = {"referer": f"http://testserver{page or path}"} | headers
    return client.post(path, {"words": TYPED} | (data or {}), headers=headers)


def sent_without_session(client, person, path, data=None, page=None, **headers):
    """Sign in, open the page, lose the session, send the form."""
    client.force_login(person)
    client.get(page or path)
    session_ends()
    return send(client, path, data, page, **headers)


def after_signing_in(client, person, page):
    client.force_login(person)
    return client.get(page)


@pytest.fixture
def person():
    return PostFactory().person


@pytest.fixture(scope="module")
def world_of_all(django_db_setup, django_db_blocker, data_folder):
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(world_of_all, settings):
    settings.LMS_DEVELOPMENT = False
    with transaction.atomic():
        yield world_of_all
        transaction.set_rollback(True)


def for_people():
    """Return the names of all forms of ours that ask somebody to sign in first."""
    return [
        name
        for name, (_, _, post) in OURS.items()
        if post["nobody"] == TO_SIGN_IN and set(post.values()) - {404, 405, TO_SIGN_IN}
        if name not in OF_ACCOUNTS
    ]


def who_may(world, name):
    _, reading, sending = OURS[name]
    may = [role for role, told in sending.items() if told in (200, 302) and role != "nobody"]
    role = next((role for role in may if reading[role] == 200), may[0])
    return world.clients[role], reading[role] == 200


@pytest.mark.parametrize("name", for_people())
def test_every_form_for_people_who_are_signed_in_keeps_its_text(world, name):
    path = reverse(name, args=[world.things[about] for about in OURS[name][0]])
    client, can_be_read = who_may(world, name)
    person = Person.objects.get(pk=client.session["_auth_user_id"])
    page = path if can_be_read else "/my/jobs/"
    fresh = Client()
    fresh.force_login(person)
    hidden, typed = typed_into(fresh.get(page).text, path)
    session_ends()
    answer = send(fresh, path, hidden | typed, page)
    assert answer["Location"] == f"/accounts/login/?next={page}"
    shown = after_signing_in(fresh, person, page)
    if name in NEVER_KEPT:
        assert not KeptText.objects.exists()
        assert SAID not in shown.text
        return
    assert SAID in shown.text
    assert TYPED in shown.text
    for field, value in typed.items():
        assert value in values_on(shown.text, field), field


@pytest.mark.parametrize("address", CHANGES)
def test_every_form_of_the_back_office_keeps_its_text(client, office, address):
    office.is_superuser = True
    office.save()
    WHO["office"] = office
    arguments, _ = CHANGES[address]()
    path = path_of(address, list(arguments))
    opened = client.get(path)
    hidden, typed = typed_into(opened.text, path) if opened.status_code == 200 else ({}, {})
    session_ends()
    answer = send(client, path, hidden | typed)
    assert answer["Location"] == f"/accounts/login/?next={path}"
    assert KeptText.objects.get().person == office
    shown = after_signing_in(client, office, path)
    if shown.status_code != 200:
        return
    assert SAID in shown.text
    for field, value in typed.items():
        assert value in values_on(shown.text, field), field


def typed_into(page, action):
    """Return the hidden values of the form that is sent there, and what a person types into it."""
    for form in parser.document_fromstring(page).iter("form"):
        where = (form.get("action") or action).partition("?")[0]
        if form.get("method", "").lower() != "post" or where != action:
            continue
        typed = {}
        for control in form.xpath(".//*[self::input or self::textarea][not(@disabled)]"):
            kind, name = control.get("type", "text"), control.get("name", "")
            is_kept = not kept_text.NEVER.search(name) and name not in kept_text.special_fields()
            if name and is_kept and (control.tag == "textarea" or kind in WRITABLE):
                value = {"number": "7", "date": "2099-03-01", "time": "09:45"}
                typed[name] = value.get(kind, f"{TYPED} {name}")
        if typed:
            return carried_by(form), typed
    return {}, {}


def carried_by(form):
    hidden = form.xpath(".//input[@type='hidden'][@name]")
    carried = {each.get("name"): each.get("value", "") for each in hidden}
    return {name: value for name, value in carried.items() if name != "csrfmiddlewaretoken"}


def values_on(page, name):
    found = parser.document_fromstring(page).xpath("//*[@name=$name]", name=name)
    return [
        each.text_content().removeprefix("\n") if each.tag == "textarea" else each.get("value")
        for each in found
    ]


NAME = "/my/name/"


def kept_of(client, person, **data):
    return sent_without_session(client, person, NAME, {"name": TYPED} | data)


def test_the_person_reads_what_happened_and_finds_the_text_in_the_form(client, person):
    answer = kept_of(client, person)
    assert KEPT in client.get(answer["Location"]).text.replace("&#x27;", "’")
    shown = after_signing_in(client, person, NAME).text
    assert values_on(shown, "name") == [TYPED]
    assert "nothing has been sent or saved yet" in shown
    person.refresh_from_db()
    assert person.name != TYPED


def test_another_person_in_the_same_browser_sees_nothing_of_it(client, person):
    kept_of(client, person)
    another = PostFactory().person
    shown = after_signing_in(client, another, NAME).text
    assert SAID not in shown and TYPED not in shown
    assert TYPED in after_signing_in(client, person, NAME).text


def test_the_same_person_in_another_browser_sees_nothing_of_it(client, person):
    kept_of(client, person)
    assert TYPED not in after_signing_in(Client(), person, NAME).text


def test_what_a_stranger_sends_is_not_kept(client):
    answer = send(client, NAME, {"name": TYPED})
    assert not KeptText.objects.exists()
    assert NOT_KEPT in client.get(answer["Location"]).text


def test_after_signing_out_nothing_is_kept_and_what_was_is_deleted(client, person):
    kept_of(client, person)
    client.force_login(person)
    client.post("/accounts/logout/")
    assert not KeptText.objects.exists()
    send(client, NAME, {"name": TYPED})
    assert not KeptText.objects.exists()


def test_sending_the_form_deletes_what_was_kept(client, person):
    kept_of(client, person)
    page = after_signing_in(client, person, NAME).content
    client.post(NAME, filled_form(page, having="name") | {"name": "Ada Lovelace"})
    person.refresh_from_db()
    assert person.name == "Ada Lovelace"
    assert not KeptText.objects.exists()
    assert SAID not in client.get(NAME).text


def test_it_can_be_deleted_by_a_press(client, person):
    kept_of(client, person)
    after_signing_in(client, person, NAME)
    assert client.post("/my/kept-text/delete/", {"next": NAME})["Location"] == NAME
    assert not KeptText.objects.exists()
    assert TYPED not in client.get(NAME).text


def test_after_an_hour_nobody_sees_it_and_the_night_deletes_it(client, person):
    kept_of(client, person)
    KeptText.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert TYPED not in after_signing_in(client, person, NAME).text
    erasing, now = KeptTexts(), timezone.now()
    erasing.erase(list(erasing.due(now)))
    assert not KeptText.objects.exists()


@pytest.mark.parametrize(("letters", "is_kept"), [(64_000, True), (66_000, False)])
def test_as_much_as_64_kilobytes_is_kept(client, person, letters, is_kept):
    kept_of(client, person, name="x" * letters)
    assert KeptText.objects.exists() is is_kept


def test_the_database_has_no_word_of_it(client, person):
    kept_of(client, person)
    row = KeptText.objects.get()
    assert TYPED not in row.sealed
    assert client.cookies[kept_text.COOKIE].value not in (row.browser, row.sealed)
    assert client.cookies[kept_text.COOKIE]["httponly"]


def test_only_the_cookie_of_that_browser_opens_it(person):
    """Move the row to another browser, as somebody could who writes to the database."""
    typed = kept_text.Typed("/page/", "/page/", {"reason": ["Ill"]})
    kept_text.keep(person, typed, key="theirs")
    assert kept_text.find(person, key="theirs", page="/page/").values == typed.values
    kept_text.keep(person, kept_text.Typed("/other/", "/other/", {}), key="another")
    browser = KeptText.objects.latest("pk").browser
    KeptText.objects.update(browser=browser)
    assert kept_text.find(person, key="another", page="/page/") is None


def test_access_needs_secrets_and_files_are_never_kept(client, person):
    run = RunFactory()
    path = reverse("courses:book", args=[run.pk])
    secret = {"access_needs": "A ramp", "code": "ABC123", "token": "t0ken", "password": "pass"}
    file = SimpleUploadedFile("note.txt", b"A file.")
    sent_without_session(client, person, path, secret | {"file": file})
    kept = kept_text.find(person, key=client.cookies[kept_text.COOKIE].value, page=path)
    assert kept.values == {"words": [TYPED]}
    assert not Booking.objects.filter(run=run).exists()


@pytest.mark.parametrize("why", ["idle", "too long"])
def test_a_session_that_ended_in_time_keeps_its_text(client, monkeypatch, why):
    lead = PostFactory(is_lead=True).person
    client.force_login(lead)
    client.get(NAME)
    later = timezone.now() + dt.timedelta(hours=2 if why == "idle" else 13)
    with monkeypatch.context() as patch:
        patch.setattr("time.time", later.timestamp)
        answer = send(client, NAME, {"name": TYPED})
    assert answer["Location"] == f"/accounts/login/?next={NAME}"
    assert TYPED in after_signing_in(client, lead, NAME).text


def test_what_somebody_else_saved_meanwhile_is_said_with_the_text_on_top(client, office):
    venue = VenueFactory(address="1 Old Road", travel="By foot")
    path = f"/cms/venue/edit/{venue.pk}/"
    form = filled_form(client.get(path).content, having="address")
    session_ends()
    send(client, path, form | {"address": TYPED})
    venue.travel = "By bus"
    venue.save()
    client.force_login(office)
    shown = client.get(path).text
    assert "this has changed" in shown and SAID in shown
    assert values_on(shown, "address") == [TYPED] and values_on(shown, "travel") == ["By bus"]


def test_text_without_a_place_is_listed_to_be_copied(client, person):
    booking = BookingFactory(person=person)
    page = reverse("courses:booking", args=[booking.pk])
    sent_without_session(client, person, NAME, {"row-7-words": "A row <of> mine"}, page)
    assert "A row &lt;of&gt; mine" in after_signing_in(client, person, page).text


def test_a_script_that_sends_by_itself_keeps_nothing(client, person):
    sent_without_session(client, person, NAME, {"name": TYPED}, **{"sec-fetch-dest": "empty"})
    assert not KeptText.objects.exists()


def test_a_page_asks_for_kept_text_only_while_there_is_some(client, person):
    client.force_login(person)
    with CaptureQueriesContext(connection) as asked:
        client.get(NAME)
    assert not [each for each in asked if "kepttext" in each["sql"]]
