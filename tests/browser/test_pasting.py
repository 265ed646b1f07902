"""Test in Chromium what becomes of text that an editor pastes from Word into a page."""

import json
import re

import pytest
from playwright.sync_api import expect

from agencies.access import PROTOCOL_EDITORS
from lms.pasting.clipboard import read_clipboard
from lms.pasting.parts import as_blocks
from protocols.models import ProtocolPage
from tests.browser.editing import add_block, is_ready, press
from tests.factories import CoursePageFactory, PersonFactory, ProtocolPageFactory, body_of
from tests.lms.test_pasting import WORD

PASTE = """(place, html) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", "plain");
  place.dispatchEvent(new ClipboardEvent("paste", {
    clipboardData: data, bubbles: true, cancelable: true,
  }));
}"""


def paste(place, html):
    place.locator(".public-DraftEditor-content").first.evaluate(PASTE, html)


def opened(page, edited):
    page.goto(f"/cms/pages/{edited.pk}/edit/")
    is_ready(page)
    return page


def saved(page, edited):
    """Save the draft; return the parts of its body as they are stored."""
    press(page, "Save draft")
    expect(page.get_by_text("has been updated")).to_be_visible()
    revision = ProtocolPage.objects.get(pk=edited.pk).get_latest_revision_as_object()
    return [(part["type"], part["value"]) for part in revision.body.get_prep_value()]


@pytest.fixture
def protocol(own_database):
    first = ("section", {"heading": "Before", "anchor": "", "text": "<p>Words.</p>"})
    return ProtocolPageFactory(body=body_of(first))


def test_what_is_pasted_from_word_is_in_the_saved_draft(visit, protocol):
    editor = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    page = opened(visit(editor, watched=False), protocol)
    paste(add_block(page, "Section"), WORD)
    expect(page.get_by_role("status").filter(has_text="4 parts were added")).to_be_visible()
    expect(page.get_by_text("without merged cells")).to_be_visible()
    body = saved(page, protocol)
    assert [kind for kind, _ in body] == ["section", "section", "table", "text", "section"]
    assert [body[n][1]["heading"] for n in (0, 1, 4)] == ["Before", "Unborn babies", "Records"]
    text = body[1][1]["text"]
    assert '<a href="https://example.org/form?a=1&amp;b=2">the form</a>' in text
    assert text.count("<h3") == 1 and "1.1 Out of hours" in text and "<ol>" in text
    table = body[2][1]["table"]
    assert [column["heading"] for column in table["columns"]] == ["Team", "Phone"]
    assert [row["values"][1] for row in table["rows"]] == ["01632 960001", "01632 960002"]


def test_text_goes_to_the_cursor_and_the_table_below_it(visit, protocol):
    editor = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    page = opened(visit(editor, watched=False), protocol)
    section = page.locator("[data-streamfield-child]").first
    section.locator(".public-DraftEditor-content").press("ControlOrMeta+End")
    paste(section, "<p>More <b>words</b>.</p><table><tr><td>A</td><td>B</td></tr></table>")
    expect(page.get_by_role("status").filter(has_text="1 part was added")).to_be_visible()
    # The rich text editor updates the form field after a delay.
    expect(section.locator("input[name$=-text]")).to_have_value(re.compile("More"))
    body = saved(page, protocol)
    assert [kind for kind, _ in body] == ["section", "table"]
    assert "<b>words</b>" in body[0][1]["text"] and "Words." in body[0][1]["text"]


def test_where_no_table_can_be_it_becomes_a_list_and_the_editor_is_told(visit, own_database):
    edited = CoursePageFactory()
    page = opened(visit(PersonFactory(is_superuser=True, is_staff=True), watched=False), edited)
    place = page.locator("#panel-child-content-body-content, [data-contentpath='body']").first
    paste(place, WORD)
    expect(page.get_by_role("status").filter(has_text="is a list here")).to_be_visible()
    field = page.locator("input[name=body]")
    page.wait_for_function("field => field.value.includes('Kept.')", arg=field.element_handle())
    kinds = {part["text"]: part["type"] for part in json.loads(field.input_value())["blocks"]}
    assert kinds["Unborn babies"] == "header-two"
    assert kinds["1.1 Out of hours"] == "header-three"
    assert kinds["Team: Hub; Phone: 01632 960002"] == "unordered-list-item"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_with_a_pasted_table_shuts_nobody_out(visit, own_database, width):
    parts_of_page = [(b["type"], b["value"]) for b in as_blocks(read_clipboard(WORD).pieces)]
    protocol = ProtocolPageFactory(body=body_of(*parts_of_page))
    page = visit(width=width)
    page.goto(protocol.url)
    expect(page.get_by_role("table").first).to_contain_text("01632 960002")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
