"""Test booking, registers and checking certificates without JavaScript."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from courses.models import Booking, Course, Mark, Run
from tests.factories import (
    BookingFactory,
    CertificateFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
)


def test_a_course_is_found_booked_and_cancelled(visit):
    CoursePageFactory(course__title="Supervision")
    page = CoursePageFactory(course__title="Indicators of need", course__kind=Course.Kind.BRIEFING)
    run = RunFactory(course=page.course, places=1)
    mary = PostFactory(person__name="Mary Seacole").person

    browser = visit(mary, javascript=False)
    browser.goto("/courses/")
    browser.get_by_label("Format").select_option("Briefing")
    browser.get_by_role("search", name="Courses").get_by_role("button").click()
    expect(browser.get_by_role("heading", name="1 course found")).to_be_visible()
    browser.get_by_role("link", name="Indicators of need").click()
    browser.get_by_role("button", name="Book a place").click()
    browser.get_by_label("manager’s email").fill("nonsense")
    browser.get_by_label("Do you need anything").fill("A hearing loop")
    browser.get_by_role("button", name="Continue").click()
    expect(browser.get_by_role("link", name="Enter an email address like")).to_be_visible()
    expect(browser.get_by_label("Do you need anything")).to_have_value("A hearing loop")
    browser.get_by_label("manager’s email").fill("boss@example.org")
    browser.get_by_role("button", name="Continue").click()
    browser.get_by_role("button", name="Book my place").dblclick()
    expect(browser.get_by_role("heading", name="Your place is confirmed")).to_be_visible()

    # Opening the form again leads to the existing booking.
    browser.goto(f"/my/bookings/new/{run.pk}/")
    expect(browser.get_by_role("heading", name="Your place is confirmed")).to_be_visible()
    [booking] = Booking.objects.filter(run=run)
    assert (booking.state, booking.access_needs) == ("confirmed", "A hearing loop")

    browser.get_by_role("link", name="Cancel my place").click()
    browser.get_by_role("button", name="Cancel my place").click()
    expect(browser.get_by_text("Your place on Indicators of need is cancelled.")).to_be_visible()
    booking.refresh_from_db()
    assert (booking.state, Run.objects.get(pk=run.pk).taken) == ("withdrawn", 0)


def test_a_register_is_kept_and_signed_off(visit):
    trainer, now = PersonFactory(), timezone.now()
    run = RunFactory(starts_at=now - dt.timedelta(hours=2), ends_at=now, trainers=[trainer])
    names = ["Ann Early", "Bob Absent", "Cat Late"]
    for name in names:
        BookingFactory(run=run, person__name=name)

    browser = visit(trainer, javascript=False, width=390, height=844)
    browser.goto(f"/register/{run.pk}/")
    for name, mark in zip(names, ("Present", "Absent", "Late"), strict=True):
        person = browser.get_by_role("group", name=name)
        person.get_by_role("radio", name=mark, exact=True).check()
    browser.get_by_role("button", name="Save and go on to sign off").click()
    expect(browser.get_by_role("alert").first).to_contain_text("how many minutes Cat Late missed")
    browser.get_by_label("Minutes missed by Cat Late").fill("10")
    browser.get_by_role("button", name="Save and go on to sign off").click()
    browser.get_by_role("button", name="Sign off the register").click()
    expect(browser.get_by_role("heading", name="Completed the course (2)")).to_be_visible()
    marks = Mark.objects.order_by("booking__person__name").values_list("kind", "minutes_missed")
    assert list(marks) == [("present", 0), ("absent", 0), ("late", 10)]


def test_a_certificate_is_checked(visit):
    certificate = CertificateFactory(name="Mary Seacole")
    browser = visit(javascript=False)
    browser.goto("/certificates/verify/")
    browser.get_by_role("button", name="Check").click()
    expect(browser.get_by_role("heading", name="There is a problem")).to_be_visible()
    browser.get_by_role("textbox").fill(f" {certificate.grouped_code.lower()} ")
    browser.get_by_role("button", name="Check").click()
    expect(browser.get_by_role("heading", name="This certificate is valid")).to_be_visible()
    expect(browser.get_by_text("Mary Seacole")).to_be_visible()
