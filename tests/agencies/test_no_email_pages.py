"""Test the pages on which people without an email address are added, shown and looked for."""

import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.models import NO_EMAIL, Person
from courses.models import Booking
from lms.models import Mail
from tests.browsing import Browser
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CertificateFactory,
    ChargeFactory,
    CompletionFactory,
    CoursePageFactory,
    EvidenceFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)
from tests.test_lists import WHOLE

pytestmark = pytest.mark.django_db
NONE = re.compile(r"\bNone\b")


def nones(browser, address):
    """Return how often a page says 'None', which some do of other things: 'Filters: None'."""
    answer = browser.get(address, follow=True)
    assert answer.status_code == 200, address
    if answer.streaming or not answer["Content-Type"].startswith("text/html"):
        return len(NONE.findall(answer.getvalue().decode()))
    return len(NONE.findall(words(answer)))


def says_no_more(browser, address):
    """Check that a page says 'None' no more often than when all have an address."""
    without = nones(browser, address)
    for person in Person.objects.filter(email=None):
        person.email = f"now-{person.pk}@example.org"
        person.save()
    assert without == nones(browser, address), address
    Person.objects.filter(email__startswith="now-").update(email=None)


def words(answer):
    """Return what a page says, form values included."""
    soup = BeautifulSoup(answer.content, "html.parser")
    values = [each.get("value", "") for each in soup.select("input, option")]
    for each in soup.select("script, style, template"):
        each.decompose()
    return " ".join([soup.get_text(" "), *values])


@pytest.fixture
def lead():
    return PostFactory(is_lead=True, agency__name="Harbour School", person__name="Lee Lead")


@pytest.fixture
def office(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    return PersonFactory(name="Olive Office", is_staff=True, is_superuser=True)


@pytest.fixture
def browser(lead):
    browser = Browser()
    browser.force_login(lead.person)
    return browser


@pytest.fixture
def office_browser(office):
    browser = Browser()
    browser.force_login(office)
    return browser


@pytest.fixture
def cook(lead):
    return PostFactory(
        agency=lead.agency, person__name="Ann Cook", person__email=None, title="Cook"
    )


def bookable(**more):
    return RunFactory(course=CoursePageFactory().course, **more)


@pytest.fixture
def everything(lead, cook):
    """Give the cook one of each thing that lists show."""
    of = {"person": cook.person, "agency": lead.agency}
    trainer = PersonFactory(name="Tess Trainer")
    made = {
        "coming": BookingFactory(run=bookable(trainers=[trainer]), **of),
        "asked": BookingFactory(run=bookable(asks_approval=True), state="requested", **of),
        "waits": BookingFactory(run=bookable(), state="waiting", **of),
        "past": BookingFactory(run=bookable(starts_at=in_days(-9), trainers=[trainer]), **of),
    }
    ChargeFactory(booking=made["past"], agency=lead.agency)
    MarkFactory(booking=made["past"])
    done = CompletionFactory(booking=made["past"], **of)
    made["certificate"] = CertificateFactory(holder=cook.person, award=done.award)
    made["evidence"] = EvidenceFactory(person=cook.person)
    made["trainer"] = trainer
    # Another of the name, in each list that compares names.
    made["twin"] = PostFactory(
        agency=lead.agency, person__name="Ann Cook", person__email=None, confirmed_at=None
    )
    PostFactory(agency=lead.agency, person__name="Ann Cook")
    return made


# Lists


@pytest.mark.parametrize("address", WHOLE)
def test_no_list_of_the_office_shows_none(office_browser, everything, address):
    says_no_more(office_browser, f"/{address}")


LEADS = [
    "/agency/", "/agency/changes/", "/agency/approvals/", "/agency/bookings/",
    "/agency/bookings/?show=waiting", "/agency/bookings/?show=past", "/agency/dates/",
    "/agency/charges/", "/agency/protocols/", "/agency/staff/add/", "/my/",
]  # fmt: skip


@pytest.mark.parametrize("address", LEADS)
def test_no_page_of_a_lead_shows_none(browser, everything, address):
    says_no_more(browser, address)


def about_them(cook, everything):
    coming, past, twin = everything["coming"], everything["past"], everything["twin"]
    run = [coming.run.pk]
    return {
        "office": [
            reverse("wagtailusers_users:edit", args=[cook.person.pk]),
            reverse("merge_with", args=[cook.person.pk]),
            reverse("merge_accounts", args=[cook.person.pk, twin.person.pk]),
            reverse("two_people", args=[twin.person.pk, cook.person.pk]),
            reverse("report_possible-double-accounts"),
            reverse("telephone") + "?q=Ann",
            reverse("telephone_person", args=[cook.person.pk]),
            reverse("telephone_correct", args=[cook.person.pk]),
            reverse("telephone_book", args=[cook.person.pk]),
            reverse("telephone_sign_in_link", args=[cook.person.pk]),
            reverse("job:edit", args=[cook.pk]),
            reverse("job:waiting"),
            reverse("booking:inspect", args=[coming.pk]),
            reverse("booking:inspect", args=[past.pk]),
            reverse("certificate:inspect", args=[everything["certificate"].pk]),
            reverse("evidence:inspect", args=[everything["evidence"].pk]),
            reverse("run:inspect", args=run),
            reverse("run:book", args=run),
            "/cms/",
        ],
        "lead": [
            reverse("record:colleague", args=[cook.pk]),
            reverse("agencies:give_address", args=[cook.pk]),
            reverse("agencies:left", args=[cook.pk]),
            reverse("agencies:refuse", args=[twin.pk]),
            reverse("courses:agency_cancel", args=[coming.pk]),
            reverse("courses:booking_job", args=[coming.pk]),
            reverse("courses:agency_book", args=run),
            reverse("certificates:mine", args=[everything["certificate"].number]),
        ],
        "trainer": [
            reverse("courses:register", args=run),
            reverse("courses:register", args=[past.run.pk]),
            reverse("courses:pack", args=run),
            reverse("courses:walk_in_without_address", args=run),
        ],
    }


@pytest.mark.parametrize("role", ["office", "lead", "trainer"])
def test_no_page_about_them_shows_none(role, office, lead, cook, everything):
    browser = Browser()
    browser.force_login(
        {"office": office, "lead": lead.person, "trainer": everything["trainer"]}[role]
    )
    for address in about_them(cook, everything)[role]:
        of_none = address.startswith(("/agency/staff/", "/my/certificates/"))
        if of_none:  # Not there for anybody who has an address.
            assert not NONE.search(words(browser.get(address)).replace("None of these", ""))
        else:
            says_no_more(browser, address)


@pytest.mark.parametrize("address", ["users", "booking", "certificate", "job", "charge"])
def test_no_file_of_a_list_says_none(office_browser, everything, address):
    says_no_more(office_browser, f"/cms/{address}/?export=csv")


def test_sorting_people_by_address_puts_who_has_none_last(office_browser, cook, lead):
    for ordering in ("email", "-email"):
        page = office_browser.get(f"/cms/users/?ordering={ordering}")
        names = [row.get_text(" ").split()[:2] for row in rows_of(page)]
        assert names[-1] == ["Ann", "Cook"], ordering
    assert NO_EMAIL in words(page)


def rows_of(page):
    return BeautifulSoup(page.content, "html.parser").select("table.listing tbody tr")


@pytest.mark.parametrize(("may", "is_there"), [("true", False), ("false", True)])
def test_who_has_no_address_may_not_sign_in(office_browser, cook, may, is_there):
    page = office_browser.get(f"/cms/users/?is_active={may}")
    assert any("Ann Cook" in row.get_text(" ") for row in rows_of(page)) is is_there


# The lead's pages


def filled(**more):
    return {"name": "Bo Driver", "email": "", "title": "Driver", "role_group": ""} | more


def test_a_lead_adds_somebody_with_and_without_an_address(browser, lead):
    done = browser.post("/agency/staff/add/", filled(), follow=True)
    assert "without an email address" in words(done)
    assert "No email address: you’ll need to tell them yourself" in words(done)
    assert Person.objects.get(name="Bo Driver").posts.get().title == "Driver"
    browser.post("/agency/staff/add/", filled(name="Cy New", email="Cy@Example.org"))
    cy = Person.objects.get(email="cy@example.org").posts.get()
    assert (cy.title, cy.agency, cy.is_current) == ("Driver", lead.agency, True)


def test_a_lead_is_asked_who_it_is_and_sees_nobody_of_another_agency(browser, cook):
    PostFactory(person__name="Ann Cook", agency__name="Secret School")
    asked = browser.post("/agency/staff/add/", filled(name="ann cook"))
    assert Person.objects.filter(name_key="ann cook").count() == 2
    assert "Choose who it is, or that it is somebody else" in words(asked)
    assert "Ann Cook, Cook at Harbour School. No email address" in words(asked)
    assert "Secret School" not in words(asked)
    theirs = filled(name="ann cook", who=str(cook.person.pk))
    assert "Nothing else has changed" in words(
        browser.post("/agency/staff/add/", theirs, follow=True)
    )
    another = filled(name="ann cook", who=f"new-{cook.person.pk}")
    browser.post("/agency/staff/add/", another)
    browser.post("/agency/staff/add/", another)
    assert Person.objects.filter(name_key="ann cook").count() == 3


def test_a_lead_chooses_who_it_is_and_gives_them_the_address(browser, cook):
    given = filled(name="Ann Cook", email="ann@example.org", who=str(cook.person.pk))
    browser.post("/agency/staff/add/", given)
    cook.person.refresh_from_db()
    assert cook.person.email == "ann@example.org"


def test_a_lead_gives_an_address_later(browser, cook):
    address = reverse("agencies:give_address", args=[cook.pk])
    browser.post(address, {"email": "ann@example.org"})
    cook.person.refresh_from_db()
    assert cook.person.email == "ann@example.org"
    assert browser.get(address).status_code == 404
    assert browser.get(reverse("record:colleague", args=[cook.pk])).status_code == 404


def test_a_lead_books_somebody_without_an_address(browser, lead, cook):
    run = bookable()
    address = reverse("courses:agency_book", args=[run.pk])
    named = {"newcomers": "Bo Driver, no email\nAnn Cook (no email address)"}
    check = browser.post(address, named)
    assert "Is Ann Cook one of these people?" in words(check)
    assert "Is Bo Driver one" not in words(check) and "we’ll email you" in words(check)
    unclear = browser.post(address, named | {"confirm": "yes"})
    assert "Choose who Ann Cook is" in words(unclear) and not Booking.objects.exists()
    said = {"who-new-ann_cook": f"post-{cook.pk}", "confirm": "yes"}
    browser.post(address, named | said)
    assert Booking.objects.filter(person=cook.person).count() == 1
    assert Booking.objects.get(person__name="Bo Driver").agency == lead.agency
    assert set(Mail.objects.values_list("to", flat=True)) == {lead.person.email}
    browser.post(address, named | said)
    assert Person.objects.filter(name="Bo Driver").count() == 1
    other = {"newcomers": "Ann Cook, no email", "who-new-ann_cook": f"new-{cook.person.pk}"}
    browser.post(address, other | {"confirm": "yes"})
    assert Person.objects.filter(name="Ann Cook").count() == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Ann Brown", "no email"),
        ("Ann Brown, ann.example.org", "no email"),
        ("no email", "no email"),
        ("Ann Brown, no email\nann brown, no email", "twice"),
    ],
)
def test_a_slip_in_an_address_makes_nobody_without_one(browser, line, says):
    page = browser.post(reverse("courses:agency_book", args=[bookable().pk]), {"newcomers": line})
    assert says in words(page) and not Person.objects.filter(email=None).exists()


def test_a_lead_prints_their_certificate(browser, cook, everything):
    page = browser.get(reverse("record:colleague", args=[cook.pk]))
    number = everything["certificate"].number
    assert reverse("certificates:download", args=[number]) in page.content.decode()
    assert "Add their email address" in words(page)


# At the door


def test_a_trainer_adds_somebody_without_an_address(lead, cook):
    trainer = PersonFactory()
    starts_at = timezone.now() - dt.timedelta(hours=1)
    run = RunFactory(starts_at=starts_at, trainers=[trainer])
    BookingFactory(run=run, person=cook.person, agency=cook.agency)
    browser = Browser()
    browser.force_login(trainer)
    assert "They have no email address" in words(browser.get(f"/register/{run.pk}/walk-in/"))
    address = f"/register/{run.pk}/walk-in/no-email/"
    given = {"name": "Ann Cook", "agency": lead.agency.pk}
    assert "Choose who it is" in words(browser.post(address, given))
    browser.post(address, given | {"who": str(cook.person.pk)})
    assert Booking.objects.count() == 1
    done = browser.post(address, given | {"who": f"new-{cook.person.pk}"}, follow=True)
    assert "is on the register" in words(done) and Booking.objects.count() == 2


# The office's forms


def test_the_office_adds_somebody_without_an_address_after_a_look(office_browser, cook):
    add = reverse("wagtailusers_users:add")
    fields = {"name": "Anne Cook", "email": "", "is_active": "on"}
    shown = office_browser.post(add, fields)
    assert "a name like it already" in words(shown) and NO_EMAIL in words(shown)
    done = office_browser.post(add, fields | {"is_another": "on"}, follow=True)
    assert "Add their job next" in words(done)
    assert Person.objects.get(name="Anne Cook").email is None
    agency = AgencyFactory()
    job = {"email": "Anne Cook", "agency": agency.pk, "title": "Cook", "role_group": "",
           "line_manager_email": "", "starts_on": "2026-01-05"}  # fmt: skip
    anne = Person.objects.get(name="Anne Cook")
    assert f"Anne Cook, number {anne.pk}" in words(office_browser.post(reverse("job:add"), job))
    office_browser.post(reverse("job:add"), job | {"email": f"Anne Cook, number {anne.pk}"})
    assert anne.posts.get().agency == agency


def test_the_office_books_them_by_name_with_number(office_browser, cook):
    run = bookable()
    given = {"email": f"Ann Cook, number {cook.person.pk}"}
    office_browser.post(reverse("run:book", args=[run.pk]), given)
    assert Booking.objects.get().person == cook.person


def test_the_office_is_offered_to_merge_where_somebody_has_the_address(office_browser, cook):
    owner = PersonFactory(name="Ann Cook", email="ann@example.org")
    fields = {"name": "Ann Cook", "email": "ann@example.org", "is_active": "on"}
    page = office_browser.post(reverse("wagtailusers_users:edit", args=[cook.person.pk]), fields)
    assert reverse("merge_accounts", args=[owner.pk, cook.person.pk]) in page.content.decode()


@pytest.mark.parametrize("email", ["", "ann@example.org"])
def test_the_telephone_corrects_them_with_and_without_an_address(office_browser, cook, email):
    fields = {"name": "Ann Cooke", "email": email, "telephone": "023"}
    office_browser.post(reverse("telephone_correct", args=[cook.person.pk]), fields)
    cook.person.refresh_from_db()
    assert (cook.person.name, cook.person.email) == ("Ann Cooke", email or None)
    assert TRAINING_ADMINISTRATORS
