"""Test that every public page says whom to call about a concern for a child."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.test import RequestFactory
from django.views import defaults

from agencies.models import ConcernContacts
from tests.factories import (
    CoursePageFactory,
    PersonFactory,
    ProtocolPageFactory,
    StandardPageFactory,
)

pytestmark = pytest.mark.django_db
NUMBERS = {
    "hub_name": "Multi-Agency Safeguarding Hub (MASH)",
    "hub_telephone": "01632 960 101",
    "hub_hours": "Monday to Friday, 8:30am to 5pm",
    "out_of_hours_telephone": "+44 (0)1632 960102",
}
CALLS = [
    ("Call 999", "tel:999"),
    ("Call 01632 960 101", "tel:+441632960101"),
    ("Call +44 (0)1632 960102", "tel:+441632960102"),
]


@pytest.fixture
def numbers():
    checker = PersonFactory(name="Ola Office")
    ConcernContacts.objects.create(checked_on=dt.date(2026, 11, 12), checked_by=checker, **NUMBERS)


def shown(response):
    return BeautifulSoup(response.content, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def calls(part):
    return [(words(link), link["href"]) for link in part.select('a[href^="tel:"]')]


def test_the_home_page_has_a_band_with_the_numbers(client, numbers):
    band = shown(client.get("/")).select_one("main .worried")
    assert calls(band) == CALLS
    assert words(band).startswith(
        "Worried about a child? If a child is in immediate danger Call 999 "
        "Multi-Agency Safeguarding Hub (MASH) Call 01632 960 101 Monday to Friday, 8:30am to 5pm "
        "Out of hours Call +44 (0)1632 960102 Evenings, weekends and bank holidays "
        "Checked on 12 November 2026"
    )


PAGES = [
    "/", "/protocols/", "/courses/", "/search/?q=neglect", "/certificates/verify/",
    "/accounts/login/", "/protocols/thresholds/", "/protocols/thresholds/describe/",
    "/protocols/amendments/", "/protocols/alerts/", "/a-protocol/", "/a-course/", "/a-page/",
    "/nowhere/",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_every_public_page_has_them_in_its_menu_and_at_its_foot(client, numbers, address):
    made = {"/a-protocol/": ProtocolPageFactory, "/a-course/": CoursePageFactory}
    made["/a-page/"] = StandardPageFactory
    if address in made:
        address = made[address]().url
    page = shown(client.get(address))
    assert calls(page.footer) == CALLS
    assert "Ola Office" not in words(page)
    entry = page.select_one('nav[aria-label="Menu"] a[href^="#"]')
    assert words(entry) == "Worried about a child?"
    [target] = page.select(entry["href"])
    assert words(target) == "Worried about a child?"
    assert len({heading["id"] for heading in page.select(".worried__heading")}) == len(
        page.select(".worried__heading")
    )


def test_the_menu_of_the_home_page_leads_to_the_band(client, numbers):
    assert shown(client.get("/")).select_one("#worried").find_parent("main")


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: defaults.page_not_found(request, Exception()),
        lambda request: defaults.permission_denied(request, Exception()),
    ],
)
def test_pages_of_errors_have_them(numbers, answer):
    request = RequestFactory().get("/nowhere/")
    request.user = PersonFactory()
    assert calls(shown(answer(request)).footer) == CALLS


@pytest.mark.parametrize("answer", [defaults.server_error, lambda r: defaults.bad_request(r, None)])
def test_pages_that_may_ask_for_nothing_say_999(answer, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = shown(answer(RequestFactory().get("/")))
    assert calls(page) == [("call 999", "tel:999")]


def test_without_numbers_it_says_999_and_whom_to_ask(client):
    page = shown(client.get("/"))
    for part in (page.select_one("main .worried"), page.footer):
        assert calls(part) == [("Call 999", "tel:999")]
        assert "contact children’s social care at the council where the child lives" in words(part)
        assert "Checked" not in words(part)
        assert "Out of hours" not in words(part)


def test_a_number_that_is_not_entered_has_no_line(client):
    ConcernContacts.objects.create(hub_telephone="01632 960 101")
    foot = shown(client.get("/protocols/")).footer
    assert calls(foot) == [("Call 999", "tel:999"), ("Call 01632 960 101", "tel:+441632960101")]
    assert "council where the child lives" not in words(foot)
