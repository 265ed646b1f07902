"""Tests that only protocol editors can manage and import indicators."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS, TRAINING_ADMINISTRATORS
from history.models import Event
from protocols.indicators.sheet import parse
from protocols.models import Indicator, Tier, Topic
from tests.factories import (
    AgeGroupFactory,
    AssessmentDomainFactory,
    IndicatorFactory,
    PersonFactory,
    TierFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db
BRING_IN = "/cms/indicator/bring-in/"
PAGES = ["/cms/indicator/", "/cms/indicator/new/", BRING_IN, "/cms/tier/",
         "/cms/assessmentdomain/", "/cms/agegroup/", "/cms/snippets/protocols/topic/",
         "/cms/snippets/protocols/topic/add/"]  # fmt: skip
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def editor(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    client.force_login(person)
    return person


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())


def bring(client, content, name="indicators.csv"):
    """Upload a spreadsheet; return the preview."""
    return client.post(BRING_IN, {"file": SimpleUploadedFile(name, content)})


def confirm(client, preview):
    page = BeautifulSoup(preview.content, "html.parser")
    rows = page.select_one("input[name=rows]")["value"]
    return client.post(BRING_IN, {"rows": rows}, follow=True)


@pytest.mark.parametrize("page", PAGES)
def test_editors_have_these_pages(client, editor, page):
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("group", [TRAINING_ADMINISTRATORS, BOARD_MEMBERS])
def test_others_of_the_board_do_not(client, settings, group):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[group]))
    assert {client.get(page).status_code for page in PAGES} == {302}
    answer = bring(client, b"Tier,Domain,Indicator\n1,2,3\n")
    assert answer.status_code == 302 and answer["Location"] == "/cms/"
    assert "Thresholds" not in words(client.get("/cms/"))


def test_editors_keep_the_topics_and_take_none_away(client, editor):
    wide = TopicFactory()
    said = {"name": "Concealed pregnancy", "slug": "concealed", "parent": wide.pk}
    assert client.post("/cms/snippets/protocols/topic/add/", said).status_code == 302
    made = Topic.objects.get(parent=wide)
    assert made.name == "Concealed pregnancy"
    client.post(f"/cms/snippets/protocols/topic/delete/{made.pk}/")
    assert Topic.objects.filter(pk=made.pk).exists()


def test_an_indicator_is_added_and_changed_and_history_says_what_it_was(client, editor):
    tier, domain, topic = TierFactory(), AssessmentDomainFactory(), TopicFactory()
    said = {"tier": tier.pk, "domain": domain.pk, "age_group": "", "text": HOSTILE,
            "topics": [topic.pk], "starts_on": "2026-04-01", "ends_on": ""}  # fmt: skip
    assert client.post("/cms/indicator/new/", said).status_code == 302
    one = Indicator.objects.get()
    change = said | {"text": "Is well", "ends_on": "2027-03-31"}
    assert client.post(f"/cms/indicator/edit/{one.pk}/", change).status_code == 302
    one.refresh_from_db()
    assert (one.text, one.ends_on, one.topics.get()) == ("Is well", dt.date(2027, 3, 31), topic)
    added, changed = Event.objects.filter(thing_type="protocols.indicator").order_by("pk")
    assert (added.action, added.by_person, added.now["text"]) == (
        "indicator.added", editor.pk, HOSTILE,
    )  # fmt: skip
    assert (changed.action, changed.was["text"], changed.now["ends_on"]) == (
        "indicator.changed", HOSTILE, "2027-03-31",
    )  # fmt: skip
    assert client.post(f"/cms/indicator/edit/{one.pk}/", change).status_code == 302
    assert Event.objects.filter(thing_type="protocols.indicator").count() == 2


def test_what_cannot_be_is_said_beside_the_form(client, editor):
    there = IndicatorFactory(text="Same")
    said = {"tier": there.tier_id, "domain": there.domain_id, "age_group": "", "text": "Same",
            "starts_on": "2026-04-01", "ends_on": ""}  # fmt: skip
    assert "This indicator is there already" in words(client.post("/cms/indicator/new/", said))
    said |= {"text": "Other", "ends_on": "2026-04-01"}
    assert "must come after" in words(client.post("/cms/indicator/new/", said))
    said |= {"text": "Of 943 476 5919", "ends_on": ""}
    assert "This has an NHS number in it" in words(client.post("/cms/indicator/new/", said))
    assert Indicator.objects.count() == 1


@pytest.mark.parametrize("kind", ["tier", "assessmentdomain", "agegroup"])
def test_tiers_domains_and_age_groups_are_kept_and_never_deleted(client, editor, kind):
    said = {"name": "Level 5", "slug": "level-5", "position": 5, "meaning": "x", "response": "y"}
    assert client.post(f"/cms/{kind}/new/", said).status_code == 302
    [event] = Event.objects.filter(action=f"{kind}.added")
    assert (event.by_person, event.now["name"]) == (editor.pk, "Level 5")
    said["name"] = "Level 6"
    assert client.post(f"/cms/{kind}/edit/{event.thing_id}/", said).status_code == 302
    [event] = Event.objects.filter(action=f"{kind}.changed")
    assert (event.was["name"], event.now["name"]) == ("Level 5", "Level 6")
    assert client.post(f"/cms/{kind}/delete/{event.thing_id}/").status_code == 302
    assert "Level 6" in words(client.get(f"/cms/{kind}/"))


def test_nothing_is_written_until_it_is_confirmed(client, editor):
    TierFactory(name="Tier 1: universal")
    AssessmentDomainFactory(name="Family")
    content = f"Tier,Domain,Indicator\n1,Family,{HOSTILE}\n9,Family,{HOSTILE}\n".encode()
    preview = bring(client, content)
    assert not Indicator.objects.exists()
    assert "Line 3. There is no tier called ‘9’." in words(preview)
    assert HOSTILE in words(preview) and HOSTILE.encode() not in preview.content
    assert "1 added, 0 changed." in words(confirm(client, preview))
    assert Indicator.objects.get().text == HOSTILE
    assert HOSTILE.encode() not in client.get("/cms/indicator/").content
    again = confirm(client, preview)  # pressed twice
    assert "0 added, 0 changed, 1 there already." in words(again)
    assert Indicator.objects.count() == 1


def test_rows_are_taken_from_the_one_who_was_shown_them_and_unaltered(client, editor):
    TierFactory(name="Tier 1: universal")
    AssessmentDomainFactory(name="Family")
    preview = bring(client, b"Tier,Domain,Indicator\n1,Family,Is well\n")
    sent = BeautifulSoup(preview.content, "html.parser").select_one("input[name=rows]")["value"]
    client.force_login(PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS]))
    for rows in (sent, sent[:-3] + "abc", ""):
        answer = client.post(BRING_IN, {"rows": rows}, follow=True)
        assert "Choose the file again" in words(answer)
    assert not Indicator.objects.exists()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"a,b\n1,2\n", b"PK\x03\x04", b"\0" * 50])
def test_a_wrong_file_gets_a_sentence(client, editor, content):
    answer = bring(client, content)
    page = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 200 and page.select_one(".error-message")
    assert not page.select("input[name=rows]")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_can_be_changed_and_brought_back(client, editor, kind):
    age_group, topics = AgeGroupFactory(name="Under 5"), [TopicFactory(), TopicFactory()]
    IndicatorFactory(
        text="Is well", age_group=age_group, topics=topics, ends_on=dt.date(2030, 1, 1)
    )
    IndicatorFactory(text="=1+1 is a formula")
    answer = client.get(f"/cms/indicator/?export={kind}")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"'=1+1" in content or kind == "xlsx"
    assert [row.text for row in parse(content).rows] == ["=1+1 is a formula", "Is well"]
    preview = words(bring(client, content, f"indicators.{kind}"))
    assert "2 there already" in preview and "There is nothing to bring in." in preview


def test_a_list_of_many_asks_no_more_of_the_database(client, editor, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get("/cms/indicator/")
        return len(asked)

    IndicatorFactory(age_group=AgeGroupFactory())
    queries()
    with_one = queries()
    for _ in range(2):
        IndicatorFactory(tier=TierFactory(), domain=AssessmentDomainFactory())
    assert queries() == with_one
    assert Tier.objects.count() == 3
