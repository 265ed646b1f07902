"""Test what the search page shows for any query."""

import pytest
from bs4 import BeautifulSoup
from django.utils.html import escape

from search import indexer, terms
from tests.factories import (
    CoursePageFactory,
    IndicatorFactory,
    ProtocolPageFactory,
    StandardPageFactory,
    body_of,
)

pytestmark = pytest.mark.django_db


def saying(text):
    return body_of(("section", {"heading": "What to do", "text": f"<p>{text}</p>"}))


def read(client, **query):
    response = client.get("/search/", query)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def said(element):
    return " ".join(element.get_text(" ").split())


def test_each_result_says_what_it_is_and_shows_where_it_says_the_words(client):
    page = ProtocolPageFactory(
        title="Babies",
        summary="What to do before a birth.",
        body=saying(f"{'Other words. ' * 40} A pregnancy may be concealed. {'More words. ' * 40}"),
    )
    indicator = IndicatorFactory(text="Concealed pregnancies")
    indexer.sync()
    found = read(client, q="concealed pregnancy")
    assert said(found.select_one("[role=status]")) == "2 results for ‘concealed pregnancy’"
    first, second = found.select(".result")
    assert (first.a.text, first.a["href"]) == ("Babies", page.url)
    assert said(first.select_one(".result__facts")) == (
        "Protocol Version 1, in force from 1 April 2026"
    )
    assert [mark.text for mark in first.select("mark")] == ["pregnancy", "concealed"]
    shown = first.select_one(".result__snippet").text
    assert shown.startswith("… ") and shown.endswith(" …") and len(shown) < 260
    assert second.a["href"] == indicator.get_absolute_url()
    assert said(second.select_one(".govuk-tag")) == "Indicator of need"


def test_the_summary_is_shown_where_it_has_the_words(client):
    StandardPageFactory(
        title="Us", introduction="About hedgehogs.", body=saying("Other hedgehogs.")
    )
    indexer.sync()
    found = read(client, q="hedgehogs")
    assert str(found.select_one(".result__snippet")) == (
        '<p class="result__snippet">About <mark>hedgehogs</mark>.</p>'
    )


def test_one_kind_can_be_shown_alone(client):
    ProtocolPageFactory(title="Hedgehogs first")
    CoursePageFactory(course__title="Hedgehogs for all")
    indexer.sync()
    found = read(client, q="hedgehogs", page="9")
    kinds = {said(link): link["href"] for link in found.select(".results-kinds a")}
    assert kinds == {
        "All (2)": "?q=hedgehogs",
        "Protocols (1)": "?q=hedgehogs&kind=protocol",
        "Courses (1)": "?q=hedgehogs&kind=course",
    }
    found = read(client, q="hedgehogs", kind="course")
    assert [said(link) for link in found.select(".result__title a")] == ["Hedgehogs for all"]
    assert said(found.select_one("[aria-current=page]")) == "Courses (1)"
    assert len(read(client, q="hedgehogs", kind="page").select(".result")) == 2


def test_twenty_stand_on_a_page_and_the_next_has_the_rest(client):
    for number in range(22):
        IndicatorFactory(text=f"Hedgehog {number}")
    indexer.sync()
    first, second = read(client, q="hedgehog"), read(client, q="hedgehog", page="2")
    assert [len(page.select(".result")) for page in (first, second)] == [20, 2]
    links = [page.select(".result a")[0]["href"] for page in (first, second)]
    assert links[0] != links[1]
    assert second.select_one(".results")["start"] == "21"
    assert said(second.title).startswith("hedgehog – 22 results, page 2")
    assert len(read(client, q="hedgehog", page="<b>").select(".result")) == 20


def test_what_is_found_stays_text_whatever_it_holds(client):
    hostile = '<script>alert(1)</script><img src=x onerror="alert(2)"> hedgehog & "friends"'
    CoursePageFactory(course__title=hostile, course__summary=f"Summary: {hostile}")
    IndicatorFactory(text=hostile)
    StandardPageFactory(
        title="Page", body=body_of(("warning", {"text": hostile}), ("warning", {"text": "</p>"}))
    )
    indexer.sync()
    for words in ("hedgehog", "alert onerror", "friends"):
        found = read(client, q=words).select_one(".results")
        assert len(found.select(".result")) == 3
        assert found.select("script, img") == []
        assert [link.text for link in found.select(".result__title a")].count(hostile) == 2
    assert read(client, q=hostile).select_one("#words")["value"] == hostile


@pytest.mark.parametrize(
    "words",
    [
        '"', '"hedgehog', "hedgehog*", "hedgehog NEAR hedgehog", "NEAR(hedgehog, 5)",
        "title:hedgehog", "title : hedgehog", "hedgehog:*A", "hedgehog' OR '1'='1", "-hedgehog",
        "^hedgehog", "hedgehog AND", "NOT", "(hedgehog", "hedgehog & !fox", "hedgehog <-> fox",
        "{title} : x", "hedgehog;--", "%s %(x)s", "hedge\0hog", "\0", "\\", "%", "_", "😀", "ß",
        "\u202ehedgehog", "hedgehog " * 200, "x" * 5000, "1 2 3 4 5 6 7 8 9 10 11 12 13",
        "the of and", "''", "\ufffd", "क्षा", "  ",
    ],
)  # fmt: skip
def test_what_is_no_word_does_no_harm(client, words):
    StandardPageFactory(title="Hedgehog")
    indexer.sync()
    page = read(client, q=words)
    assert page.select_one("#words")["value"] == " ".join(words.replace("\0", "").split())[:200]
    assert page.select("main h2")


@pytest.mark.parametrize(
    "words",
    ['"hedgehog', "hedgehog*", "title page hedgehog", "^hedgehog", "(hedgehog", "hedge\0hog"],
)
def test_signs_around_a_word_do_not_hide_it(client, words):
    StandardPageFactory(title="Hedgehog", introduction="The title of this page.")
    indexer.sync()
    assert len(read(client, q=words).select(".result")) == 1


def test_without_words_it_says_what_can_be_found(client):
    for query in ({}, {"q": ""}, {"q": "  "}):
        page = read(client, **query)
        assert "What can be found" in said(page.main)
        assert page.select(".results, [role=status]") == []
    page = read(client, q="?!…")
    assert "‘?!…’ has no letters or numbers to look for." in said(page.main)


def test_where_nothing_is_found_it_says_where_else_to_look(client):
    page = read(client, q="zebra <b>")
    assert said(page.select_one("[role=status]")) == "Nothing found for ‘zebra <b>’"
    links = [link["href"] for link in page.select(".empty-state a")]
    assert links[:3] == ["/protocols/", "/protocols/thresholds/", "/courses/"]


@pytest.mark.parametrize("address", ["/", "/courses/", "/protocols/", "/search/?q=x", "/nowhere/"])
def test_every_page_has_one_box_to_search_with(client, address):
    page = BeautifulSoup(client.get(address).content, "html.parser")
    (box,) = page.select("form[action='/search/'][role=search]")
    assert page.select_one(f"label[for={box.find('input', attrs={'name': 'q'})['id']}]")


def test_a_page_is_only_read(client):
    assert client.post("/search/", {"q": "x"}).status_code == 405


def queries_of(client, django_assert_max_num_queries, **query):
    with django_assert_max_num_queries(15) as asked:
        read(client, **query)
    return len(asked)


def test_many_results_take_the_queries_of_one(client, django_assert_max_num_queries):
    ProtocolPageFactory(title="Hedgehogs")
    IndicatorFactory(text="Hedgehogs")
    indexer.sync()
    read(client, q="hedgehogs")
    one = queries_of(client, django_assert_max_num_queries, q="hedgehogs")
    slip = queries_of(client, django_assert_max_num_queries, q="hedgehgos")
    for number in range(3):
        ProtocolPageFactory(title="Hedgehogs")
        CoursePageFactory(course__title="Hedgehogs")
        StandardPageFactory(title="Hedgehogs")
        IndicatorFactory(text=f"Hedgehogs {number}")
    indexer.sync()
    read(client, q="hedgehogs")
    assert queries_of(client, django_assert_max_num_queries, q="hedgehogs") == one
    assert queries_of(client, django_assert_max_num_queries, q="hedgehgos") == slip


def test_words_are_plain_and_small_ones_are_left_out_beside_others():
    assert terms.plain("A Child’s needs: SÉANCE, step-up/down_3 ﬁle\0") == (
        "a childs needs seance step up down 3 file"
    )
    assert terms.terms_in("What is the step step up?") == ["step", "up"]
    assert terms.terms_in("What is the?") == ["what", "is", "the"]
    assert terms.terms_in("…") == []


@pytest.mark.parametrize(
    ("term", "text", "marks"),
    [
        ("safeguards", "Safeguarding a safe", ["Safeguarding"]),
        ("policies", "policy, policies; police", ["policy", "policies"]),
        ("assess", "assessment reassess", ["assessment"]),
        ("da", "DA and data, da.", ["DA", "da"]),
        ("up", "update up", ["up"]),
    ],
)
def test_what_was_looked_for_is_marked(term, text, marks):
    soup = BeautifulSoup(terms.marked(text, [term]), "html.parser")
    assert [mark.text for mark in soup.select("mark")] == marks
    assert soup.get_text() == text


def test_a_snippet_of_one_endless_word_ends():
    shown = terms.snippet("x" * 5000 + "<b>", ["hedgehog"])
    assert len(shown) < 5100
    assert escape("<b>") in terms.snippet("hedgehog <b>", ["hedgehog"])
