"""Test the main job end to end, for everybody who takes part in it.

Each has a browser of their own, on the served site with a worker and a mail server. The fixture
`visit` fails the test on a request to another host, a breach of the Content-Security-Policy, a
script error, or an accessibility fault of a visited page (axe, WCAG 2.2 AA).
"""

import io
import re

import icalendar
import pypdf
import pypdfium2
import pytest
import zxingcpp
from django.utils import timezone
from playwright.sync_api import expect

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.models import Person
from tests.agencies.signing import code_sent_to
from tests.browser.post import mail_to, text_of_mail
from tests.factories import (
    BookingFactory,
    CoursePageFactory,
    DomainFactory,
    PersonFactory,
    RoleGroupFactory,
    RunFactory,
)


@pytest.fixture
def last_place(own_database):
    """Create Supervision next month with one of two places taken, and other courses."""
    for title in ("Impact of domestic abuse on children", "Early Help: stepping up"):
        CoursePageFactory(course__title=title, course__audience="Everybody.")
    page = CoursePageFactory(
        course__title="Supervision", course__code="SUP", course__renewal_months=36
    )
    trainer = PersonFactory(name="Tara Trainer")
    run = RunFactory(course=page.course, places=2, trainers=[trainer])
    BookingFactory(run=run, person__name="Carla Came-Not", agency__name="Harbour School")
    return run


def sign_up(page, name, email):
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(code_sent_to(email))
    page.get_by_role("button", name="Continue").click()


def join(page, agency, title, profession):
    """Join by a proven address: the agency is proposed, and confirmed at once."""
    expect(page.get_by_role("heading", name="Where do you work?")).to_be_visible()
    expect(page.get_by_label("Agency").locator("option:checked")).to_have_text(agency)
    page.get_by_label("Job title").fill(title)
    page.get_by_label("Profession").select_option(profession)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text(f"You work at {agency}. You can book courses now.")).to_be_visible()


def find_supervision(page):
    page.get_by_label("Search courses").fill("supervision")
    expect(page.get_by_role("heading", name="1 course found")).to_be_visible()
    page.get_by_role("link", name="Supervision").click()


def book(page, button, manager):
    page.get_by_role("button", name=re.compile(f"^{button}")).click()
    page.get_by_label("manager’s email").fill(manager)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    page.get_by_role("button", name={"Book a place": "Book my place"}.get(button, button)).click()


def test_from_signing_up_to_the_boards_figures(visit, served_site, clock, last_place, post_room):
    DomainFactory(name="midwifery.example.org", agency__name="City Midwifery")
    DomainFactory(name="solent.example.org", agency__name="Solent Constabulary")
    RoleGroupFactory(name="Midwives")
    RoleGroupFactory(name="Police officers")

    # Anna signs up, joins her agency and books the last place.
    anna = visit()
    sign_up(anna, "Anna Adeyemi", "anna@midwifery.example.org")
    join(anna, "City Midwifery", "Community midwife", "Midwives")
    find_supervision(anna)
    expect(anna.get_by_text("1 place left")).to_be_visible()
    book(anna, "Book a place", "boss@midwifery.example.org")
    expect(anna.get_by_role("heading", name="Your place is confirmed")).to_be_visible()
    mail_to(post_room, "anna@midwifery.example.org", "Your place is confirmed: Supervision")
    mail_to(post_room, "boss@midwifery.example.org", "Your place is confirmed: Supervision")

    # Ben comes too late, and waits.
    ben = visit()
    sign_up(ben, "Ben O’Brien", "ben@solent.example.org")
    join(ben, "Solent Constabulary", "Detective sergeant", "Police officers")
    find_supervision(ben)
    expect(ben.get_by_text("Full", exact=True)).to_be_visible()
    book(ben, "Join the waiting list", "inspector@solent.example.org")
    expect(ben.get_by_text("You are 1st on the waiting list")).to_be_visible()
    mail_to(post_room, "ben@solent.example.org", "You are on the waiting list: Supervision")

    # Anna cannot come after all: her place is Ben's, and he hears of it.
    anna.goto("/my/")
    anna.get_by_role("link", name="Cancel my place").click()
    anna.get_by_role("button", name="Cancel my place").click()
    expect(anna.get_by_text("Your place on Supervision is cancelled.")).to_be_visible()
    mail_to(post_room, "anna@midwifery.example.org", "Your place is cancelled: Supervision")
    [promotion] = mail_to(
        post_room, "ben@solent.example.org", "Your place is confirmed: Supervision"
    )
    assert "A place has become free, and it is yours." in text_of_mail(promotion.message)
    the_calendar_has(promotion.message, last_place)
    ben.goto("/my/")
    expect(ben.get_by_role("link", name="Joining instructions for Supervision")).to_be_visible()

    # The day comes, and Tara keeps the register.
    clock.move_to(last_place.ends_at)
    tara = visit(last_place.trainers.get(), width=820, height=1180)
    tara.goto("/register/")
    tara.get_by_role("link", name="Supervision").click()
    tara.get_by_role("group", name="Ben O’Brien").get_by_role("radio", name="Present").check()
    tara.get_by_role("group", name="Carla Came-Not").get_by_role("radio", name="Absent").check()
    tara.get_by_role("button", name="Save", exact=True).click()
    expect(tara.get_by_text("1 of 2 present.")).to_be_visible()
    tara.get_by_role("button", name="Save and go on to sign off").click()
    tara.get_by_role("button", name="Sign off the register").click()
    expect(tara.get_by_role("heading", name="Register signed off")).to_be_visible()

    # The worker makes the certificate, and Ben downloads it.
    mail_to(post_room, "ben@solent.example.org", "Your certificate: Supervision")
    ben = visit(Person.objects.get(email="ben@solent.example.org"))  # signed out since
    ben.goto("/my/")
    with ben.expect_download() as download:
        ben.get_by_role("link", name="Download (PDF)").click()
    pdf = download.value.path().read_bytes()
    words = " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    day = timezone.localdate(last_place.sessions.get().starts_at)
    said = ["Ben O’Brien", "Solent Constabulary", "Supervision", f"{day:%-d %B %Y}"]
    assert [fact for fact in said if fact not in words] == []

    # Anyone who is shown it can check it, by the square on its page.
    address = qr_on(pdf)
    assert address.startswith(f"{served_site.address}/certificates/verify/")
    anyone = visit()
    anyone.goto(address)
    expect(anyone.get_by_role("heading", name="This certificate is valid")).to_be_visible()
    expect(anyone.get_by_text("Ben O’Brien")).to_be_visible()

    # The board sees it in its figures, under the agencies from which each of them was booked.
    office = visit(
        PersonFactory(name="Olu Office", is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    )
    office.goto("/cms/reports/attendance/")
    figures = office.get_by_role("region", name="By agency").get_by_role("row")
    assert [row.split()[-8:] for row in figures.all_inner_texts()[1:]] == [
        # Dates, booked, attended, apologies, did not come, attendance rate, online, its hours
        ["1", "1", "0", "0", "1", "0%", "0", "0"],  # Harbour School
        ["1", "1", "1", "0", "0", "100%", "0", "0"],  # Solent Constabulary
        ["1", "2", "1", "0", "1", "50%", "0", "0"],  # all
    ]
    expect(figures.nth(1)).to_contain_text("Harbour School")
    expect(figures.nth(2)).to_contain_text("Solent Constabulary")


def the_calendar_has(message, run):
    """Assert that each session is attached to the mail as a calendar entry."""
    files = [p for p in message.iter_attachments() if p.get_content_type() == "text/calendar"]
    entries = [
        event
        for file in files
        for event in icalendar.Calendar.from_ical(file.get_content()).walk("VEVENT")
    ]
    sessions = [(s.starts_at, s.ends_at) for s in run.sessions.all()]
    assert [(event.start, event.end) for event in entries] == sessions
    assert [str(event["SUMMARY"]) for event in entries] == ["Supervision"]
    assert [event["ATTENDEE"] for event in entries] == ["mailto:ben@solent.example.org"]


def qr_on(pdf):
    """Decode the QR code of a page rendered at 150 dpi, as if printed and scanned."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil().convert("L")
    return zxingcpp.read_barcode(page).text
