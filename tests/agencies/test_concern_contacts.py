"""Test the telephone numbers for concerns: changes, checks, and reminders to check them."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup

from agencies import concern_contacts
from agencies.access import (
    BOARD_MEMBERS,
    COMMITTEE_CHAIRS,
    POLICY_LEADS,
    PROTOCOL_EDITORS,
    TRAINING_ADMINISTRATORS,
)
from agencies.models import Board, ConcernContacts
from history.models import Event
from lms.models import Mail
from tests.factories import PersonFactory, PostFactory

pytestmark = pytest.mark.django_db
SETTINGS = "/cms/settings/agencies/concerncontacts/"
NUMBERS = {"hub_telephone": "01632 960 101", "out_of_hours_telephone": "01632 960 102"}
CHECKED_ON = dt.date(2026, 8, 12)


def contacts(**values):
    ConcernContacts.load()
    ConcernContacts.objects.update(**values)
    return ConcernContacts.load()


def at(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(12), dt.UTC), tick=False)


def form(**changes):
    """Build the form's POST data: the stored values with these changes."""
    kept = ConcernContacts.load()
    fields = ("name", "telephone", "hours")
    names = [f"{who}_{what}" for who in ("hub", "out_of_hours") for what in fields]
    return {name: getattr(kept, name) for name in names} | {"saw": kept.version} | changes


def send(client, **changes):
    page = f"{SETTINGS}{ConcernContacts.load().pk}/"
    return client.post(page, form(**changes), follow=True).text


def recorded():
    events = Event.objects.filter(action__startswith="concern_contacts").order_by("pk")
    return [(event.action.partition(".")[2], event.by_person, event.now) for event in events]


def test_changed_numbers_are_recorded_and_count_as_checked(client, office):
    contacts(hub_hours="Weekdays")
    with at(CHECKED_ON):
        said = send(client, **NUMBERS)
    kept = ConcernContacts.load()
    assert (kept.hub_telephone, kept.hub_hours) == ("01632 960 101", "Weekdays")
    assert (kept.checked_on, kept.checked_by) == (CHECKED_ON, office)
    assert "Saved. Last checked by Ola Office on 12 August 2026." in said
    assert recorded() == [("changed", office.pk, NUMBERS), ("checked", office.pk, {})]


def test_a_check_is_recorded_where_nothing_is_changed(client, office):
    contacts(**NUMBERS)
    send(client)
    assert recorded() == []
    with at(CHECKED_ON):
        send(client, checked="yes")
    assert (ConcernContacts.load().checked_on, recorded()) == (
        CHECKED_ON, [("checked", office.pk, {})],
    )  # fmt: skip


def test_hours_are_changed_without_a_check(client, office):
    contacts(**NUMBERS)
    send(client, hub_hours="Monday to Friday, 9am to 5pm")
    assert ConcernContacts.load().checked_on is None
    assert [action for action, *_ in recorded()] == ["changed"]


def test_each_number_that_cannot_be_dialled_is_named(client, office):
    said = send(client, hub_telephone="960 101", out_of_hours_telephone="ask")
    assert "Enter the hub’s phone number in full, like 01632 960 123" in said
    assert "Enter the out-of-hours phone number in full, like 01632 960 123" in said
    assert (ConcernContacts.load().hub_telephone, recorded()) == ("", [])


def test_a_page_that_was_open_too_long_changes_nothing_and_says_who_did(client, office):
    contacts(**NUMBERS)
    colleague = PersonFactory(name="Cora Colleague")
    old = form(hub_telephone="01632 960 109")
    concern_contacts.save(
        ConcernContacts.load(),
        {"hub_telephone": "01632 960 105"},
        expected=old["saw"],
        checked=False,
        by=colleague,
    )
    said = client.post(f"{SETTINGS}{ConcernContacts.load().pk}/", old).text
    assert "Cora Colleague saved this page while you had it open" in said
    assert "It now says: Children’s social care, 01632 960 105; Out of hours" in said
    assert ConcernContacts.load().hub_telephone == "01632 960 105"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (TRAINING_ADMINISTRATORS, True),
        (PROTOCOL_EDITORS, False),
        (POLICY_LEADS, False),
        (COMMITTEE_CHAIRS, False),
        (BOARD_MEMBERS, False),
    ],
)
def test_the_training_office_keeps_them_and_nobody_else(client, settings, role, may):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[role]))
    assert ("Worried about a child?" in client.get("/cms/").text) == may
    send(client, checked="yes", **NUMBERS)
    assert bool(ConcernContacts.load().checked_on) == may
    assert bool(ConcernContacts.load().hub_telephone) == may


def test_a_lead_does_not_find_them(client):
    client.force_login(PostFactory(is_lead=True).person)
    assert client.get(f"{SETTINGS}{ConcernContacts.load().pk}/").status_code == 403


def reminders(first, last):
    """Return the days on which the nightly job wrote to the office, run twice each night."""
    days = []
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        with at(day):
            days += [day] * sum(concern_contacts.remind_office() for _ in range(2))
    return days


def test_the_office_is_reminded_once_when_a_check_is_3_months_old(office):
    contacts(**NUMBERS, checked_on=CHECKED_ON, checked_by=office)
    assert reminders(CHECKED_ON, dt.date(2027, 1, 31)) == [dt.date(2026, 11, 13)]
    mail = Mail.objects.get()
    assert mail.to == Board.load().email
    assert "Children’s social care, 01632 960 101" in mail.text
    assert "Last checked by Ola Office on 12 August 2026." in mail.text
    assert SETTINGS in mail.text
    assert "Still to be entered" not in mail.text


def test_it_is_reminded_again_after_3_months_without_a_check():
    contacts(**NUMBERS, checked_on=CHECKED_ON)
    last = dt.date(2027, 2, 20)
    assert reminders(dt.date(2026, 11, 12), last) == [dt.date(2026, 11, 13), dt.date(2027, 2, 14)]


def test_it_is_reminded_of_the_next_lapse_after_a_check():
    contacts(**NUMBERS, checked_on=CHECKED_ON)
    assert reminders(CHECKED_ON, dt.date(2026, 11, 20)) == [dt.date(2026, 11, 13)]
    contacts(checked_on=dt.date(2026, 11, 20))
    after = dt.date(2026, 11, 21)
    assert reminders(after, dt.date(2027, 3, 1)) == [dt.date(2027, 2, 21)]


def test_it_is_reminded_of_numbers_that_were_never_entered():
    assert reminders(CHECKED_ON, CHECKED_ON + dt.timedelta(days=20)) == [CHECKED_ON]
    text = Mail.objects.get().text
    assert "- Only 999" in text
    assert "Still to be entered: the hub’s phone number and the out-of-hours phone number." in text


def this_week(client):
    page = BeautifulSoup(client.get("/cms/").content, "html.parser")
    heading = page.find("h3", string="Worried about a child? The phone numbers")
    return " ".join(heading.parent.get_text(" ").split())


def test_this_week_says_which_numbers_are_missing(client, office):
    contacts(hub_telephone="01632 960 101")
    said = this_week(client)
    assert "Not shown to anybody until you enter the out-of-hours phone number." in said
    assert "Nobody has checked these phone numbers yet." in said


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (dt.date(2026, 11, 12), "Check them again by 12 November 2026."),
        (dt.date(2026, 11, 13), "Check the phone numbers Last checked by Ola Office on 12 August"),
    ],
)
def test_this_week_asks_for_a_check_after_3_months(client, office, day, says):
    contacts(**NUMBERS, checked_on=CHECKED_ON, checked_by=office)
    with at(day):
        client.force_login(office)
        assert says in this_week(client)
