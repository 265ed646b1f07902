"""Drive Wagtail's own edit view as one of the board's staff does.

With the keyboard: rows unfold and panels open, so a mouse click may miss what moves.
"""

import re

from playwright.sync_api import expect

# Wagtail autosaves from two seconds after a page has loaded, and rewrites parts of it with the
# response. True once all is saved and no response is awaited.
ALL_IS_SAVED = """() => {
  const form = document.querySelector("[data-edit-form]");
  const controller = (name) => wagtail.app.getControllerForElementAndIdentifier(form, name);
  const [unsaved, autosave] = [controller("w-unsaved"), controller("w-autosave")];
  const comments = window.comments?.commentApp;
  const isSaved = autosave && !autosave.submitPromise
    && !comments?.selectors.selectIsDirty(comments.store.getState())
    && (!unsaved.initialFormData || unsaved.initialFormData === unsaved.formData);
  // A change is noticed up to a second later, as by a chooser that was answered just now.
  window.savedSince = isSaved ? window.savedSince ?? performance.now() : null;
  return isSaved && performance.now() - window.savedSince > 1500;
}"""
COME_TO_REST = """(window) => Promise.allSettled(
  window.getAnimations({subtree: true})
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished)
)"""


def is_ready(page):
    """Wait until the page's script has initialised the form."""
    expect(page.locator("#id_title")).to_be_visible()
    page.wait_for_load_state("load")


def start_protocol(page):
    """Open an empty draft of a protocol, starting from the admin's front page."""
    page.goto("/cms/")
    page.get_by_role("link", name=re.compile(r"^\d+ Pages?")).click()
    page.get_by_role("link", name=re.compile("Add child page|Add protocol")).first.click()
    is_ready(page)


def fill(page, **fields):
    """Fill fields by the names that Wagtail gives them: `fill(page, title="...")`."""
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
    """Add a row to an inline panel, such as an approver; choices are given by label."""
    rows = page.locator(f"#id_{panel}-TOTAL_FORMS")
    number = int(rows.input_value())
    page.locator(f"#id_{panel}-ADD").press("Enter")
    expect(rows).to_have_value(str(number + 1))
    fill(page, **{f"{panel}-{number}-{name}": value for name, value in fields.items()})


def add_block(page, kind):
    """Append a block of this kind to the body and return it."""
    blocks = page.locator("[data-streamfield-child]")
    before = blocks.count()
    # The pointer, where the list opens below it, would take the mark from the option found.
    page.mouse.move(0, 0)
    page.get_by_title("Insert a block").last.press("Enter")
    search = page.get_by_role("combobox", name="Search options…")
    search.fill(kind)
    expect(page.get_by_role("option", name=kind, exact=True, selected=True)).to_be_visible()
    search.press("Enter")
    expect(blocks).to_have_count(before + 1)
    return blocks.last


def write(place, words):
    """Replace the words of the first rich text in `place`."""
    prose = place.locator(".public-DraftEditor-content").first
    prose.press("ControlOrMeta+a")
    prose.press_sequentially(words)
    # The rich text editor updates the form field after a delay.
    expect(place.locator("input[name$=-text]").first).to_have_value(re.compile(words))


def window_of(page):
    """Return the modal dialog once its animation has ended and it has the focus."""
    window = page.get_by_role("dialog")
    window.evaluate(COME_TO_REST)
    return window


def upload(block, kind, file):
    """Upload a picture or document in the chooser's dialog."""
    block.get_by_role("button", name=f"Choose {kind}").press("Enter")
    window = window_of(block.page)
    window.get_by_role("tab", name="Upload").click()
    window.locator("input[type=file]").set_input_files(file)
    window.get_by_label("Title").fill(file.stem)
    # By the mouse: the page, which saves itself meanwhile, may take the focus from the button.
    with block.page.expect_response(re.compile("/chooser/create/")) as made:
        window.get_by_role("button", name="Upload").click()
    assert made.value.json()["step"] == "chosen", made.value.text()
    expect(window).to_be_hidden()


def press(page, action):
    """Press a button in the page's footer once Wagtail's autosave is done."""
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
    """Add a Wagtail comment to a field."""
    # Shown once the script of the comments has initialised every field.
    expect(page.locator("[data-comment-notifications]")).not_to_have_attribute("hidden", "")
    place = page.locator(f"[data-contentpath='{field}']")
    place.get_by_role("button", name="Add comment").press("Enter")
    note = page.locator(".comment--mode-creating")
    note.get_by_role("textbox").fill(words)
    note.get_by_role("button", name="Comment").press("Enter")
    said = page.locator(".comment--mode-default")
    expect(said).to_contain_text(words)
    page.wait_for_function(ALL_IS_SAVED)
    # The comment traps the focus until Escape is pressed.
    expect(said).to_be_focused()
    said.press("Escape")
    expect(said).not_to_contain_class("comment--focused")


def delete(page, address):
    """Delete a picture or document and confirm it."""
    page.goto(address)
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_text(re.compile("deleted[.]"))).to_be_visible()
