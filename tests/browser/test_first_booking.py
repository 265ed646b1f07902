"""Test in a browser how many pages lie between a course and a place, and that none is a refusal."""

import re

import pytest
from playwright.sync_api import expect

from courses.models import Booking
from tests.agencies.signing import code_sent_to
from tests.factories import (
    AgencyFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
    RunFactory,
)

PHONE = {"width": 390, "height": 844}
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


class Loads:
    """Full page loads of one browser tab: navigations of its main frame, and their headings."""

    def __init__(self, page):
        self.page, self.addresses = page, []
        page.on("request", self._count)

    def _count(self, request):
        loads = request.is_navigation_request() and request.frame == self.page.main_frame
        if loads and request.redirected_from is None:
            self.addresses.append(request.url)

    def __len__(self):
        return len(self.addresses)

    def heading(self, words):
        """Wait for the page with this heading; no page on the way may be a refusal."""
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_contain_text(words)
        assert "cannot" not in heading.inner_text().lower()


def a_date(**facts):
    page = CoursePageFactory(course__title="Supervision", course__code="SUP")
    return RunFactory(course=page.course, **facts)


def sign_up(browser, loads, name, email):
    """Go from the course's page through a new account to the question where one works."""
    browser.goto("/courses/sup/")
    browser.get_by_role("button", name=re.compile("Book a place")).click()
    loads.heading("Sign in to book Supervision")
    browser.get_by_role("button", name="Create an account").click()
    loads.heading("Create an account")
    expect(browser.get_by_text("Step 1 of 3")).to_be_visible()
    browser.get_by_label("Full name").fill(name)
    browser.get_by_label("Email address").fill(email)
    browser.get_by_role("button", name="Send me a code").click()
    browser.locator("[name=code]").fill(code_sent_to(email))
    browser.locator("[name=code]").press("Enter")
    loads.heading("Where do you work?")
    expect(browser.get_by_text("Step 2 of 3")).to_be_visible()


def say_where(browser, agency):
    browser.get_by_label("Agency").select_option(label=agency.name)
    browser.get_by_label("Job title").fill("Nurse")
    browser.get_by_role("button", name="Save and continue").click()


@both_ways
def test_a_newcomer_books_in_8_pages(visit, javascript):
    run, agency = a_date(), AgencyFactory(name="Beacon Academy")
    agency.domains.create(name="beacon.example")
    RoleGroupFactory()
    browser = visit(javascript=javascript)
    loads = Loads(browser)

    sign_up(browser, loads, "Joy Hill", "joy@beacon.example")
    say_where(browser, agency)
    loads.heading("Book a place")
    browser.get_by_role("button", name="Continue").click()
    loads.heading("Check your answers")
    browser.get_by_role("button", name="Book my place").click()
    loads.heading("Your place is confirmed")

    made = Booking.objects.get(person__email="joy@beacon.example")
    assert (made.run, made.state) == (run, "confirmed")
    assert len(loads) == 8, loads.addresses


@both_ways
def test_who_is_signed_in_books_in_4_pages(visit, javascript):
    a_date()
    person = PostFactory().person
    browser = visit(person, javascript=javascript, **PHONE)
    loads = Loads(browser)

    browser.goto("/courses/sup/")
    browser.get_by_role("button", name=re.compile("Book a place")).click()
    loads.heading("Book a place")
    browser.get_by_role("button", name="Continue").click()
    loads.heading("Check your answers")
    browser.get_by_role("button", name="Book my place").click()
    loads.heading("Your place is confirmed")

    assert Booking.objects.get().state == "confirmed"
    assert len(loads) == 4, loads.addresses


@both_ways
def test_a_place_is_kept_until_the_lead_confirms_the_job(visit, javascript):
    run, agency = a_date(places=1), AgencyFactory(name="Beacon Academy")
    lead = PostFactory(agency=agency, is_lead=True).person
    RoleGroupFactory()
    browser = visit(javascript=javascript, **PHONE)
    loads = Loads(browser)

    sign_up(browser, loads, "Joy Hill", "joy@private.example")
    say_where(browser, agency)
    loads.heading("Ask for a place")
    expect(
        browser.get_by_text("Beacon Academy has not confirmed yet that you work there.")
    ).to_be_visible()
    browser.get_by_role("button", name="Continue").click()
    loads.heading("Check your answers")
    browser.get_by_role("button", name="Ask for a place").click()
    loads.heading("We have asked for a place for you")
    expect(browser.get_by_text("A place is kept for you until")).to_be_visible()
    assert len(loads) == 8, loads.addresses

    made = Booking.objects.get(person__email="joy@private.example")
    assert (made.state, made.holds_place, made.waits_for_job) == ("requested", True, True)
    late = visit(PersonFactory(), javascript=javascript)
    late.goto("/courses/sup/")
    expect(late.get_by_text("Full", exact=True)).to_be_visible()

    leads = visit(lead, javascript=javascript)
    leads.goto("/agency/")
    expect(leads.get_by_role("heading", name=re.compile("1 person waits for you"))).to_be_visible()
    expect(leads.get_by_text(re.compile("Supervision, "))).to_be_visible()
    leads.get_by_role("button", name=re.compile("Confirm")).click()
    expect(leads.get_by_text("Joy Hill is confirmed.")).to_be_visible()

    browser.goto(f"/my/bookings/{made.pk}/")
    loads.heading("Your place is confirmed")
    made.refresh_from_db()
    assert (made.state, made.waits_for_job, made.run_id) == ("confirmed", False, run.pk)
