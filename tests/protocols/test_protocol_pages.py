"""Tests that people can find protocols and read the edition in force."""

import datetime as dt
from collections import Counter

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from protocols.editions import editions, pdfs
from protocols.models import ProtocolIndexPage, ProtocolPage
from tests.factories import APPROVED, AgencyFactory, ProtocolPageFactory, TopicFactory, body_of

pytestmark = pytest.mark.django_db

FLOW = (
    "process",
    {
        "heading": "Stepping up and stepping down",
        "introduction": "",
        "steps": [
            {
                "title": "Talk with the family",
                "who": "Whoever is concerned",
                "when": "Today",
                "text": "<p>Ask.</p>",
                "branches": [
                    {"condition": "They agree", "way": "on", "text": "Good.", "goes_to": 2},
                    {"condition": "Harm is likely", "way": "up", "text": "Act.", "goes_to": 2},
                ],
            },
            {"title": "Contact the hub", "who": "", "when": "", "text": "", "branches": []},
        ],
    },
)


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def titles_listed(client, query=""):
    page = read(client, f"/protocols/{query}")
    return [words(title) for title in page.select(".card__title")]


@time_machine.travel(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC))
def test_a_protocol_says_who_owns_it_which_version_it_is_and_when_it_is_reviewed(client):
    ProtocolPageFactory(
        title="Early Help Protocol",
        slug="early-help",
        reference="EHP",
        numbered_from=4,
        next_review_on=dt.date(2028, 4, 1),
        owners=[AgencyFactory(name="The Board"), AgencyFactory(name="Children’s Trust")],
        topics=[TopicFactory(name="Early help", slug="early-help")],
    )
    page = read(client, "/protocols/early-help/")
    facts = {words(item.dt): words(item.dd) for item in page.select(".facts__item")}
    assert facts == {
        "Version": "4",
        "Reference": "EHP",
        "Approved on": "20 March 2026",
        "In force from": "1 April 2026",
        "Next review": "1 April 2028",
        "Owned jointly by": "The Board Children’s Trust",
        "Approved by": "Case Review Committee chair",
        "Why it changed": "Guidance: Working Together",
        "Topics": "Early help",
    }
    printed = words(page.select_one(".correct-when-printed"))
    assert printed == (
        "Early Help Protocol, Version 4, approved on 20 March 2026, in force from 1 April 2026."
        " Printed copies are correct when printed: 1 June 2026. See which version is in force at"
        " http://127.0.0.1:8000/protocols/early-help/"
    )


def test_what_was_never_in_force_is_not_shown_and_a_version_always(client):
    ProtocolPageFactory(title="Never", slug="never", edition=None)
    ProtocolPageFactory(title="Taken off", slug="taken-off")
    ProtocolPage.objects.filter(slug="taken-off").update(live=False)  # Before it was refused.
    assert client.get("/protocols/never/").status_code == 404
    assert client.get("/protocols/never/editions/1/").status_code == 404
    pdfs.make()
    for part in ("", "pdf/", "record/"):
        assert client.get(f"/protocols/taken-off/editions/1/{part}").status_code == 200
    assert client.get("/protocols/taken-off/editions/2/").status_code == 404
    assert client.get("/protocols/taken-off/").status_code == 404
    assert titles_listed(client) == []


def test_contents_lead_to_each_part_once(client):
    ProtocolPageFactory(
        slug="doubles",
        body=body_of(
            ("section", {"heading": "Contacts", "text": "<p>First.</p>"}),
            ("section", {"heading": "Contacts", "text": "<p>Second.</p>"}),
            ("section", {"heading": "24 weeks", "text": "<p>Third.</p>"}),
            ("section", {"heading": "Navigation", "text": "<p>Fourth.</p>"}),
            FLOW,
        ),
    )
    page = read(client, "/protocols/doubles/")
    leads_to = [link["href"] for link in page.select(".contents a")]
    assert leads_to == [
        "#contacts",
        "#contacts-2",
        "#part-24-weeks",
        "#navigation-2",
        "#stepping-up-and-stepping-down",
    ]
    ids = Counter(element["id"] for element in page.select("[id]"))
    assert [id for id, count in ids.items() if count > 1] == []
    assert {link[1:] for link in leads_to} <= set(ids)


def test_a_link_still_works_when_the_heading_changes(client):
    protocol = ProtocolPageFactory(
        slug="lasting", body=body_of(("section", {"heading": "Consent", "text": "<p>Ask.</p>"}))
    )
    protocol.body[0].value["heading"] = "Agreement and consent"
    protocol.reason, protocol.in_force_from = "A clearer heading.", dt.date(2026, 4, 2)
    editions.issue_edition(protocol, by="TEST", approved_by=APPROVED)
    page = read(client, "/protocols/lasting/")
    assert [(link["href"], words(link)) for link in page.select(".contents a")] == [
        ("#consent", "Agreement and consent")
    ]


def test_a_flow_reads_as_a_list_of_steps_each_with_its_branches(client):
    ProtocolPageFactory(slug="flow", body=body_of(FLOW))
    page = read(client, "/protocols/flow/")
    steps = page.select("ol.flow > li")
    assert [words(step.h3) for step in steps] == [
        "Step 1 : Talk with the family",
        "Step 2 : Contact the hub",
    ]
    branches = {words(branch.dt): words(branch.dd) for branch in steps[0].select("dl > div")}
    assert branches == {
        "They agree": "Carry on Good. Go to step 2",
        "Harm is likely": "Step up Act. Go to step 2",
    }
    targets = {link["href"] for link in steps[0].select("dd a")}
    assert targets == {f"#{steps[1]['id']}"}


def test_hostile_text_is_harmless_however_it_came(client):
    hostile = (
        '<p onclick="alert(1)">Hello<script>alert(2)</script></p><img src="x" onerror="alert(3)">'
        '<a href="javascript:alert(4)">here</a><iframe src="https://example.org"></iframe>'
        '<p style="color:red">red</p><b>bold</b>'
    )
    ProtocolPageFactory(
        slug="hostile",
        body=body_of(
            ("section", {"heading": "<script>alert(5)</script>", "text": hostile}),
            ("warning", {"text": "<script>alert(6)</script>"}),
            ("key_points", {"heading": "<b>", "points": ["<img src=x onerror=alert(7)>"]}),
        ),
    )
    page = read(client, "/protocols/hostile/").select_one(".protocol__body")
    prose = page.select_one(".prose")
    assert str(prose) == (
        '<div class="prose"><p>Helloalert(2)</p><a>here</a><p>red</p><b>bold</b></div>'
    )
    assert page.select("script, img, iframe, [style], [onclick]") == []
    assert words(page.h2) == "<script>alert(5)</script>"


def test_the_list_can_be_searched_by_words_in_the_text(client):
    ProtocolPageFactory(
        title="Unborn Baby Protocol",
        body=body_of(("section", {"heading": "Concealment", "text": "<p>Late booking.</p>"})),
    )
    ProtocolPageFactory(title="Supervision standard")
    call_command("update_search", verbosity=0)
    assert titles_listed(client, "?q=booking") == ["Unborn Baby Protocol"]
    assert titles_listed(client, "?q=supervision") == ["Supervision standard"]
    assert titles_listed(client, "?q=bookings") == ["Unborn Baby Protocol"]
    assert titles_listed(client, "?q=conceal+unbo") == ["Unborn Baby Protocol"]
    assert titles_listed(client, "?q=zebra") == titles_listed(client, "?q=%21") == []
    assert titles_listed(client, "?q=supervision%00&topic=%00") == ["Supervision standard"]


def test_a_topic_finds_what_is_about_it_and_about_its_narrower_topics(client):
    wide = TopicFactory(name="Unborn babies", slug="unborn-babies")
    narrow = TopicFactory(name="Concealed pregnancy", slug="concealed-pregnancy", parent=wide)
    ProtocolPageFactory(title="A", topics=[wide, narrow])
    ProtocolPageFactory(title="B", topics=[narrow])
    ProtocolPageFactory(title="C")
    assert titles_listed(client, "?topic=unborn-babies") == ["A", "B"]
    assert titles_listed(client, "?topic=concealed-pregnancy") == ["A", "B"]


def test_an_unknown_topic_is_said_to_be_unknown(client):
    ProtocolPageFactory(title="A")
    page = read(client, "/protocols/?topic=<b>zebras")
    assert "We have no topic called ‘<b>zebras’" in words(page.main)
    assert titles_listed(client, "?topic=zebras") == ["A"]


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_longer_list_asks_no_more_of_the_database(client):
    def one_more():
        ProtocolPageFactory(
            owners=[AgencyFactory(), AgencyFactory()], topics=[TopicFactory(), TopicFactory()]
        )

    one_more()
    with_one = queries_of(client, "/protocols/")
    one_more()
    one_more()
    assert queries_of(client, "/protocols/") == with_one <= 12


def test_a_review_cannot_come_before_the_protocol_is_in_force():
    with pytest.raises(ValidationError) as refused:
        ProtocolPageFactory(next_review_on=dt.date(2026, 4, 1))
    assert refused.value.message_dict == {
        "next_review_on": ["The next review must come after the day it is in force from."]
    }
    assert not ProtocolPage.objects.exists()


def test_topics_are_two_deep_and_no_deeper():
    narrow = TopicFactory(parent=TopicFactory())
    with pytest.raises(ValidationError, match="not part of another"):
        TopicFactory.build(parent=narrow).full_clean()
    with pytest.raises(ValidationError, match="narrower topics"):
        narrow.parent.parent = TopicFactory()
        narrow.parent.full_clean()


def test_a_protocol_that_would_shadow_an_address_is_refused():
    with pytest.raises(ValidationError, match="another part of this site"):
        ProtocolPageFactory(slug="amendments")


def test_there_is_one_index_below_home():
    assert ProtocolIndexPage.objects.get().url == "/protocols/"
    assert not ProtocolIndexPage.can_create_at(Page.objects.get(depth=2))
