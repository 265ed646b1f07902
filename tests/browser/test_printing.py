"""Test that reports and lists print whole, readable and without controls."""

import pypdfium2
import pytest
from playwright.sync_api import expect

from agencies.access import PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from courses.models import Mark
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CertificateFactory,
    ChargeFactory,
    CourseFactory,
    CoursePageFactory,
    DisseminationFactory,
    EvaluationFactory,
    MailFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    SectorFactory,
    TopicFactory,
    in_days,
)

MILLIMETRE = 96 / 25.4
UPRIGHT, ACROSS = round(182 * MILLIMETRE), round(273 * MILLIMETRE)  # A4 within its margins

REPORTS = [
    "/cms/reports/attendance/", "/cms/reports/evaluation/", "/cms/reports/days-given/",
    "/cms/reports/topics-in-training/", "/cms/reports/behind-its-protocol/",
    "/cms/reports/site-history/", "/cms/reports/workflow/",
]  # fmt: skip
LISTS = [
    "/cms/agency/", "/cms/job/", "/cms/users/", "/cms/outbox/", "/cms/run/", "/cms/booking/",
    "/cms/course/", "/cms/charge/", "/cms/charge/finance/", "/cms/trainer/", "/cms/certificate/",
    "/cms/evidence/", "/cms/indicator/", "/cms/question/", "/cms/cascade/",
]  # fmt: skip
PUBLIC = ["/courses/", "/protocols/", "/protocols/amendments/", "/protocols/thresholds/"]
OF_A_LEAD = [
    "/agency/", "/agency/changes/", "/agency/bookings/", "/agency/dates/", "/agency/charges/",
    "/agency/protocols/", "/agency/approvals/", "/agency/training/",
]  # fmt: skip
# Lists what is wrong with a page when printed at this width.
WRONGS = """
() => {
  const shown = (e) => e.checkVisibility() && e.getBoundingClientRect().width > 1;
  const name = (e) => e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 30);
  const all = [...document.body.querySelectorAll("*")].filter(shown);
  const placed = (e) => ["fixed", "sticky"].includes(getComputedStyle(e).position);
  const scrolls = (e) => ["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowY)
    && !["svg", "INPUT", "SELECT", "TEXTAREA"].includes(e.tagName)
    && getComputedStyle(e).clip === "auto" && e.scrollHeight > e.clientHeight + 1;
  const edge = document.documentElement.clientWidth + 1;
  const beyond = (e) => e.getBoundingClientRect().right > edge;
  const pressed = "button, input, select, .pagination a, .govuk-pagination, aside, .sidebar";
  const one = (kind, list) => list.slice(0, 3).map((e) => kind + ": " + name(e));
  return [
    ...one("stays in its place", all.filter(placed)),
    ...one("is cut off", all.filter(scrolls)),
    ...one("is beyond the edge", all.filter((e) => e.matches("th, td, table")).filter(beyond)),
    ...one("is of no use on paper", all.filter((e) => e.matches(pressed))),
  ];
}
"""


@pytest.fixture
def names():
    """Return 60 long names of agencies."""
    return [
        f"Saint Bartholomew and Harbourside Children and Young People’s Partnership {number}"
        for number in range(60)
    ]


@pytest.fixture
def partnership(own_database, names):
    """Create 60 agencies that attended one run, and something in each list."""
    sector, course = SectorFactory(), CoursePageFactory().course
    agencies = [AgencyFactory(name=name, sector=sector) for name in names]
    run = RunFactory(course=course, starts_at=in_days(-9), closed_at=in_days(-8), places=None)
    for agency in agencies:
        booking = BookingFactory(run=run, agency=agency)
        MarkFactory(booking=booking, kind=Mark.Kind.PRESENT)
        PostFactory(person=booking.person, agency=agency)
        ChargeFactory(booking=booking)
    EvaluationFactory(booking=booking)
    for number in range(14):
        CourseFactory(code=f"CODE-{number}", topics=[TopicFactory()])
    CertificateFactory(holder=booking.person)
    MailFactory()
    DisseminationFactory(agency=agencies[0])
    lead = PostFactory(agency=agencies[0], is_lead=True).person
    BookingFactory(run=RunFactory(course=course), agency=agencies[0])
    office = PersonFactory(
        name="Ola Office",
        is_staff=True,
        is_superuser=True,
        groups=[TRAINING_ADMINISTRATORS, PROTOCOL_EDITORS],
    )
    return {"office": office, "lead": lead}


def printed(page, address):
    """Lay a page out for printing and list what is wrong with it."""
    answer = page.goto(address)
    page.emulate_media(media="print")
    assert answer.status == 200, address
    wide = page.locator(".office-wide, .thresholds").count()
    page.set_viewport_size({"width": ACROSS if wide else UPRIGHT, "height": 1000})
    return [f"{address} {wrong}" for wrong in page.evaluate(WRONGS)]


def pages_of(page):
    """Return each A4 sheet's text without white space, as long names are broken anywhere."""
    sheets = pypdfium2.PdfDocument(page.pdf(format="A4", prefer_css_page_size=True))
    return ["".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets]


@pytest.mark.parametrize(
    ("reader", "addresses"),
    [("office", REPORTS), ("office", LISTS), ("lead", OF_A_LEAD), ("lead", PUBLIC)],
    ids=["reports", "lists", "an agency's pages", "public lists"],
)
def test_every_report_and_list_fits_the_paper(visit, partnership, reader, addresses):
    page = visit(partnership[reader], watched=False)
    wrongs = [wrong for address in addresses for wrong in printed(page, address)]
    assert not wrongs, "\n".join(wrongs)


def test_a_long_report_goes_over_pages_with_its_headings_on_each(visit, partnership, names):
    page = visit(partnership["office"], watched=False)
    assert not printed(page, "/cms/reports/attendance/")
    sheets = pages_of(page)
    assert len(sheets) > 1
    text = "".join(sheets)
    assert not [name for name in names if "".join(name.split()) not in text]
    for sheet in sheets[: len(sheets) - 2]:
        if "Partnership" in sheet:
            assert "Attendancerate" in sheet and "Didnotcome" in sheet
    assert sheets[0].count("Attendancebyagency") == 1
    assert all(
        sheet.replace(f"Page{number}of{len(sheets)}", "") for number, sheet in enumerate(sheets, 1)
    )
    assert "PrintedbyOlaOffice,asat" in sheets[0]
    assert f"Page1of{len(sheets)}" in sheets[0]


def test_a_named_period_is_one_press_away(visit, partnership):
    page = visit(partnership["office"])
    page.goto("/cms/reports/attendance/")
    page.get_by_role("link", name="This financial year").click()
    current = page.locator(".office-presets [aria-current]")
    expect(current).to_have_text("This financial year")
    expect(page.get_by_text("whose register is signed off")).to_contain_text("1 April")


def test_a_list_says_which_page_it_is_of_how_many_and_what_it_was_narrowed_by(visit, partnership):
    page = visit(partnership["office"], watched=False)
    assert not printed(page, "/cms/booking/?state=confirmed&p=2")
    text = "".join(pages_of(page))
    assert "Bookings" in text and "State:Confirmed" in text
    assert "Page2of" in text and "Next" not in text
