"""Somebody who has never seen the editor writes a module, previews it and issues it."""

import re

import pytest
from playwright.sync_api import expect

from agencies.access import TRAINING_ADMINISTRATORS
from elearning.models import Module, ModuleVersion
from tests.factories import PersonFactory

pytestmark = pytest.mark.long(reason="An editor writes three lessons and a check")
LESSONS = [
    ("Noticing", "What to look for", "Bruises that nobody explains."),
    ("Asking", "How to ask", "Say what you have seen."),
    ("Telling", "Whom to tell", "Tell your safeguarding lead."),
]
QUESTIONS = [
    ("Which is a sign?", "Bruises", "Homework"),
    ("Whom do you tell?", "My lead", "Nobody"),
]


class Writer:
    """Somebody at the editor, who counts the pages opened and the buttons pressed."""

    def __init__(self, page):
        self.page, self.presses, self.pages = page, 0, 0
        page.on("framenavigated", lambda frame: self.count_page(frame))

    def count_page(self, frame):
        self.pages += frame == self.page.main_frame

    def press(self, button):
        button.press("Enter")
        self.presses += 1

    def choose(self, kind):
        search = self.page.get_by_role("combobox", name="Search options…")
        search.fill(kind)
        expect(
            self.page.get_by_role("option", name=kind, exact=True, selected=True)
        ).to_be_visible()
        self.press(search)

    def fill(self, name, words):
        self.page.locator(f"#{name}").fill(words)

    def write(self, name, words):
        """Write rich text, which the page puts into its field after a moment."""
        field = self.page.locator(f"input[name='{name}']")
        prose = field.locator("xpath=..").locator(".public-DraftEditor-content")
        prose.press_sequentially(words)
        expect(field).to_have_value(re.compile(re.escape(words)))


def test_an_editor_writes_three_lessons_and_a_check(visit, tmp_path):
    person = PersonFactory(name="Ola Office", is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    page = visit(person, watched=False)  # Wagtail's editor of rich text has no name
    writer = Writer(page)
    page.goto("/cms/module/")
    writer.press(page.get_by_role("link", name="Add an online module").first)
    about = {"title": "Early Help", "summary": "How it works.", "code": "early-help"}
    for name, words in (about | {"minutes": "20"}).items():
        writer.fill(f"id_{name}", words)
    writer.press(page.get_by_role("tab", name="Lessons"))
    lessons = page.get_by_role("tabpanel", name="Lessons")
    for number, (title, heading, words) in enumerate(LESSONS):
        writer.press(lessons.get_by_title("Insert a block").last)
        writer.choose("Lesson")
        before = f"content-{number}-value"
        writer.fill(f"{before}-title", title)
        writer.fill(f"{before}-body-0-value-heading", heading)
        writer.write(f"{before}-body-0-value-text", words)
    writer.press(page.get_by_role("tab", name="Check"))
    check = page.get_by_role("tabpanel", name="Check")
    writer.press(check.get_by_title("Insert a block").last)
    pool = "check_questions-0-value"
    writer.fill(f"{pool}-outcome", "Know the signs")
    writer.fill(f"{pool}-draws", "2")
    for number, (asked, right, wrong) in enumerate(QUESTIONS):
        if number:
            writer.press(check.get_by_title("Insert a block").nth(-2))
            writer.choose("One right answer")
        before = f"{pool}-questions-{number}-value"
        writer.write(f"{before}-text", asked)
        writer.fill(f"{before}-options-0-value-text", right)
        page.locator(f"#{before}-options-0-value-is_right").press("Space")
        writer.presses += 1
        writer.fill(f"{before}-options-1-value-text", wrong)
    page.screenshot(path=tmp_path / "editor-1280.png", full_page=True)
    writer.press(page.get_by_role("button", name="Create"))
    expect(page.get_by_text("Nobody sees it until you issue a version.")).to_be_visible()
    module = Module.objects.get()
    assert [part.value["title"] for part in module.content] == [each[0] for each in LESSONS]
    writer.press(page.get_by_role("link", name="Preview"))
    writer.press(page.get_by_role("button", name="Start"))
    for title, _, words in LESSONS:
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        expect(page.get_by_text(words)).to_be_visible()
        writer.press(page.get_by_role("link", name=re.compile("^Next:")))
    expect(page.get_by_text("Which is a sign?").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=tmp_path / "preview-390.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    writer.press(page.get_by_role("link", name="Back to the editor"))
    writer.press(page.get_by_role("link", name="Issue a version"))
    page.screenshot(path=tmp_path / "issue-1280.png", full_page=True)
    writer.press(page.get_by_role("button", name="Issue version 1"))
    expect(page.get_by_text("Version 1 of ‘Early Help’ is issued.")).to_be_visible()
    page.screenshot(path=tmp_path / "versions-1280.png", full_page=True)
    version = ModuleVersion.objects.get()
    assert len(version.items) == 3 and len(version.pools[0]["questions"]) == 2
    assert (writer.presses, writer.pages) <= (30, 15), (writer.presses, writer.pages)
