"""Two people have one form open in two browsers: what each saved is there, and told once."""

from collections import Counter

import pytest
from playwright.sync_api import expect

from agencies.access import TRAINING_ADMINISTRATORS
from courses.scheduling import telling
from lms.models import Mail, Wording
from protocols.models import ProtocolPolicy
from tests.browser.editing import is_ready
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CourseFactory,
    PersonFactory,
    ProtocolPageFactory,
    RunFactory,
    VenueFactory,
    in_days,
)


def date():
    run = RunFactory(starts_at=in_days(40), places=20)
    BookingFactory(run=run)
    return run


def venue():
    venue = VenueFactory()
    BookingFactory(run=RunFactory(starts_at=in_days(40), venue=venue))
    return venue


# What is made, its address, what the first changes, what the second changes, and the emails.
FORMS = {
    "date": (
        date, "run/edit/{}/", {"joining_instructions": "Bring lunch"}, {"places": "25"}, 1,
    ),
    "course": (
        CourseFactory, "course/edit/{}/", {"title": "Theirs"}, {"audience": "Everybody."}, 0,
    ),
    "venue": (
        venue, "venue/edit/{}/", {"address": "9 Theirs Road"}, {"access": "A lift"}, 1,
    ),
    "agency": (
        AgencyFactory, "agency/edit/{}/", {"name": "Theirs"},
        {"domains-0-name": "mine.example.org"}, 0,
    ),
    "person": (
        PersonFactory, "users/edit/{}/", {"name": "Their Words"}, {"email": "mine@example.org"}, 2,
    ),
    "policy": (
        ProtocolPolicy.load, "settings/protocols/protocolpolicy/{}/",
        {"answer_days": "9"}, {"confirm_days": "30"}, 0,
    ),
    "wording": (
        lambda: Wording(pk="job_confirmed"), "wording/{}/",
        {"subject": "Theirs: {{ agency }}"}, {"text": "{{ name }}, mine."}, 0,
    ),
    "protocol": (
        ProtocolPageFactory, "pages/{}/edit/", {"title": "Theirs"}, {"summary": "Mine."}, 0,
    ),
}  # fmt: skip


@pytest.fixture
def two(visit):
    def office(name):
        person = PersonFactory(
            name=name, is_staff=True, is_superuser=True, groups=[TRAINING_ADMINISTRATORS]
        )
        return visit(person, watched=False)

    return office("Ola Office"), office("Sam Other")


def enter(page, values):
    for name, value in values.items():
        page.locator(f"#id_{name}").fill(value)


def save(page, named="Save"):
    page.locator("button[type=submit]:visible", has_text=named).first.press("Enter")


def says(page, values):
    for name, value in values.items():
        expect(page.locator(f"#id_{name}")).to_have_value(value)


@pytest.mark.parametrize("name", FORMS)
def test_what_two_people_save_is_there_and_told_once(two, name):
    make, address, theirs, mine, emails = FORMS[name]
    ola, sam = two
    path = "/cms/" + address.format(make().pk)
    for page in two:
        page.goto(path)
        if name == "protocol":
            is_ready(page)
    enter(sam, theirs)
    save(sam)
    if name in ("date", "venue"):
        save(sam, "Save and email 1 person")
    expect(sam.get_by_role("heading", name="Not saved")).to_have_count(0)
    expect(sam.locator(".messages")).to_be_visible()
    enter(ola, mine)
    save(ola)
    expect(ola.get_by_role("heading", name="Not saved: this has changed")).to_be_visible()
    expect(ola.locator(".office-overtaken")).to_contain_text("Sam Other")
    says(ola, theirs | mine)
    save(ola)
    if name == "venue":
        save(ola, "Save and email 1 person")
    expect(ola.locator(".messages")).to_be_visible()
    ola.goto(path)
    says(ola, theirs | mine)
    telling.tell_again()  # The worker's: of a venue people are told within a minute.
    told = Counter((mail.to, mail.text) for mail in Mail.objects.all())
    assert set(told.values()) <= {1}, told
    assert Mail.objects.count() == emails
