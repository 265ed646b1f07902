"""Is a page whole where the script comes before the style sheet, as on an iPhone's first visit?"""

import pytest

from tests.browser.conftest import session_of
from tests.everyone.slow_line import slow_line
from tests.everyone.webkit import WebKit
from tests.factories import IndicatorFactory, PersonFactory

pytestmark = pytest.mark.everyone

LOADS = 12
WHAT_WORKS = """
const works = {};
const toggle = document.querySelector(".govuk-js-service-navigation-toggle");
const menu = document.getElementById("navigation");
const isFolded = !toggle.hidden && menu.hidden;
toggle.click();
works["menu folds and unfolds"] = isFolded && !menu.hidden;
let printed = false;
window.print = () => { printed = true; };
document.querySelector("[data-print]").click();
works["Print prints"] = printed;
const parts = [...document.querySelectorAll("[data-stacks], [data-stacks] :is(tr, td, th)")];
works["tables have roles"] = parts.length > 3 && parts.every((part) => part.hasAttribute("role"));
const out = document.querySelector('form[action="/accounts/logout/"]');
out.submit = () => {};
works["signing out asks"] = !out.dispatchEvent(new Event("submit", { cancelable: true }));
return works;
"""
SHEET_AFTER_SCRIPT = """
const end = (file) => performance.getEntriesByType("resource")
  .find(({ name }) => name.includes("/build/site.") && name.endsWith(file)).responseEnd;
return end(".css") - end(".js");
"""


@pytest.fixture(scope="module")
def webkit():
    driver = WebKit()
    yield driver
    driver.stop()


def test_everything_works_though_the_style_sheet_is_late(webkit, served_site):
    IndicatorFactory()
    session = session_of(PersonFactory(), served_site.address)
    cookie = f"{session['name']}={session['value']}"
    broken = []
    with slow_line(served_site.address, seconds=1.5, cookie=cookie) as line:
        for number in range(1, LOADS + 1):
            with webkit.page(width=500, height=900) as page:
                page.goto(f"{line}/protocols/thresholds/")
                assert page.run(SHEET_AFTER_SCRIPT) > 1000
                works = page.run(WHAT_WORKS)
                broken += [f"load {number}: {what}" for what, does in works.items() if not does]
    assert broken == []
