"""Test the attendance report of the board, and the office's list for this week."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from agencies.models import Board
from assurance import this_week
from courses.models import Mark
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    EvidenceFactory,
    MailFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
    RunFactory,
    in_days,
)
from tests.sheets import read_csv, read_xlsx

pytestmark = pytest.mark.django_db
REPORT = "/cms/reports/attendance/"


@pytest.fixture
def member(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(is_staff=True, groups=[BOARD_MEMBERS])
    client.force_login(person)
    return person


def words(answer):
    return answer.content.decode()


def came(agency, kind=Mark.Kind.PRESENT, run=None, **booking):
    run = run or RunFactory(starts_at=in_days(-10), closed_at=in_days(-9))
    return MarkFactory(booking=BookingFactory(run=run, agency=agency, **booking), kind=kind)


def rows(client, query=""):
    return read_csv(client.get(f"{REPORT}?export=csv&{query}")).rows


def test_the_first_page_of_the_back_office_leads_a_board_member_to_the_figures(client, member):
    page = client.get("/cms/").text
    assert ("Attendance by agency</a>" in page, "This week" in page) == (True, False)


def test_a_board_member_reads_the_figures_and_no_names_of_people(client, member):
    came(AgencyFactory(name="Solent Health"), person__name="Anna Secret")
    page = words(client.get(REPORT))
    for said in ("Solent Health", "Solent Health: 1 of 1", "100%", "No date is left out."):
        assert said in page
    assert "Anna Secret" not in page


def test_the_figures_are_taken_away_as_csv_and_xlsx(client, member):
    run = RunFactory(starts_at=in_days(-10), closed_at=in_days(-9), places=8)
    midwives = RoleGroupFactory(name="Midwives")
    health = AgencyFactory(name="=Health")
    came(health, run=run, role_group=midwives)
    came(health, Mark.Kind.ABSENT, run=run, role_group=midwives)
    came(AgencyFactory(name="Police"), Mark.Kind.APOLOGIES, run=run)
    expected = [
        ["Agency", "'=Health", "1", "2", "1", "0", "1", "50.0", "", "", "0", "0"],
        ["Agency", "Police", "1", "1", "0", "1", "0", "0.0", "", "", "0", "0"],
    ]
    last = ["Everybody", "All", "1", "3", "1", "1", "1", "33.3", "8", "37.5", "0", "0"]
    got = rows(client)
    assert (got[:2], got[-1], len(got)) == (expected, last, 5)
    workbook = read_xlsx(client.get(f"{REPORT}?export=xlsx"))
    assert workbook.rows[0][:8] == ["Agency", "'=Health", 1, 2, 1, 0, 1, 50]


def test_bookings_without_a_limit_do_not_count_towards_the_fill_rate(client, member):
    agency = AgencyFactory()
    came(agency)
    came(agency, run=RunFactory(starts_at=in_days(-9), closed_at=in_days(-8), places=None))
    last = read_csv(client.get(f"{REPORT}?export=csv")).by_heading()[-1]
    assert (last["Booked"], last["Places (of all dates)"]) == ("2", "10")
    assert last["Fill rate, % (booked of the places on dates with a limit)"] == "10.0"


def test_the_figures_are_narrowed_by_day_course_and_sector(client, member):
    one = came(AgencyFactory(name="Health", sector__name="Health"))
    came(
        AgencyFactory(name="Police", sector__name="Police"),
        run=RunFactory(starts_at=in_days(-100), closed_at=in_days(-99)),
    )

    def agencies(query):
        return [row[1] for row in rows(client, query) if row[0] == "Agency" and row[3] != "0"]

    assert agencies("") == ["Health", "Police"]
    assert agencies(f"since={in_days(-50).date()}") == ["Health"]
    assert agencies(f"until={in_days(-50).date()}") == ["Police"]
    assert agencies(f"course={one.booking.run.course_id}") == ["Health"]
    assert agencies(f"sector={one.booking.agency.sector_id}") == ["Health"]


def test_the_dates_that_are_left_out_are_said(client, member):
    came(AgencyFactory())
    RunFactory(starts_at=in_days(-5))
    assert "One date is left out because its register is not signed off." in words(
        client.get(REPORT)
    )


def test_an_agency_that_sent_nobody_is_named_on_the_page_and_has_zeros_in_the_file(client, member):
    came(AgencyFactory(name="Solent Health"))
    AgencyFactory(name="Absent School")
    AgencyFactory(name="Distant School")
    AgencyFactory(name="Closed School", merged_into=AgencyFactory(name="Open School"))
    page = BeautifulSoup(client.get(REPORT).content, "html.parser")
    assert "3 agencies had nobody booked" in page.text
    names = [item.text for item in page.select(".office-names li")]
    assert names == ["Absent School", "Distant School", "Open School"]
    zeros = ["Agency", "Absent School", "0", "0", "0", "0", "0", "", "", "", "0", "0"]
    assert rows(client)[0] == zeros
    assert [row[1] for row in rows(client) if row[0] == "Agency"] == [
        "Absent School", "Distant School", "Open School", "Solent Health",
    ]  # fmt: skip


def test_no_agency_and_no_profession_has_a_fill_rate(client, member):
    came(AgencyFactory(name="Solent Health"))
    page = BeautifulSoup(client.get(REPORT).content, "html.parser")
    headings = {heading.text for heading in page.select("thead th")}
    assert "Attendance rate" in headings and not headings & {"Fill rate", "Places"}
    assert "Fill rate" in page.select_one(".office-figures").text


def test_the_file_says_its_period_and_its_filters(client, member):
    agency = AgencyFactory(sector__name="Health")
    course = came(agency).booking.run.course
    query = f"since=2026-04-01&until=2027-03-31&course={course.pk}&sector={agency.sector_id}"
    for kind, read in (("csv", read_csv), ("xlsx", read_xlsx)):
        answer = client.get(f"{REPORT}?export={kind}&{query}")
        assert f"attendance-2026-04-01-to-2027-03-31.{kind}" in answer["Content-Disposition"]
        file = read(answer)
        assert file.title == "Attendance by agency"
        assert file.about["Period"] == "1 April 2026 to 31 March 2027"
        assert file.about["Filters"] == f"Course: {course}; Sector: Health"


def test_named_periods_fill_the_days_keep_the_filters_and_mark_the_one_shown(client, member):
    agency = came(AgencyFactory()).booking.agency
    with time_machine.travel(dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC), tick=False):
        page = BeautifulSoup(
            client.get(f"{REPORT}?sector={agency.sector_id}").content, "html.parser"
        )
        links = {link.text: link for link in page.select(".office-presets a")}
        assert {name: link["title"] for name, link in links.items()} == {
            "Last 12 months": "1 December 2025 to 30 November 2026",
            "This quarter": "1 October 2026 to 31 December 2026",
            "Last quarter": "1 July 2026 to 30 September 2026",
            "This financial year": "1 April 2026 to 31 March 2027",
            "Last financial year": "1 April 2025 to 31 March 2026",
            "This academic year": "1 September 2026 to 31 August 2027",
        }
        assert current(page) == ["Last 12 months"]
        answer = client.get(REPORT + links["This quarter"]["href"])
    page = BeautifulSoup(answer.content, "html.parser")
    assert current(page) == ["This quarter"]
    assert page.select_one("[name=until]")["value"] == "2026-12-31"
    assert page.select_one("[name=sector] [selected]")["value"] == str(agency.sector_id)


def current(page):
    return [link.text for link in page.select(".office-presets [aria-current]")]


def test_an_empty_report_says_so(client, member):
    assert "Nobody was booked on a date that is counted." in words(client.get(REPORT))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=yesterday", "Enter the first day, such as 27/3/2027"),
        ("until=tomorrow", "Enter the last day, such as 27/3/2027"),
        ("since=0001-01-01", "Enter a first day from 1/1/2000 to 31/12/2099"),
        ("until=9999-12-31", "Enter a last day from 1/1/2000 to 31/12/2099"),
        ("since=2026-03-01&until=2026-02-01", "Enter a last day that is not before the first"),
        ("course=999", "Choose a course from the list"),
        ("sector=x", "Choose a sector from the list"),
    ],
)
def test_a_wrong_filter_gets_a_sentence_and_no_figures(client, member, query, sentence):
    came(AgencyFactory(name="Solent Health"))
    for export in ("", "&export=csv"):
        page = words(client.get(f"{REPORT}?{query}{export}"))
        assert sentence in page and "Solent Health" not in page


def test_the_report_asks_the_same_of_the_database_for_one_agency_and_for_30(client, member):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(REPORT)
        return len(queries)

    came(AgencyFactory())
    asked()
    once = asked()
    for _ in range(29):
        came(AgencyFactory(), role_group=RoleGroupFactory())
        AgencyFactory()
    assert asked() == once


@pytest.mark.parametrize("role", [PROTOCOL_EDITORS, "agency lead"])
def test_the_report_is_the_boards(client, settings, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    staff = role != "agency lead"
    person = PersonFactory(is_staff=staff, groups=[role] if staff else [])
    PostFactory(person=person, is_lead=not staff)
    client.force_login(person)
    came(AgencyFactory(name="Solent Health"))
    for query in ("", "?export=csv", "?export=xlsx"):
        answer = client.get(REPORT + query)
        assert answer.status_code in {302, 403}
        assert "Solent Health" not in words(answer)


# This week


def titles(part):
    return [run.course.title for run in part.things]


def test_the_week_lists_what_needs_doing(office):
    RunFactory(course__title="Thin", starts_at=in_days(10), minimum=4)
    RunFactory(course__title="Thin, but far off", starts_at=in_days(30), minimum=4)
    RunFactory(
        course__title="Thin, decided", starts_at=in_days(9), minimum=4, goes_ahead_at=timezone.now()
    )
    soon = RunFactory(course__title="Soon", starts_at=in_days(3))
    BookingFactory(run=soon, state="waiting")
    RunFactory(course__title="Open", starts_at=in_days(-3))
    RunFactory(course__title="Signed", starts_at=in_days(-3), closed_at=in_days(-2))
    RunFactory(course__title="Dropped", starts_at=in_days(-3), cancelled_at=timezone.now())
    MailFactory(subject="Lost", state=Mail.FAILED)
    week = this_week.parts(office)
    assert {name: titles(week[name]) for name in ("below", "coming", "open_registers")} == {
        "below": ["Thin"],
        "coming": ["Soon"],
        "open_registers": ["Open"],
    }
    assert [run.waiting for run in week["coming"].things] == [1]
    assert [mail.subject for mail in week["undelivered"].things] == ["Lost"]


def test_a_week_with_much_in_it_shows_the_first_and_says_how_many_more(client, office):
    for day in range(2, 11):
        RunFactory(starts_at=in_days(-day))
    part = this_week.parts(office)["open_registers"]
    assert (len(part.things), part.more) == (6, 3)
    page = words(client.get("/cms/"))
    assert "3 more" in page and "/cms/run/?state=open" in page


def test_the_week_lists_what_is_near_its_end_and_what_is_for_the_office(office):
    now, board = timezone.now(), Board.load()
    offered = BookingFactory(state="offered", offered_until=now + dt.timedelta(hours=30))
    BookingFactory(state="offered", offered_until=now + dt.timedelta(hours=50))
    BookingFactory()
    BookingFactory(
        state="requested", approver_email="boss@example.org", held_until=now + dt.timedelta(days=3)
    )
    near = BookingFactory(
        state="requested", approver_email="boss@example.org", held_until=now + dt.timedelta(hours=9)
    )
    ours = BookingFactory(
        state="requested", approver_email=board.email, held_until=now + dt.timedelta(days=4)
    )
    evidence = EvidenceFactory()
    EvidenceFactory(state="accepted")
    week = this_week.parts(office)
    assert week["ending"].things == [near, offered, ours]
    assert week["evidence"].things == [evidence]


def test_a_date_is_decided_about_from_the_week(client, office):
    run = RunFactory(course__title="Thin", starts_at=in_days(10), minimum=4)
    assert f"/cms/run/ahead/{run.pk}/?next=/cms/" in words(client.get("/cms/"))
    assert client.post(f"/cms/run/ahead/{run.pk}/?next=/cms/")["Location"] == "/cms/"
    assert "Thin" not in [run.course.title for run in this_week.parts(office)["below"].things]


def test_a_quiet_week_says_what_is_well(client, office):
    page = words(client.get("/cms/"))
    for said in (
        "Every date of the next 15 working days has enough people, or is decided.",
        "No offer or request ends in the next 2 days, and none waits for this office.",
        "Nothing that was sent waits for an answer.",
        "Every register is signed off.",
        "No email has waited for more than 15 minutes.",
        "No email was refused by a mail server.",
    ):
        assert said in page


def test_the_week_asks_the_same_of_the_database_for_one_and_for_three(client, office):
    def more():
        BookingFactory(run__starts_at=in_days(3) + dt.timedelta(minutes=1), run__minimum=5)
        RunFactory(starts_at=in_days(-3))
        MailFactory(state=Mail.FAILED)
        offer = BookingFactory(state="offered", queued_at=timezone.now() - dt.timedelta(hours=9))
        EvidenceFactory(person=offer.person)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get("/cms/")
        return len(queries)

    more()
    asked()
    once = asked()
    more()
    more()
    assert asked() == once


@pytest.mark.parametrize("role", [BOARD_MEMBERS, PROTOCOL_EDITORS])
def test_the_week_is_the_training_offices(client, settings, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[role]))
    MailFactory(to="anna.secret@example.org", subject="Secret", state=Mail.FAILED)
    page = words(client.get("/cms/"))
    assert "Secret" not in page and "This week" not in page
    assert TRAINING_ADMINISTRATORS not in page
