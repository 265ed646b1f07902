"""Test that a concern can be put into words, none of which leave the browser."""

import re

from playwright.sync_api import expect

from tests.factories import AgeGroupFactory, AssessmentDomainFactory, IndicatorFactory, TierFactory

KEPT = """async () => JSON.stringify({
  local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
  caches: await caches.keys(), databases: await indexedDB.databases(), history: history.state,
})"""


def indicators():
    early = TierFactory(name="Tier 2: early help", position=2)
    family = AssessmentDomainFactory(name="Family", slug="family", position=2)
    IndicatorFactory(text="Is well", domain__name="Development")
    IndicatorFactory(text="Is often hungry", tier=early, domain__name="Development")
    IndicatorFactory(
        text="Cot is unsafe", tier=early, domain=family, age_group=AgeGroupFactory(name="Under 5")
    )
    IndicatorFactory(
        text="Stays out late", tier=early, domain=family, age_group=AgeGroupFactory(name="Teens")
    )


def press(page, key, times=1):
    for _ in range(times):
        page.keyboard.press(key)


def test_it_is_described_with_the_keys_and_nothing_leaves_the_browser(visit):
    indicators()
    page = visit(width=1280)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/protocols/thresholds/describe/")
    page.wait_for_load_state("networkidle")
    address, kept = page.url, page.evaluate(KEPT)
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.context.on("page", lambda other: asked.append(other.url))
    wording, status = page.locator("#describe-wording"), page.locator("#describe-status")

    # Keyboard only: open a tier, tick an indicator, write words.
    page.locator("#describe-word").focus()
    page.keyboard.type("hungry")
    expect(page.get_by_text("Cot is unsafe")).to_be_hidden()
    press(page, "Tab", 3)
    expect(page.get_by_role("checkbox", name="Is often hungry")).to_be_focused()
    press(page, " ")
    expect(status).to_have_text("1 indicator ticked.")
    press(page, "Tab")
    page.keyboard.type("Said so twice in May.")
    page.locator("#describe-word").fill("")
    page.locator("#describe-age").select_option("Under 5")
    page.locator("summary", has_text="Tier 2").last.press("Enter")
    expect(page.get_by_text("Stays out late")).to_be_hidden()
    page.get_by_role("checkbox", name="Cot is unsafe").press(" ")
    expect(status).to_have_text("2 indicators ticked.")
    expect(wording).to_have_value(wording_of(page))
    page.get_by_role("button", name="Copy the wording").press("Enter")
    expect(status).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == wording.input_value()

    page.get_by_role("button", name="Clear everything").press("Enter")
    expect(wording).to_have_value("")
    expect(page.locator("input:checked")).to_have_count(0)
    expect(page.locator("#describe-word")).to_be_focused()
    page.get_by_label("In your own words").first.fill("Something else")
    assert (asked, page.url, page.evaluate(KEPT)) == ([], address, kept)
    # The control: one request would have been seen.
    with page.expect_request("**/healthz"):
        page.evaluate("new Image().src = '/healthz'")
    assert asked == [page.url.split("/protocols/")[0] + "/healthz"]

    # After leaving the page, going back shows empty fields.
    page.goto("/protocols/thresholds/")
    page.go_back()
    expect(page.locator("#describe-wording")).to_have_value("")
    expect(page.get_by_label("In your own words").first).to_have_value("")


def wording_of(page):
    day = page.locator("[data-describe]").get_attribute("data-day")
    board = page.locator("[data-describe]").get_attribute("data-board")
    return (
        f"Concern described with the indicators of need of {board}, as in force on {day}.\n\n"
        "DEVELOPMENT\nTier 2: early help:\n- Is often hungry\nSaid so twice in May.\n\n"
        "FAMILY\nTier 2: early help:\n- Cot is unsafe\n\n"
        "This describes what was seen and heard. It does not decide a tier."
    )


def test_the_table_stays_one_at_320_pixels_and_at_400_per_cent(visit):
    indicators()
    page = visit(width=320, height=640)  # 1280 at 400 per cent is 320 wide too
    for address in ("/protocols/thresholds/", "/protocols/thresholds/describe/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto("/protocols/thresholds/")
    tree = page.locator("table").aria_snapshot()
    assert 'rowheader "Development"' in tree and 'columnheader "Tier 2: early help"' in tree
    assert len(re.findall(r"- '?row\b", tree)) == 3


def test_without_script_it_says_how_to_do_it_by_hand(visit):
    indicators()
    page = visit(javascript=False)
    page.goto("/protocols/thresholds/describe/")
    by_hand = page.locator("noscript")
    expect(by_hand.locator("p")).to_contain_text("needs JavaScript, which is off")
    expect(by_hand.locator("ol")).to_be_visible()
    expect(page.locator("#describe-wording")).to_be_hidden()
    by_hand.locator("a").click()
    page.get_by_label("Word").fill("cot")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 indicator in force")).to_be_visible()
    expect(page.get_by_text("Cot is unsafe")).to_be_visible()
