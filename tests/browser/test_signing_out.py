"""Test that Back after signing out shows nothing, and that a page warns before it signs out."""

import datetime as dt
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FLAGS, session_of
from tests.factories import PostFactory

# The headless shell, in which the other tests run, has no back/forward cache.
WHOLE_BROWSERS = ["chromium", "chromium-browser", "google-chrome"]


@pytest.fixture
def remembering(chromium, served_site):
    """Start a Chromium with its back/forward cache, which Playwright switches off."""
    path = next(filter(None, map(shutil.which, WHOLE_BROWSERS)))
    browser = chromium.browser_type.launch(
        executable_path=path,
        headless=True,
        args=FLAGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


def lead_with_staff():
    lead = PostFactory(is_lead=True)
    PostFactory(agency=lead.agency, person__name="Secret Colleague")
    return lead.person


@pytest.mark.parametrize("address", ["/agency/", "/my/jobs/", "/courses/"])
def test_back_after_signing_out_shows_nothing_of_the_account(remembering, served_site, address):
    lead = lead_with_staff()
    context = remembering.new_context(base_url=served_site.address)
    context.add_cookies([session_of(lead, served_site.address)])
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True).first).to_be_visible()
    page.go_back(wait_until="commit")
    expect(page.get_by_role("link", name="Sign in", exact=True).first).to_be_visible()
    expect(page.get_by_text("Secret Colleague")).to_have_count(0)
    expect(page.get_by_text(lead.name)).to_have_count(0)


def test_this_chromium_does_keep_pages_in_memory(remembering, served_site):
    page = remembering.new_context(base_url=served_site.address).new_page()
    page.goto("/certificates/verify/")
    page.evaluate("window.isKept = true")
    page.goto("/search/")
    page.go_back(wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check a certificate")
    assert page.evaluate("window.isKept === true")


def test_a_page_warns_before_signing_out_and_somebody_can_stay(visit):
    page = visit(PostFactory(is_lead=True).person)
    page.clock.install()
    page.goto("/agency/")
    expect(page.get_by_text("haven’t used the site for 2 hours")).to_be_visible()
    page.route(
        "**/my/sessions/left/",
        lambda route: route.abort() if route.request.method == "GET" else route.continue_(),
    )
    page.clock.fast_forward(dt.timedelta(minutes=117) // dt.timedelta(milliseconds=1))
    expect(page.get_by_role("alert")).to_have_count(0)
    page.clock.fast_forward(75_000)
    expect(page.get_by_role("alert")).to_contain_text("You’ll be signed out in 2 minutes")
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.clock.fast_forward(dt.timedelta(minutes=121) // dt.timedelta(milliseconds=1))
    expect(page.get_by_role("alert")).to_contain_text("You’ve been signed out")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
