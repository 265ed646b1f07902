"""Test pages whose script loads before the style sheet, as on an iPhone's first visit."""

import pytest

from tests.browser.conftest import session_of
from tests.everyone.slow_line import slow_line
from tests.everyone.webkit import Screen
from tests.factories import IndicatorFactory, PersonFactory

pytestmark = pytest.mark.everyone

LOADS = 12
WHAT_WORKS = """
const works = {};
const toggle = document.querySelector(".govuk-js-service-navigation-toggle");
const menu = document.getElementById("navigation");
const isFolded = !toggle.hidden && menu.hidden;
toggle.click();
works.menu = isFolded && !menu.hidden;
const out = document.querySelector('form[action="/accounts/logout/"]');
out.submit = () => {};
const submitting = new Event("submit", { cancelable: true });
works["question before signing out"] = !out.dispatchEvent(submitting);
const print = document.querySelector("[data-print]");
if (print) {
  works.Print = false;
  window.print = () => { works.Print = true; };
  print.click();
}
const parts = [...document.querySelectorAll("[data-stacks], [data-stacks] :is(tr, td, th)")];
if (parts.length) works["roles in tables"] = parts.every((part) => part.hasAttribute("role"));
return works;
"""
SHEET_AFTER_SCRIPT = """
const end = (file) => performance.getEntriesByType("resource")
  .find(({ name }) => name.includes("/build/site.") && name.endsWith(file)).responseEnd;
return end(".css") - end(".js");
"""


@pytest.fixture(scope="module")
def webkit():
    screen = Screen()
    yield screen
    screen.stop()


@pytest.fixture
def line(served_site):
    session = session_of(PersonFactory(), served_site.address)
    cookie = f"{session['name']}={session['value']}"
    with slow_line(served_site.address, seconds=1.5, cookie=cookie) as address:
        yield address


def broken(webkit, address, loads=LOADS):
    """Return (all features tried, those that failed) over `loads` first visits."""
    tried, found = set(), []
    for number in range(1, loads + 1):
        with webkit.page(width=500, height=900) as page:
            page.goto(address)
            assert page.run(SHEET_AFTER_SCRIPT) > 0
            works = page.run(WHAT_WORKS)
            tried |= set(works)
            found += [f"load {number}: {what}" for what, does in works.items() if not does]
    return tried, found


MENU_AND_SIGNING_OUT = {"menu", "question before signing out"}


def test_everything_works_though_the_style_sheet_is_late(webkit, line):
    IndicatorFactory()
    everything = MENU_AND_SIGNING_OUT | {"Print", "roles in tables"}
    assert broken(webkit, f"{line}/protocols/thresholds/") == (everything, [])


def test_so_it_does_where_htmx_starts_what_it_finds(webkit, line):
    assert broken(webkit, f"{line}/courses/", loads=3) == (MENU_AND_SIGNING_OUT, [])
