"""How does somebody of the board write and approve in Wagtail's own edit view?"""

import re
from contextlib import suppress

from playwright.sync_api import expect


def insist(press, seen):
    """On a busy machine a press comes before Wagtail's script is there, or while a page moves."""
    for _ in range(4):
        press()
        with suppress(AssertionError):
            return seen(3000)
    return seen(None)


def is_ready(page):
    """What the page's script does to the form is done."""
    expect(page.locator("#id_title")).to_be_visible()
    page.wait_for_load_state("load")


def start_protocol(page):
    """From the front page of the back office to an empty draft."""
    page.goto("/cms/")
    page.get_by_role("link", name=re.compile(r"^\d+ Pages?")).click()
    page.get_by_role("link", name=re.compile("Add child page|Add protocol")).first.click()
    is_ready(page)


def fill(page, **fields):
    """`fill(page, title="...")`: by the names that Wagtail gives them."""
    for name, words in fields.items():
        page.locator(f"#id_{name}").fill(words)


def add_row(page, panel, **fields):
    """One more of a list, such as an approver; a choice is made by its words."""
    rows = page.locator(f"#id_{panel}-TOTAL_FORMS")
    number = rows.input_value()
    insist(
        page.locator(f"#id_{panel}-ADD").click,
        lambda most: expect(rows).to_have_value(str(int(number) + 1), timeout=most),
    )
    for name, value in fields.items():
        field = page.locator(f"#id_{panel}-{number}-{name}")
        if value is True:
            field.check()
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def add_block(page, kind):
    """At the end of the body; returns it."""
    blocks = page.locator("[data-streamfield-child]")
    before = blocks.count()
    page.get_by_title("Insert a block").last.click()
    page.get_by_role("option", name=kind, exact=True).click()
    expect(blocks).to_have_count(before + 1)
    return blocks.last


def write(place, words):
    """Into the first formatted text there, instead of what it says."""
    prose = place.locator(".public-DraftEditor-content").first
    prose.click()
    prose.press("ControlOrMeta+a")
    prose.press_sequentially(words)
    # The editor hands over to the form a moment later.
    expect(place.locator("input[name$=-text]").first).to_have_value(re.compile(words))


def upload(block, kind, file):
    """A picture or document from one's own computer, in the window where one is chosen."""
    block.get_by_role("button", name=f"Choose {kind}").click()
    window = block.page.get_by_role("dialog")
    insist(
        window.get_by_role("tab", name="Upload").click,
        lambda most: expect(window.get_by_label("Title")).to_be_visible(timeout=most),
    )
    window.locator("input[type=file]").set_input_files(file)
    window.get_by_label("Title").fill(file.stem)
    window.get_by_role("button", name="Upload").click()
    expect(window).to_be_hidden()


def press(page, action):
    """A button at the foot of the page, when Wagtail has saved by itself what was written last."""
    expect(page.get_by_text("Saving…")).to_be_hidden()
    foot = page.get_by_role("navigation", name="Actions (footer)")
    button = foot.get_by_role("button", name=action, exact=True)
    if not button.is_visible():
        insist(
            foot.get_by_role("button", name="More actions").click,
            lambda most: expect(button).to_be_visible(timeout=most),
        )
    button.click()


def ask_for_changes(page, words):
    press(page, "Request changes")
    window = page.get_by_role("dialog")
    window.get_by_label("Comment").fill(words)
    window.get_by_role("button", name="Request changes").click()


def comment(page, field, words):
    """On a field, as Wagtail keeps it beside the text."""
    place = page.locator(f"[data-contentpath='{field}']")
    place.hover()
    note = page.locator(".comment--mode-creating")
    place.get_by_role("button", name="Add comment").click()
    expect(note).to_be_visible()

    def say():
        if note.is_visible():
            note.get_by_role("textbox").fill(words)
            note.get_by_role("button", name="Comment").click()

    insist(say, lambda most: expect(note).to_have_count(0, timeout=most))


def delete(page, address):
    """A picture or a document, where that is asked again."""
    page.goto(address)
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_text(re.compile("deleted[.]"))).to_be_visible()
