"""Test that one file adds a report, an entry of a page or a menu, and nothing else is touched."""

import json
from contextlib import ExitStack, contextmanager
from importlib import import_module, reload

import pytest
import wagtail.admin.urls
from bs4 import BeautifulSoup
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches

import lms.urls
from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from lms.registries.base import Registry
from lms.registries.home_blocks import home_blocks
from lms.registries.menu import office_menu
from lms.registries.needs import needs
from lms.registries.reports import reports
from lms.registries.this_week import this_week
from tests.databases import ROOT
from tests.factories import (
    AgencyFactory,
    CertificateFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    SectorFactory,
    StandardPageFactory,
    in_days,
)
from tests.sheets import read_csv, read_xlsx

pytestmark = pytest.mark.django_db
MADE_UP = {
    "report": reports,
    "week_entry": this_week,
    "need": needs,
    "home_block": home_blocks,
    "menu_entry": office_menu,
}
REPORT = "/cms/reports/without-venue/"


@contextmanager
def started(name):
    """Start with a made-up file, as if its room called `ready`; take it out at the end."""
    before = set(MADE_UP[name])
    import_module(f"tests.made_up.{name}").ready()
    if name == "report":
        find_addresses()
    yield
    for entry in set(MADE_UP[name]) - before:
        MADE_UP[name].unregister(entry.name)
    if name == "report":
        find_addresses()


@pytest.fixture
def started_with():
    """Start with made-up files, until the end of the test."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(started(name))


@pytest.fixture(scope="module")
def report():
    """Start with the report until the end of this file: the addresses take long to find."""
    with started("report"):
        yield


def find_addresses():
    for module in (wagtail.admin.urls, lms.urls):
        reload(module)
    clear_url_caches()


def page_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def rows_of(page):
    return [[words(cell) for cell in row("td")] for row in page.select("table.listing tbody tr")]


def menu_of(page, below=None):
    """Return the labels in the back office's menu, or in one of its entries."""
    modules = json.loads(page.find(id="wagtail-sidebar-props").string)["modules"]
    items = next(each["_args"][0] for each in modules if each["_type"].endswith("MainMenuModule"))
    if below:
        items = next(each["_args"][1] for each in items if each["_args"][0]["name"] == below)
    return [each["_args"][0]["label"] for each in items]


@pytest.fixture
def dates(report):
    """Start with the report, and make three dates without a venue and one with it."""
    RunFactory(course__title="With a venue")
    return [
        RunFactory(course__title=title, venue=None, starts_at=in_days(days), taken=days)
        for title, days in [("Neglect", 9), ("Abuse", 7), ("Consent", 8)]
    ]


@pytest.mark.parametrize("name", MADE_UP)
def test_a_made_up_entry_is_one_file_of_40_lines_at_most(name):
    assert len((ROOT / "tests" / "made_up" / f"{name}.py").read_text().splitlines()) <= 40


def test_a_made_up_report_lists_its_rows(client, office, dates):
    assert [row[0] for row in rows_of(page_of(client, REPORT))] == ["Abuse", "Consent", "Neglect"]


def test_a_made_up_report_is_sorted_by_its_columns(client, office, dates):
    links = [link["href"] for link in page_of(client, REPORT).select("table.listing th a")]
    assert [link.rpartition("=")[2] for link in links] == ["course__title", "-starts_at", "taken"]
    for ordering, first in [("course__title", "Abuse"), ("-taken", "Neglect")]:
        assert rows_of(page_of(client, f"{REPORT}?ordering={ordering}"))[0][0] == first


def test_a_made_up_report_is_filtered(client, office, dates):
    consent = dates[2].course_id
    assert [row[0] for row in rows_of(page_of(client, f"{REPORT}?course={consent}"))] == ["Consent"]
    assert rows_of(page_of(client, f"{REPORT}results/?course={consent}"))[0][2] == "8"


@pytest.mark.parametrize(("kind", "read"), [("csv", read_csv), ("xlsx", read_xlsx)])
def test_a_made_up_report_is_a_file_with_its_filters(client, office, dates, kind, read):
    answer = client.get(f"{REPORT}?course={dates[0].course_id}&export={kind}")
    assert answer["Content-Disposition"] == f'attachment; filename="without-venue.{kind}"'
    file = read(answer)
    assert file.title == "Dates without a venue"
    assert file.about["Filters"] == "Course: Neglect"
    assert file.headings == ["Course", "Begins", "Booked"]
    assert [str(cell) for cell in file.rows[0]] == [
        "Neglect", str(dates[0].starts_at.astimezone().replace(tzinfo=None, microsecond=0)), "9",
    ]  # fmt: skip


def test_a_made_up_report_is_printed_as_the_office_prints(client, office, dates):
    page = page_of(client, f"{REPORT}?course={dates[0].course_id}")
    assert page.select('link[media="print"][href*="back_office/print"]')
    assert "Filters Course: Neglect" in words(page.select_one("dl.office-on-paper"))
    assert words(page.h1) == "Dates without a venue"


def test_a_made_up_report_has_its_place_in_the_menu(client, office, dates):
    shown = menu_of(page_of(client, "/cms/"), "reports")
    at = shown.index("Attendance by agency")
    assert shown[at : at + 3] == ["Attendance by agency", "Dates without a venue", "Evaluation"]


@pytest.mark.parametrize("role", [BOARD_MEMBERS, PROTOCOL_EDITORS])
def test_a_made_up_report_is_refused_to_others(client, settings, dates, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[role]))
    for address in (REPORT, f"{REPORT}?export=csv", f"{REPORT}results/"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/cms/")
    assert "Dates without a venue" not in page_of(client, "/cms/").text


def test_a_made_up_report_asks_the_same_for_one_and_for_three(client, office, report):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(REPORT)
        return len(queries)

    RunFactory(venue=None)
    asked()
    once = asked()
    RunFactory.create_batch(2, venue=None)
    assert asked() == once


def test_a_made_up_entry_of_the_week_is_shown_in_its_place(client, office, started_with):
    started_with("week_entry")
    section = week(client)["Agencies without a lead"]
    assert words(section.p) == "Every agency has a lead."
    for number in range(8):
        AgencyFactory(name=f"Trust {number}")
    headings = list(week(client))
    assert headings[headings.index("Registers not signed off") + 1] == "Agencies without a lead"
    section = week(client)["Agencies without a lead"]
    assert words(section.li) == "Trust 0 Nobody confirms who works there"
    assert words(section.p) == "2 more"


def week(client):
    sections = page_of(client, "/cms/").select(".office-week section")
    return {words(section.h3): section for section in sections}


def test_a_made_up_need_is_on_the_page_and_its_number_in_the_menu(client, started_with):
    started_with("need")
    person = PersonFactory()
    client.force_login(person)
    assert menu_entry(client) == "My learning"
    for title in ("Neglect", "Consent"):
        CertificateFactory(holder=person, title=title)
    CertificateFactory()
    assert menu_entry(client) == "My learning 2 to do"
    shown = page_of(client, "/my/").find(id="to-refresh").parent
    assert [words(each) for each in shown("h3")] == ["Neglect", "Consent"]


def menu_entry(client):
    return words(page_of(client, "/accessibility/").select_one('#navigation a[href="/my/"]'))


def test_what_needs_nobody_is_not_on_the_page(client, started_with):
    started_with("need")
    client.force_login(PostFactory().person)
    assert page_of(client, "/my/").find(id="to-refresh") is None


def test_a_made_up_block_is_on_the_home_page(client, started_with):
    started_with("home_block")
    SectorFactory(name="Schools")
    StandardPageFactory(show_in_menus=True)
    page = page_of(client, "/")
    headings = [words(each) for each in page.select(".with-side h2")]
    assert headings.index("Who takes part") < headings.index("About the board")
    assert words(page.find("h2", string="Who takes part").find_next("a")) == "Schools"


@pytest.mark.parametrize(("role", "is_shown"), [(PROTOCOL_EDITORS, True), (BOARD_MEMBERS, False)])
def test_a_made_up_entry_is_in_the_menu_of_those_who_may_see_it(
    client, settings, started_with, role, is_shown
):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    started_with("menu_entry")
    client.force_login(PersonFactory(is_staff=True, groups=[role]))
    assert ("Indicators of need" in menu_of(page_of(client, "/cms/"))) is is_shown


def test_two_entries_of_one_name_refuse_the_start():
    registry, entry = Registry(), next(iter(office_menu))
    registry.register(entry)
    with pytest.raises(ImproperlyConfigured, match="Two entries are called"):
        registry.register(entry)
