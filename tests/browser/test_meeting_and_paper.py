"""Test importing a meeting report and typing in a paper register, in a browser."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from courses.models import Mark, MeetingAlias
from tests.factories import BookingFactory, PersonFactory, RunFactory


@pytest.fixture
def run(served_site):
    """Create yesterday's run of two hours, with Ann, Bob and Cat."""
    starts_at = (timezone.now() - dt.timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    run = RunFactory(
        starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=2), trainers=[PersonFactory()]
    )
    for name in ("Ann Ash", "Bob Birch", "Cat Cedar"):
        BookingFactory(run=run, person__name=name)
    return run


def report(run):
    """Build a Teams report: Ann attended, Bob came 30 minutes late, 'Reception' is nobody."""
    starts_at, ends_at = timezone.localtime(run.starts_at), timezone.localtime(run.ends_at)
    rows = [("Ann Ash", 0, ""), ("Birch, Bob", 30, ""), ("Reception", 0, "desk@x.example.org")]
    lines = [
        f"{name}\t{starts_at + dt.timedelta(minutes=late):%m/%d/%Y, %I:%M:%S %p}\t"
        f"{ends_at:%m/%d/%Y, %I:%M:%S %p}\t{2 * 60 - late}m\t{email}\tAttendee"
        for name, late, email in rows
    ]
    heading = "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole"
    return "\r\n".join(["3. In-Meeting Activities", heading, *lines]).encode("utf-16")


def marks(run):
    rows = Mark.objects.filter(session__run=run).order_by("booking__person__name")
    return [(m.booking.person.name, m.kind, m.minutes_missed) for m in rows]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_report_of_a_meeting_becomes_marks(visit, run, javascript):
    page = visit(run.trainers.get(), javascript=javascript, width=390, height=844)
    page.goto(f"/register/{run.pk}/")
    page.get_by_role("link", name="Bring an attendance report").click()
    file = {"name": "report.csv", "mimeType": "text/csv", "buffer": report(run)}
    page.get_by_label("The report").set_input_files([file])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="To be chosen (1)")).to_be_visible()
    page.get_by_role("button", name="Continue").last.click()
    expect(page.get_by_role("link", name="Choose who Reception is")).to_be_visible()
    page.get_by_label("Reception").select_option(label=label_of(run, "Cat Cedar"))
    page.get_by_role("button", name="Continue").last.click()
    expect(page.get_by_text("3 marks to be made.")).to_be_visible()
    assert marks(run) == []
    page.get_by_role("button", name="Mark the register").click()
    expect(page.get_by_text("3 marks made from the report.")).to_be_visible()
    assert marks(run) == [
        ("Ann Ash", "present", 0),
        ("Bob Birch", "late", 30),
        ("Cat Cedar", "present", 0),
    ]
    assert MeetingAlias.objects.get().words == "desk@x.example.org"


def label_of(run, name):
    booking = run.bookings.get(person__name=name)
    return f"{name}, {booking.agency.name}"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_sheet_is_typed_in_with_the_keys_alone(visit, run, javascript):
    page = visit(run.trainers.get(), javascript=javascript)
    page.goto(f"/register/{run.pk}/{run.sessions.get().pk}/type/")
    for letters in ("p", "l 10", "x"):
        page.locator(":focus").press_sequentially(letters)
        page.locator(":focus").press("Enter")
    if javascript:
        page.locator(":focus").press("Enter")  # on the button
        expect(page.get_by_text("Saved. 3 are marked.")).to_be_visible()
    else:
        expect(page.get_by_role("cell", name="Absent")).to_be_visible()
    assert marks(run) == [
        ("Ann Ash", "present", 0),
        ("Bob Birch", "late", 10),
        ("Cat Cedar", "absent", 0),
    ]
