"""Test the accessibility of protocol pages: keyboard, 400 per cent zoom, no style sheet.

1280 pixels at 400 per cent leave 320 by 256 for the page. axe examines each page as well.
"""

import pytest
from playwright.sync_api import expect

from agencies.access import PROTOCOL_EDITORS
from agencies.models import Board
from lms import links
from protocols.models import Subscription
from protocols.readers import alerts
from tests.browser.reaching import errors_in, faults_of
from tests.factories import (
    AgeGroupFactory,
    AgencyFactory,
    ApprovalFactory,
    DisseminationFactory,
    IndicatorFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    TierFactory,
    TopicFactory,
    body_of,
    in_days,
)

LONG = "Portsea and District Joint Commissioning Board for Children’s Community Healthcare"
WITHOUT_STYLES = """() => {
  for (const one of document.querySelectorAll("link[rel=stylesheet], style")) one.remove();
}"""


def branch(condition, way, text, goes_to=None):
    return {"condition": condition, "way": way, "text": text, "goes_to": goes_to}


def step(title, *branches):
    who = {"who": "Whoever is concerned", "when": "Today"}
    return {"title": title, "text": "<p>Say so.</p>", "branches": list(branches), **who}


@pytest.fixture
def protocol(own_database):
    steps = [
        step("Notice", branch("All is well", "end", "Stop."), branch("Harm", "up", "Now.", 2)),
        step("Act"),
    ]
    flow = ("process", {"heading": "Stepping up", "introduction": "", "steps": steps})
    indicators = {
        "heading": "What to look for", "introduction": "", "domains": [], "tiers": [],
        "age_group": "", "topics": [],
    }  # fmt: skip
    early = TierFactory(name="Tier 2: early help", position=2)
    IndicatorFactory(text="Is well", domain__name="Child’s development")
    IndicatorFactory(text="Is often hungry", tier=early, age_group=AgeGroupFactory(name="Under 5"))
    body = body_of(flow, ("indicators", indicators))
    return ProtocolPageFactory(title="Early Help", slug="early-help", body=body)


@pytest.fixture
def sent(protocol):
    """Send the protocol to two agencies of a demonstration board; return the second sending."""
    board = Board.load()
    board.is_demonstration = True
    board.save()
    DisseminationFactory(edition=protocol.edition_in_force, agency=AgencyFactory(name="Surgery"))
    return DisseminationFactory(edition=protocol.edition_in_force, agency=AgencyFactory(name=LONG))


def look_at(visit, addresses, person=None):
    page = visit(person, width=320, height=256)
    for address in addresses:
        faults = faults_of(page, page.goto(address))
        assert not faults, "\n".join([address, *faults])


def test_whoever_reads(visit, protocol, sent):
    wanted = Subscription.objects.create(email="any@example.org", topic=TopicFactory())
    stop = links.create(alerts.STOPS, wanted, sent_to=wanted.email, until=in_days(9))
    look_at(
        visit,
        [
            "/protocols/",
            "/protocols/early-help/",
            "/protocols/amendments/",
            "/protocols/thresholds/?q=hungry",
            "/protocols/thresholds/?q=nothing",
            f"/protocols/thresholds/{IndicatorFactory().pk}/",
            "/protocols/thresholds/describe/",
            "/protocols/alerts/",
            f"/protocols/alerts/stop/{stop}/",
            "/search/?q=early",
            "/search/?q=nothing",
        ],
    )


def test_an_agency(visit, sent):
    lead = PostFactory(agency=sent.agency, is_lead=True).person
    draft = ApprovalFactory(agency=sent.agency)
    look_at(
        visit,
        [
            f"/my/protocols/{sent.edition_id}/",
            "/my/drafts/",
            f"/my/drafts/{draft.pk}/",
            "/agency/protocols/",
            f"/agency/protocols/{sent.pk}/",
            f"/agency/protocols/{sent.pk}/confirm/",
        ],
        lead,
    )


def test_the_board(visit, protocol, sent):
    AgencyFactory(name="Not sent to")
    look_at(
        visit,
        [
            "/cms/cascade/",
            f"/cms/cascade/{sent.edition_id}/",
            f"/cms/cascade/{sent.edition_id}/send/",
            f"/cms/protocols/{protocol.pk}/versions/",
            f"/cms/protocols/editions/{sent.edition_id}/withdraw/",
            "/cms/reports/topics-in-training/",
            "/cms/reports/behind-its-protocol/",
            "/cms/indicator/bring-in/",
        ],
        PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS]),
    )


def test_without_a_style_sheet_the_flow_the_table_and_the_screen_say_the_same(visit, sent):
    page = visit(watched=False)
    page.goto("/protocols/early-help/")
    page.evaluate(WITHOUT_STYLES)
    assert text_of(page.locator(".flow > li").first) == (
        "Step 1: Notice Who: Whoever is concerned When: Today Say so. "
        "All is well Ends here Stop. Harm Step up Now. Go to step 2"
    )
    hungry = page.locator("table li", has_text="hungry")
    assert text_of(hungry).startswith("Is often hungry Age: Under 5 Indicator ")
    page = visit(PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS]), watched=False)
    page.goto("/cms/cascade/")
    page.evaluate(WITHOUT_STYLES)
    expect(page.get_by_role("row", name="Surgery")).to_contain_text("Nobody to ask")


def text_of(locator):
    return " ".join(locator.inner_text().split())


FAULTS = {
    "too wide: <p": "[...document.querySelectorAll('main p')].find((one) => one.offsetParent)"
    ".style.width = '40rem'",
    "too wide: <h1": "document.querySelector('main').style.overflow = 'hidden';"
    "document.querySelector('h1').style.width = '40rem'",
    "does not show its focus: <button": "document.querySelectorAll('main button').forEach("
    "(one) => { one.style.outline = one.style.boxShadow = 'none' })",
    "has the focus out of sight: <input": "document.querySelector('footer').style.cssText ="
    "'position: fixed; inset: 0'",
    "the keys reach": "document.querySelector('main button').tabIndex = -1",
    "the keys do not lead out": "document.querySelector('main').addEventListener('keydown',"
    "(event) => event.preventDefault())",
}


def test_these_faults_would_be_noticed(visit):
    page = visit(width=320, height=256, watched=False)
    answer = page.goto("/protocols/alerts/")
    assert faults_of(page, answer) == []
    for heard, fault in FAULTS.items():
        page.goto("/protocols/alerts/")
        page.evaluate(f"() => {{ {fault} }}")
        assert heard in "\n".join(faults_of(page)), heard
    assert errors_in("<!doctype html><title>T</title><p class=a class=b>One</div>") != []
