"""Test what becomes of text that is copied from Word, Word Online, Google Docs or LibreOffice."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from lxml.html import document_fromstring

from agencies.access import PROTOCOL_EDITORS
from lms.pasting import left_out, parts
from lms.pasting.clipboard import read_clipboard
from lms.pasting.pieces import prose_html
from tests.factories import PersonFactory, body_of

COPIED = Path(__file__).parent / "pasted"
WORD, WORD_ONLINE, GOOGLE, LIBREOFFICE = (
    (COPIED / f"{name}.html").read_text()
    for name in ("word", "word_online", "google_docs", "libreoffice")
)


def blocks(html):
    return [
        (block["type"], {k: v for k, v in block["value"].items() if k != "anchor"})
        for block in parts.as_blocks(read_clipboard(html).pieces)
    ]


def prose(html):
    return prose_html(read_clipboard(html).pieces, {3: "h3", 4: "h4"})


def notices(html):
    return left_out.sentences(read_clipboard(html).left_out)


def test_word_keeps_headings_lists_links_and_tables():
    assert blocks(WORD) == [
        (
            "section",
            {
                "heading": "Unborn babies",
                "text": "<p>Call <b>the hub</b> &amp; say <i>why</i>, see "
                '<a href="https://example.org/form?a=1&amp;b=2">the form</a>.</p>'
                "<ul><li>Ask<ul><li>the midwife</li></ul></li><li>Write</li></ul>"
                "<ol><li>First<ol><li>Lettered</li></ol></li><li>Second</li></ol>"
                "<ul><li>Without a marker</li></ul>"
                "<h3>1.1 Out of hours</h3><p>Ring.</p>",
            },
        ),
        (
            "table",
            {
                "table": {
                    "caption": "",
                    "columns": [
                        {"type": "words", "heading": "Team"},
                        {"type": "words", "heading": "Phone"},
                    ],
                    "rows": [
                        {"values": ["Hub", "01632 960001"]},
                        {"values": ["Hub", "01632 960002"]},
                    ],
                }
            },
        ),
        ("text", {"text": "<p>After.</p><h3>By style</h3>"}),
        ("section", {"heading": "Records", "text": "<p>Kept.</p>"}),
    ]
    assert notices(WORD) == [
        "1 table is without merged cells: what they said is repeated in each cell."
    ]


@pytest.mark.parametrize("html", [WORD_ONLINE, GOOGLE, LIBREOFFICE])
def test_other_editors_keep_headings_and_lists(html):
    (kind, value), *others = blocks(html)
    assert (kind, value["heading"], others) == ("section", "Who to call", [])
    lists = "<ul><li>Hub<ul><li><b>Duty</b></li></ul></li></ul><ol><li>One</li><li>Two</li></ol>"
    assert value["text"].endswith(lists)
    assert notices(html) == []


def test_googles_wrapper_is_not_bold_and_its_spans_are():
    assert "<p>The <b><i>hub</i></b></p>" in blocks(GOOGLE)[0][1]["text"]


def test_a_title_does_not_take_all_headings_below_it_into_one_part():
    html = "<p class=MsoTitle>Protocol</p><h2>One</h2><p>a</p><h3>Sub</h3><h2>Two</h2><p>b</p>"
    assert blocks(html) == [
        ("section", {"heading": "Protocol", "text": ""}),
        ("section", {"heading": "One", "text": "<p>a</p><h3>Sub</h3>"}),
        ("section", {"heading": "Two", "text": "<p>b</p>"}),
    ]


def test_headings_below_a_part_stay_in_its_text():
    html = "<h3>One</h3><p>a</p><h5>Deeper</h5><p>b</p><h6>Deepest</h6>"
    text = "<h3>One</h3><p>a</p><h4>Deeper</h4><p>b</p><h4>Deepest</h4>"
    assert blocks(html) == [("text", {"text": text})]


def test_a_heading_too_long_for_a_part_is_kept_in_its_text():
    long = "Heading " * 20
    assert blocks(f"<h1>{long}</h1>") == [("text", {"text": f"<h3>{long.strip()}</h3>"})]


def table(html):
    ((kind, value),) = blocks(html)
    assert kind == "table"
    found = value["table"]
    headings = [column["heading"] for column in found["columns"]]
    return headings, [row["values"] for row in found["rows"]], found["caption"]


def test_merged_cells_say_what_they_said_in_each_row_and_column():
    html = """<table><tr><td colspan=3>Tiers</td></tr>
    <tr><td></td><td colspan=2><b>Answer</b></td></tr>
    <tr><td rowspan=2>Hub</td><td>Call</td><td>Write</td></tr><tr><td colspan=2>Wait</td></tr>
    <tr><td colspan=3>Out of hours</td></tr><tr><td>Duty</td><td>x</td><td>y</td></tr></table>"""
    assert table(html) == (
        ["", "Answer", "Answer"],
        [
            ["<p>Hub</p>", "Call", "Write"],
            ["<p>Hub</p>", "Wait", "Wait"],
            ["<p><b>Out of hours</b></p>", "", ""],
            ["<p>Duty</p>", "x", "y"],
        ],
        "Tiers",
    )


def test_a_cell_keeps_its_paragraphs_lists_and_links():
    html = """<table><thead><tr><th>Who</th><th>Does</th></tr></thead>
    <tr><td>Hub<br>desk</td><td><p>Reads <a href="mailto:hub@example.org">this</a>:</p>
    <ul><li>one</li></ul></td>
    </tr></table>"""
    does = '<p>Reads <a href="mailto:hub@example.org">this</a>:</p><ul><li>one</li></ul>'
    assert table(html) == (["Who", "Does"], [["Hub\ndesk", does]], "")


@pytest.mark.parametrize(
    ("first", "is_heading"),
    [
        ("<td>Team</td><td>Phone</td>", True),
        ("<td></td><td><b>Phone</b></td>", True),
        ("<th>01</th><th>02</th>", True),
        ("<td>Hub</td><td>01632 960001</td>", False),
        ("<td>Hub</td><td>hub@example.org</td>", False),
        ("<td>Hub</td><td></td>", False),
        ("<td>Hub</td><td>Is open each day.</td>", False),
    ],
)
def test_a_first_row_of_names_heads_the_columns_and_one_of_facts_does_not(first, is_heading):
    headings, rows, _ = table(f"<table><tr>{first}</tr><tr><td>x</td><td>y</td></tr></table>")
    assert (len(rows), any(headings)) == ((1, True) if is_heading else (2, False))


def test_a_table_that_names_its_rows_has_no_headings():
    html = (
        "<table><tr><td><b>Name</b></td><td>Hub</td></tr><tr><td><b>Place</b></td><td>X</td></tr>"
    )
    assert len(table(html)[1]) == 2


def test_a_box_is_text():
    assert blocks("<table><tr><td><h3>Box</h3><p>Words</p></td></tr></table>") == [
        ("text", {"text": "<h3>Box</h3><p>Words</p>"})
    ]


def test_a_table_in_a_table_is_lines_of_its_cell():
    html = """<table><tr><td>A<table><tr><td>x</td><td>1</td></tr>
    <tr><td>y</td><td>2</td></tr></table></td>
    <td>B</td></tr></table>"""
    assert "x; 1" in table(html)[1][0][0] and "y; 2" in table(html)[1][0][0]


def test_what_a_page_cannot_keep_is_named_and_what_it_is_about_is_kept():
    html = """<p>See <img src="file:///x.png"><img src="data:image/png;base64,aa"> it
    <a style='mso-comment-reference:A_1;mso-comment-date:1'>said so</a>
    <span class=MsoCommentReference><a class=msocomanchor href="#_msocom_1">[A1]</a></span>
    <del>gone</del> <s>old</s>
    <span style="display:none">secret</span></p><p class=MsoToc1>Contents 1</p>
    <div style='mso-element:comment-list'><div style='mso-element:comment'>Why?</div></div>
    <ol start=4><li>four</li></ol>
    <table><tr><td style="background:#FF0000">a</td><td>b</td></tr></table>"""
    assert blocks(html)[0] == ("text", {"text": "<p>See it said so old</p><ol><li>four</li></ol>"})
    assert notices(html) == [
        "2 pictures are not brought in. Add each with the block Picture, with its alt text.",
        "1 comment is not brought in. The text that they are about is here.",
        "1 deletion of tracked changes is not brought in.",
        "1 hidden text is not brought in.",
        "1 line of a table of contents is not brought in. This page makes its own.",
        "1 crossed-out text is here as ordinary text. Delete it if it no longer applies.",
        "1 list is now numbered from 1. Check whether the text refers to other numbers or letters.",
        "1 table is without its colours. Make sure that the words say what they meant.",
    ]


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "#_Toc1", "file:///c:/x.docx", "//evil.example", "http://[bad"]
)
def test_a_link_that_leads_nowhere_from_here_is_its_words(href):
    assert prose(f'<p><a href="{href}">words</a></p>') == "<p>words</p>"


@pytest.mark.parametrize(
    "html",
    ["", " ", "<!-- -->", "<", "<table>", "<table><tr></tr></table>", "<p>\0</p>", "<ul><li></ul>",
     "<td rowspan=99999999 colspan=99999>", "<h1></h1>", "<li>" * 300, "<![if x]><![endif]>"],
)  # fmt: skip
def test_nothing_that_is_pasted_is_a_fault(html):
    assert blocks(html) == [] or html.startswith("<td") or html == "<"


def test_rich_text_that_takes_no_headings_has_them_in_bold_and_tables_as_lists():
    html = "<h1>Who</h1><table><tr><td>Team</td><td>Day</td></tr><tr><td>Hub</td><td>Mon</td></tr>"
    pieces = read_clipboard(html).pieces
    listed = "<ul><li>Team: Hub; Day: Mon</li></ul>"
    assert parts.as_prose(pieces, []) == f"<p><b>Who</b></p>{listed}"
    assert parts.as_prose(pieces, ["h2", "h3"]) == f"<h2>Who</h2>{listed}"


@pytest.fixture
def editor(settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS]))
    return client


def answer_to(client, html, headings=("h3", "h4")):
    asked = {"html": html, "headings": headings}
    return client.post(reverse("convert_pasted"), asked, "application/json")


@pytest.mark.django_db
def test_an_editor_gets_the_blocks_of_what_is_pasted(editor):
    given = answer_to(editor, WORD).json()
    assert [block["type"] for block in given["blocks"]] == ["section", "table", "text", "section"]


@pytest.mark.django_db
def test_the_text_before_the_first_part_goes_to_the_cursor(editor):
    given = answer_to(editor, "<p>First.</p><h1>Who</h1><p>Hub.</p>").json()
    assert given["lead"] == "<p>First.</p>"
    assert [block["type"] for block in given["blocks"]] == ["section"]
    assert given["blocks"][0]["id"]


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["[]", "{}", "nothing", '{"html": "x", "headings": 1}'])
def test_anything_else_is_refused(editor, asked):
    answer = editor.post(reverse("convert_pasted"), asked, "application/json")
    assert answer.status_code == 400


@pytest.mark.django_db
def test_nobody_outside_the_back_office_has_text_converted():
    client = Client()
    client.force_login(PersonFactory())
    assert answer_to(client, WORD).status_code in (302, 403)


@pytest.mark.django_db
def test_a_page_shows_a_table_with_headings_and_a_text_without_one():
    body = body_of(*[(b["type"], b["value"]) for b in parts.as_blocks(read_clipboard(WORD).pieces)])
    page = document_fromstring(str(body.render_as_block()))
    assert [th.text_content() for th in page.iterfind(".//th")] == ["Team", "Phone"]
    assert [td.get("data-of") for td in page.iterfind(".//td")] == ["Team", "Phone"] * 2
    assert [h.text_content() for h in page.iterfind(".//h3")] == ["1.1 Out of hours", "By style"]
