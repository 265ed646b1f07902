"""Packages made elsewhere, in a browser: they reach nothing of the site, and lose nothing."""

import pytest
from playwright.sync_api import expect

from elearning.learning import learning
from elearning.models import Attempt, ItemState
from tests.browser import packages
from tests.browser.conftest import PATIENCE, session_of
from tests.factories import PostFactory
from tests.servers import wait_until


@pytest.fixture
def content_host(served_site):
    """Serve packages beside the site."""
    with served_site.content_host():
        yield served_site


@pytest.fixture
def learner(own_database):
    return PostFactory().person


@pytest.fixture
def unwatched(chromium, served_site):
    """Open a browser as somebody, of which nobody complains: something goes wrong on purpose."""
    contexts = []

    def open_page(person):
        context = chromium.new_context(base_url=served_site.address, locale="en-GB")
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([session_of(person, served_site.address)])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def begin(version, learner):
    learning.begin(version.module, by=learner)


def inside(page):
    """Look into the package, which is in a frame of the runner's, which is in one of the page's."""
    return page.frame_locator(".player__frame").frame_locator("#package")


def play(page, code="package"):
    page.goto(f"/learn/{code}/play/1/")
    return inside(page)


def state():
    return Attempt.objects.get().state


def reported(element):
    return ItemState.objects.get().reported.get(element)


def test_somebody_goes_on_where_they_were_after_the_tab_was_closed(content_host, visit, learner):
    begin(packages.issue_package(packages.PAGES), learner)
    page = visit(learner, width=390)
    package = play(page)
    expect(package.locator("#page")).to_have_text("Page 1")
    for _ in range(3):
        package.locator("#next").click()
    expect(page.locator("#saved")).to_have_text("Saved.")
    page.close()
    again = visit(learner)
    expect(play(again).locator("#page")).to_have_text("Page 4")
    inside(again).locator("#pass").click()
    expect(again.get_by_role("link", name="See your result")).to_be_visible()
    assert state() == "passed"


@pytest.mark.parametrize("leaving", ["close the tab", "follow a link", "remove the frame"])
def test_what_is_saved_only_on_leaving_arrives(content_host, unwatched, learner, leaving):
    begin(packages.issue_package(packages.ON_LEAVING), learner)
    page = unwatched(learner)
    expect(play(page).locator("h1")).to_have_text("Late")
    if leaving == "close the tab":
        page.close(run_before_unload=True)
    elif leaving == "follow a link":
        page.get_by_role("link", name="Save and leave").click()
    else:
        page.evaluate("document.querySelector('.player__frame').remove()")
    wait_until(lambda: state() == "passed", seconds=30)
    assert reported("cmi.core.score.raw") == "95"


def test_a_hostile_package_gets_nothing_and_changes_nothing(content_host, unwatched, learner):
    begin(packages.issue_package(packages.HOSTILE), learner)
    page = unwatched(learner)
    did = play(page).locator("#did")
    expect(did).to_contain_text("done")
    said = did.locator("li").all_inner_texts()
    assert said[:3] == ["cannot read", "cannot look up", "cannot set a cookie"]
    assert page.url.endswith("/learn/package/play/1/")
    page.goto("/my/")
    expect(page.locator("h1")).to_be_visible()


def test_nothing_is_lost_while_the_content_host_is_down(served_site, unwatched, learner):
    begin(packages.issue_package(packages.PAGES), learner)
    page = unwatched(learner)
    with served_site.content_host():
        package = play(page)
        expect(package.locator("#page")).to_have_text("Page 1")
    package.locator("#next").click()
    package.locator("#pass").click()
    expect(page.locator("#saved")).to_contain_text("Keep this page open.")
    with served_site.content_host():
        expect(page.locator("#saved")).to_have_text("Your result is saved.")
    assert (state(), reported("cmi.core.lesson_location")) == ("passed", "2")


def test_what_changes_without_a_network_arrives_with_it(content_host, unwatched, learner):
    begin(packages.issue_package(packages.PAGES), learner)
    page = unwatched(learner)
    package = play(page)
    expect(package.locator("#page")).to_have_text("Page 1")
    page.context.set_offline(True)
    for _ in range(5):
        package.locator("#next").click()
    page.context.set_offline(False)
    wait_until(lambda: ItemState.objects.get().bookmark == "seen=6", seconds=60)
    assert reported("cmi.core.lesson_location") == "6"
    slowest = page.frames[-1].evaluate("window.slowest")
    assert slowest < 50


def test_a_second_tab_takes_over_and_the_first_says_so(content_host, unwatched, learner):
    begin(packages.issue_package(packages.PAGES), learner)
    first, second = unwatched(learner), unwatched(learner)
    expect(play(first).locator("#page")).to_have_text("Page 1")
    expect(play(second).locator("#page")).to_have_text("Page 1")
    inside(first).locator("#next").click()
    expect(first.locator("#saved")).to_contain_text("somewhere else")
    inside(second).locator("#pass").click()
    expect(second.get_by_role("link", name="See your result")).to_be_visible()
    assert (state(), reported("cmi.core.lesson_location")) == ("passed", None)
    first.get_by_role("link", name="Continue here").click()
    expect(first.get_by_text("changes nothing about your result")).to_be_visible()
