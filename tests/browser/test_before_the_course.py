"""Test booking a course that asks for a cost code, an approval and answers, in a browser."""

import re

import pytest
from playwright.sync_api import expect

from courses.booking import booking
from courses.models import Booking
from tests.factories import CoursePageFactory, FeeFactory, PostFactory, RunFactory

PHONE = {"width": 390, "height": 844}
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


def a_date(questions="", **facts):
    page = CoursePageFactory(
        course__title="Supervision", course__code="SUP", course__pre_course_questions=questions
    )
    return RunFactory(course=page.course, **facts)


@both_ways
def test_a_place_is_asked_for_with_a_cost_code_and_an_approval(visit, javascript):
    run = a_date(asks_approval=True)
    type(run.course).objects.update(charges_fee=True)
    mary = PostFactory(person__name="Mary May")
    mary.agency.name = "City Midwifery"
    mary.agency.save()
    run.course.for_role_groups.set([mary.role_group])
    FeeFactory(sector=mary.agency.sector)

    browser = visit(mary.person, javascript=javascript, **PHONE)
    browser.goto("/courses/sup/")
    expect(browser.get_by_text("You meet this")).to_be_visible()
    expect(browser.get_by_text("Attending costs City Midwifery £80 a day")).to_be_visible()
    browser.get_by_role("button", name=re.compile("Book a place")).click()
    browser.get_by_role("button", name="Continue").click()
    expect(browser.get_by_role("heading", name="There is a problem")).to_be_visible()
    browser.get_by_label("Purchase order or cost code").fill("PO 4711")
    browser.get_by_role("button", name="Continue").click()
    expect(browser.get_by_text("This date asks for your manager’s approval.")).to_be_visible()
    browser.get_by_role("button", name="Ask for a place").click()
    expect(browser.get_by_role("heading", name="We have asked for approval")).to_be_visible()
    made = Booking.objects.get()
    assert (made.state, made.holds_place, made.cost_code) == ("requested", True, "PO 4711")


@both_ways
def test_questions_are_answered_and_the_way_there_follows(visit, javascript):
    run = a_date("What do you hope to learn?", joining_instructions="Bring a laptop.")
    mary = PostFactory(person__name="Mary May").person
    made = booking.request_place(run, mary, by=mary)

    browser = visit(mary, javascript=javascript, **PHONE)
    browser.goto(f"/my/bookings/{made.pk}/")
    expect(browser.get_by_text("Bring a laptop.")).to_have_count(0)
    browser.get_by_role("button", name="Answer the questions").click()
    browser.get_by_role("button", name="Send my answers").click()
    expect(browser.get_by_role("heading", name="There is a problem")).to_be_visible()
    browser.get_by_label("What do you hope to learn?").fill("To listen")
    browser.get_by_role("button", name="Send my answers").click()
    expect(browser.get_by_text("We have sent you the joining instructions.")).to_be_visible()
    expect(browser.get_by_text("Bring a laptop.")).to_be_visible()
