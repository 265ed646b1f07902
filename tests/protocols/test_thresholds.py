"""Tests of the public pages of indicators: reading, filtering and permanent links."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from protocols.models import Indicator
from tests.factories import (
    AgeGroupFactory,
    AssessmentDomainFactory,
    IndicatorFactory,
    ProtocolPageFactory,
    TierFactory,
    TopicFactory,
    body_of,
)

pytestmark = pytest.mark.django_db
TODAY = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(autouse=True)
def on_the_first_of_june():
    with time_machine.travel(TODAY, tick=False):
        yield


def read(client, address="/protocols/thresholds/"):
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def shown(client, query=""):
    """List the table's cells: (domain, tier, indicators)."""
    page = read(client, f"/protocols/thresholds/{query}")
    tiers = [words(head) for head in page.select("thead th")[1:]]
    return [
        (words(row.th), tier, [words(one) for one in cell.select("li")])
        for row in page.select("tbody tr")
        for tier, cell in zip(tiers, row.select("td"), strict=True)
        if cell.select("li")
    ]


def texts(client, query=""):
    return [one.split(" Indicator ")[0] for _, _, found in shown(client, query) for one in found]


def test_each_indicator_stands_in_the_cell_of_its_domain_and_tier(client):
    high = TierFactory(name="Tier 2: more", position=2)
    family = AssessmentDomainFactory(name="Family", position=0)
    one = IndicatorFactory(text="Is well")
    two = IndicatorFactory(text="Is often hungry", tier=high)
    three = IndicatorFactory(
        text="Home is damp", tier=high, domain=family, age_group=AgeGroupFactory(name="Under 5")
    )
    assert shown(client) == [
        ("Family", "Tier 2: more", [f"Home is damp Age: Under 5 Indicator {three.pk}"]),
        ("Development", "Tier 1: universal", [f"Is well Indicator {one.pk}"]),
        ("Development", "Tier 2: more", [f"Is often hungry Indicator {two.pk}"]),
    ]


def test_the_table_is_one_to_a_screen_reader(client):
    IndicatorFactory()
    table = read(client).table
    assert words(table.caption) == "Indicators of need, by domain and tier"
    assert {head["scope"] for head in table.select("thead th")} == {"col"}
    assert [head["scope"] for head in table.select("tbody th")] == ["row"]


def test_it_is_narrowed_by_domain_age_and_words(client):
    under_5 = AgeGroupFactory(name="Under 5", slug="under-5")
    teens = AgeGroupFactory(name="12 to 17", slug="teens")
    family = AssessmentDomainFactory(name="Family", slug="family", position=9)
    IndicatorFactory(text="Always")
    IndicatorFactory(text="Cot is unsafe", age_group=under_5, domain=family)
    IndicatorFactory(text="Stays out late", age_group=teens)
    assert texts(client, "?domain=family") == ["Cot is unsafe Age: Under 5"]
    assert texts(client, "?age=under-5") == ["Always", "Cot is unsafe Age: Under 5"]
    assert texts(client, "?q=OUT+stays") == ["Stays out late Age: 12 to 17"]
    assert texts(client, "?q=late&domain=family") == []
    assert len(texts(client, "?domain=nowhere&age=never&q=%00&page=x")) == 3
    assert "Nothing found" in words(read(client, "/protocols/thresholds/?q=zebra").main)


def test_what_was_looked_for_in_the_table_stays_out_of_the_box_for_the_site(client):
    page = read(client, "/protocols/thresholds/?q=xyzzy")
    assert page.find(id="indicator-words")["value"] == "xyzzy"
    assert page.find(id="site-words")["value"] == ""
    assert page.select_one(".empty-state").find("a") is None


def test_what_has_ended_or_is_to_come_is_not_in_the_table_and_keeps_its_link(client):
    ended = IndicatorFactory(
        text="Ended", starts_on=dt.date(2024, 4, 1), ends_on=dt.date(2026, 5, 31)
    )
    to_come = IndicatorFactory(text="To come", starts_on=dt.date(2026, 6, 2))
    last_day = IndicatorFactory(text="Last day", ends_on=dt.date(2026, 6, 1))
    assert texts(client) == ["Last day"]
    page = words(read(client, ended.get_absolute_url()).main)
    assert "no longer in force" in page
    assert "From 1 April 2024 until 31 May 2026" in page
    assert "not in force yet" in words(read(client, to_come.get_absolute_url()).main)
    page = read(client, f"/protocols/thresholds/{last_day.pk}/")
    assert page.select(f"main a[href$='#indicator-{last_day.pk}']")
    assert "in force yet" not in words(page.main) and "no longer" not in words(page.main)
    assert client.get("/protocols/thresholds/999/").status_code == 404
    assert client.get(f"/protocols/thresholds/{'9' * 30}/").status_code == 404


def test_an_indicator_says_what_it_is_about(client):
    topic = TopicFactory(name="Neglect", slug="neglect")
    one = IndicatorFactory(text="Is often hungry", topics=[topic])
    page = read(client, one.get_absolute_url())
    assert words(page.h1) == f"Indicator {one.pk} Is often hungry"
    assert page.select_one("a[href='/protocols/?topic=neglect']")


def test_hostile_text_is_harmless_wherever_it_is_shown(client):
    domain = AssessmentDomainFactory(name=f"{HOSTILE[:40]}", slug="d")
    one = IndicatorFactory(text=HOSTILE, domain=domain)
    ProtocolPageFactory(slug="shows", body=body_of(block()))
    for address in (
        "/protocols/thresholds/",
        "/protocols/thresholds/describe/",
        one.get_absolute_url(),
        "/protocols/shows/",
    ):
        page = read(client, address)
        assert page.select("main script, main img, main [onerror]") == []
        assert HOSTILE in words(page.main)


def test_more_than_a_page_holds_is_on_the_next(client, monkeypatch):
    monkeypatch.setattr("protocols.indicators.views.ON_A_PAGE", 2)
    for text in ("One", "Two", "Three"):
        IndicatorFactory(text=text)
    assert texts(client) == ["One", "Two"]
    assert texts(client, "?page=2") == ["Three"]
    assert read(client).select_one("nav.govuk-pagination a[rel=next]")


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("address", ["/protocols/thresholds/", "/protocols/thresholds/describe/"])
def test_more_indicators_ask_no_more_of_the_database(client, address):
    IndicatorFactory(age_group=AgeGroupFactory())
    with_one = queries_of(client, address)
    for _ in range(2):
        IndicatorFactory(
            tier=TierFactory(), domain=AssessmentDomainFactory(), age_group=AgeGroupFactory()
        )
    assert queries_of(client, address) == with_one <= 15


def block(**more):
    value = {"heading": "What to look for", "introduction": "", "domains": [], "tiers": []}
    return ("indicators", value | {"age_group": ""} | more)


def test_a_protocol_shows_a_part_of_the_table(client):
    second = TierFactory(name="Tier 2: more", slug="second", position=2)
    family = AssessmentDomainFactory(name="Family", slug="family", position=9)
    under_5 = AgeGroupFactory(name="Under 5", slug="under-5")
    IndicatorFactory(text="Elsewhere")
    IndicatorFactory(text="Other tier", domain=family)
    IndicatorFactory(text="Shown", domain=family, tier=second, age_group=under_5)
    IndicatorFactory(text="Older", domain=family, tier=second, age_group=AgeGroupFactory())
    part = block(domains=["family"], tiers=["second"], age_group="under-5")
    ProtocolPageFactory(slug="shows", body=body_of(part))
    table = read(client, "/protocols/shows/").select_one("table.indicators__table")
    assert words(table.caption) == "What to look for"
    assert [words(head) for head in table.select("thead th")] == ["Domain", "Tier 2: more"]
    assert [words(one).split(" Age:")[0] for one in table.select("li")] == ["Shown"]


def test_until_comes_after_from():
    with pytest.raises(ValidationError, match="must come after"):
        IndicatorFactory.build(
            tier=TierFactory(),
            domain=AssessmentDomainFactory(),
            ends_on=dt.date(2025, 4, 1),
        ).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        IndicatorFactory(ends_on=dt.date(2025, 4, 1))


@pytest.mark.parametrize("has_age", [True, False])
def test_the_same_stands_once_in_its_place_unless_it_has_ended(has_age):
    age_group = AgeGroupFactory() if has_age else None
    first = IndicatorFactory(text="Same", age_group=age_group)
    with pytest.raises(IntegrityError), transaction.atomic():
        IndicatorFactory(text="Same", age_group=age_group)
    IndicatorFactory(text="Same", age_group=AgeGroupFactory())
    Indicator.objects.filter(pk=first.pk).update(ends_on=dt.date(2026, 3, 31))
    IndicatorFactory(text="Same", age_group=age_group, starts_on=dt.date(2026, 4, 1))


def test_the_page_that_describes_sends_nothing_by_its_own_policy(client):
    IndicatorFactory()
    response = client.get("/protocols/thresholds/describe/")
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["connect-src"] == "'none'"
    assert "no-store" in response["Cache-Control"]
    page = BeautifulSoup(response.content, "html.parser")
    tool = page.select_one("[data-describe]")
    assert tool.has_attr("hidden") and not tool.select("form, [name]")
    # Browsers autofill text and choices; the attribute has no meaning for a checkbox.
    controls = tool.select("input:not([type=checkbox]), textarea, select")
    assert {control["autocomplete"] for control in controls} == {"off"}
    assert {text["spellcheck"] for text in tool.select("textarea")} == {"false"}
    assert "never decides a tier" in words(page.main)
    assert "needs JavaScript" in words(page.noscript)


def test_the_page_that_describes_stays_light_however_many_there_are(client):
    """Limit the cost of each indicator: 5,000 are sent at once, in 120 kB at most."""
    one = IndicatorFactory(age_group=AgeGroupFactory())

    def size():
        return len(client.get("/protocols/thresholds/describe/").content)

    with_one = size()
    text = "Is often hungry, and says so"
    more = {"tier": one.tier, "domain": one.domain, "age_group": one.age_group}
    made = [Indicator(text=f"{text} {n:03}", starts_on=one.starts_on, **more) for n in range(100)]
    Indicator.objects.bulk_create(made)
    assert size() - with_one <= 100 * (len(f"{text} 001") + len("\t<li></li>\n"))


def test_no_protocol_may_take_the_address():
    with pytest.raises(ValidationError, match="another part of this site"):
        ProtocolPageFactory(slug="thresholds")
