"""Test getting places in a browser: by link, on a phone, with and without JavaScript."""

import base64
import datetime as dt
import re

import icalendar
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agencies.access import TRAINING_ADMINISTRATORS
from courses.booking import booking
from courses.models import Booking, Charge, Run
from lms.models import Mail
from tests.factories import CoursePageFactory, PersonFactory, PostFactory, RunFactory

PHONE = {"width": 390, "height": 844}
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


def a_date(**facts):
    page = CoursePageFactory(course__title="Supervision", course__code="SUP")
    return RunFactory(course=page.course, **{"freed_places": "offer"} | facts)


def booked(run, name, **post):
    person = PostFactory(person__name=name, **post).person
    return booking.request_place(run, person, by=person)


def link_in(template, to):
    mail = Mail.objects.filter(template=template, to=to).latest("pk")
    return re.search(r"https?://[^/\s]+(/(?:offers|approvals|cancel)/\S+)", mail.text).group(1)


def state_of(made):
    return Booking.objects.get(pk=made.pk).state


def entries(mail):
    """Return (method, start, sequence) of each calendar entry attached to a mail."""
    files = [icalendar.Calendar.from_ical(base64.b64decode(a["content"])) for a in mail.attachments]
    return [(str(f["METHOD"]), e.start, e["SEQUENCE"]) for f in files for e in f.walk("VEVENT")]


@both_ways
def test_an_offer_is_declined_by_one_and_accepted_by_the_next(visit, javascript):
    run = a_date(places=1)
    mary, nora, olga = (booked(run, name) for name in ("Mary May", "Nora New", "Olga Old"))

    marys = visit(mary.person, javascript=javascript)
    marys.goto("/my/")
    marys.get_by_role("link", name="Cancel my place").click()
    marys.get_by_role("button", name="Cancel my place").click()
    expect(marys.get_by_text("Your place on Supervision is cancelled.")).to_be_visible()

    stranger = visit(javascript=javascript, **PHONE)
    address = link_in("place_offered", nora.person.email)
    stranger.goto(address)
    expect(stranger.get_by_text(re.compile("(day|hour|minute)s? .*left"))).to_be_visible()
    assert state_of(nora) == "offered"
    stranger.get_by_role("button", name="Decline").click()
    assert (state_of(nora), state_of(olga)) == ("declined", "offered")
    stranger.goto(address)
    expect(stranger.get_by_role("button", name=re.compile("Accept"))).to_have_count(0)

    stranger.goto(link_in("place_offered", olga.person.email))
    stranger.get_by_role("button", name="Accept the place").click()
    expect(stranger.get_by_role("heading", name="The place is yours")).to_be_visible()
    assert state_of(olga) == "confirmed"
    assert Run.objects.get(pk=run.pk).taken == 1


@both_ways
def test_a_place_is_given_to_a_colleague(visit, javascript):
    mary = booked(a_date(), "Mary May")
    colleague = PostFactory(person__name="Nora New", agency=mary.agency).person

    browser = visit(mary.person, javascript=javascript, **PHONE)
    browser.goto(f"/my/bookings/{mary.pk}/")
    browser.get_by_role("link", name=re.compile("to a colleague")).click()
    browser.get_by_label(re.compile("email address")).fill(colleague.email)
    browser.get_by_role("button", name="Continue").click()
    browser.get_by_role("button", name=re.compile("Give")).click()
    expect(browser.get_by_text(re.compile("Nora New")).first).to_be_visible()
    taken_over = Booking.objects.get(person=colleague)
    assert (state_of(mary), taken_over.state, taken_over.takes_over) == (
        "substituted", "confirmed", mary,
    )  # fmt: skip


@both_ways
def test_cancelling_late_says_the_charge_before_the_button(visit, javascript):
    mary = booked(a_date(starts_at=timezone.now() + dt.timedelta(days=2)), "Mary May")

    browser = visit(mary.person, javascript=javascript, **PHONE)
    browser.goto("/my/")
    browser.get_by_role("link", name="Cancel my place").click()
    expect(browser.get_by_text("Cancelling now costs your agency £80")).to_be_visible()
    assert not Charge.objects.exists()
    browser.get_by_label("Why are you cancelling?").fill("Ill")
    browser.get_by_role("button", name="Cancel my place").click()
    expect(browser.get_by_text("Your place on Supervision is cancelled.")).to_be_visible()
    assert [(c.kind, c.amount, c.agency) for c in Charge.objects.all()] == [
        ("late", 80, mary.agency)
    ]


@both_ways
def test_a_manager_approves_by_link_on_a_phone(visit, javascript):
    mary = booked(
        a_date(asks_approval=True),
        "Mary May",
        line_manager_email="boss@example.net",
        line_manager_confirmed_at=timezone.now(),
    )
    boss = visit(javascript=javascript, **PHONE)
    boss.goto(link_in("approval_asked", "boss@example.net"))
    expect(boss.get_by_text("Mary May asks for a place")).to_be_visible()
    boss.get_by_role("button", name="Send my decision").click()
    expect(boss.get_by_role("link", name="Choose whether you approve.")).to_be_visible()
    boss.get_by_label("Yes, I approve").check()
    boss.get_by_role("button", name="Send my decision").click()
    expect(boss.get_by_text(re.compile("Mary May"))).not_to_have_count(0)
    assert state_of(mary) == "confirmed"


@both_ways
def test_a_lead_books_three_colleagues_at_once(visit, javascript):
    run = a_date(places=2)
    lead = PostFactory(is_lead=True, person__name="Lena Lead")
    for name in ("Ada Able", "Ben Best"):
        PostFactory(agency=lead.agency, person__name=name, title="Nurse")

    browser = visit(lead.person, javascript=javascript)
    browser.goto("/agency/dates/")
    browser.get_by_role("link", name="Book colleagues on Supervision").click()
    browser.get_by_label("Ada Able, Nurse").check()
    browser.get_by_label("Ben Best, Nurse").check()
    browser.get_by_label("not on my list yet").fill("Cleo Case, cleo@example.net")
    browser.get_by_role("button", name="Continue").click()
    expect(browser.get_by_role("heading", name="Check before you book")).to_be_visible()
    assert not run.bookings.exists()
    browser.get_by_role("button", name="Book them in this order").click()
    expect(browser.get_by_role("heading", name="Booking results")).to_be_visible()
    states = {b.person.name: b.state for b in run.bookings.select_related("person")}
    assert sorted(states) == ["Ada Able", "Ben Best", "Cleo Case"]
    assert sorted(states.values()) == ["confirmed", "confirmed", "waiting"]
    assert Mail.objects.filter(to="cleo@example.net").exists()


@both_ways
def test_the_office_moves_a_date_and_every_calendar_follows(visit, javascript):
    run = a_date()
    people = [booked(run, name) for name in ("Mary May", "Nora New")]
    [session] = run.sessions.all()
    office = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    later = timezone.localtime(session.starts_at) + dt.timedelta(days=7)

    # Not examined by axe: Wagtail's message fades in, and is at times measured half-way.
    browser = visit(office, javascript=javascript, watched=False)
    browser.goto(f"/cms/run/edit/{run.pk}/")
    for end, moment in (("starts_at", later), ("ends_at", later + dt.timedelta(hours=6))):
        browser.locator(f"[name=sessions-0-{end}]").fill(f"{moment:%Y-%m-%d %H:%M}")
    browser.locator("[name=sessions-0-name]").focus()
    browser.get_by_role("button", name="Save").click()
    browser.get_by_role("button", name="Save and email 2 people").click()
    expect(browser.get_by_text("The date is changed.")).to_be_visible()
    for made in people:
        moved = Mail.objects.get(template="run_moved", to=made.person.email)
        assert entries(moved) == [("REQUEST", later, 1)]
