"""Write and approve in Wagtail's own edit view, as somebody of the board does.

By the keys: rows unfold and panels open, and a mouse may miss what moves away under it.
"""

import re

from playwright.sync_api import expect

# Wagtail looks for what was written from two seconds after a page is there, saves it by itself, and
# rewrites parts of the page with the answer. Now all is saved, and no answer is awaited.
ALL_IS_SAVED = """() => {
  const form = document.querySelector("[data-edit-form]");
  const controller = (name) => wagtail.app.getControllerForElementAndIdentifier(form, name);
  const [unsaved, autosave] = [controller("w-unsaved"), controller("w-autosave")];
  const comments = window.comments?.commentApp;
  return autosave && !autosave.submitPromise
    && !comments?.selectors.selectIsDirty(comments.store.getState())
    && (!unsaved.initialFormData || unsaved.initialFormData === unsaved.formData);
}"""
COME_TO_REST = """(window) => Promise.allSettled(
  window.getAnimations({subtree: true})
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished)
)"""


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
    for name, value in fields.items():
        field = page.locator(f"#id_{name}")
        if isinstance(value, bool):
            tick(field, value)
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def tick(field, value):
    if field.is_checked() != value:
        field.press("Space")
    expect(field).to_be_checked(checked=value)


def add_row(page, panel, **fields):
    """One more of a list, such as an approver; a choice is made by its words."""
    rows = page.locator(f"#id_{panel}-TOTAL_FORMS")
    number = int(rows.input_value())
    page.locator(f"#id_{panel}-ADD").press("Enter")
    expect(rows).to_have_value(str(number + 1))
    fill(page, **{f"{panel}-{number}-{name}": value for name, value in fields.items()})


def add_block(page, kind):
    """At the end of the body; returns it."""
    blocks = page.locator("[data-streamfield-child]")
    before = blocks.count()
    page.get_by_title("Insert a block").last.press("Enter")
    search = page.get_by_role("combobox", name="Search options…")
    search.fill(kind)
    expect(page.get_by_role("option", name=kind, exact=True, selected=True)).to_be_visible()
    search.press("Enter")
    expect(blocks).to_have_count(before + 1)
    return blocks.last


def write(place, words):
    """Into the first formatted text there, instead of what it says."""
    prose = place.locator(".public-DraftEditor-content").first
    prose.press("ControlOrMeta+a")
    prose.press_sequentially(words)
    # The editor hands over to the form a moment later.
    expect(place.locator("input[name$=-text]").first).to_have_value(re.compile(words))


def window_of(page):
    """The window that opens over the page, once it has come to rest and has the focus."""
    window = page.get_by_role("dialog")
    window.evaluate(COME_TO_REST)
    return window


def upload(block, kind, file):
    """A picture or document from one's own computer, in the window where one is chosen."""
    block.get_by_role("button", name=f"Choose {kind}").press("Enter")
    window = window_of(block.page)
    window.get_by_role("tab", name="Upload").press("Enter")
    window.locator("input[type=file]").set_input_files(file)
    window.get_by_label("Title").fill(file.stem)
    window.get_by_role("button", name="Upload").press("Enter")
    expect(window).to_be_hidden()


def press(page, action):
    """A button at the foot of the page, when Wagtail has saved by itself what was written last."""
    page.wait_for_function(ALL_IS_SAVED)
    foot = page.get_by_role("navigation", name="Actions (footer)")
    button = foot.get_by_role("button", name=action, exact=True)
    if not button.is_visible():
        foot.get_by_role("button", name="More actions").press("Enter")
    button.press("Enter")


def ask_for_changes(page, words):
    press(page, "Request changes")
    window = window_of(page)
    window.get_by_label("Comment").fill(words)
    window.get_by_role("button", name="Request changes").click()


def comment(page, field, words):
    """On a field, as Wagtail keeps it beside the text."""
    # Shown once the script of the comments has taken hold of every field.
    expect(page.locator("[data-comment-notifications]")).not_to_have_attribute("hidden", "")
    place = page.locator(f"[data-contentpath='{field}']")
    place.get_by_role("button", name="Add comment").press("Enter")
    note = page.locator(".comment--mode-creating")
    note.get_by_role("textbox").fill(words)
    note.get_by_role("button", name="Comment").press("Enter")
    said = page.locator(".comment--mode-default")
    expect(said).to_contain_text(words)
    page.wait_for_function(ALL_IS_SAVED)
    # It takes the focus, and does not let it go to anything else on the page until Escape.
    expect(said).to_be_focused()
    said.press("Escape")
    expect(said).not_to_contain_class("comment--focused")


def delete(page, address):
    """A picture or a document, where that is asked again."""
    page.goto(address)
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_text(re.compile("deleted[.]"))).to_be_visible()
