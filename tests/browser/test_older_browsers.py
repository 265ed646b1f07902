"""Test saving a register in browsers that lack what its script uses (Safari before 15.4)."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from courses.models import Mark, SentMark
from tests.factories import BookingFactory, PersonFactory, RunFactory

STORE_IS_SILENT = "IDBFactory.prototype.open = () => ({});"
WITHOUT = {
    "the button that was pressed": "delete SubmitEvent.prototype.submitter;",
    "ids and the button": (
        "delete Crypto.prototype.randomUUID; delete SubmitEvent.prototype.submitter;"
    ),
    "a store": "Object.defineProperty(window, 'indexedDB', { value: undefined });",
    # As Safari 14 does the first time.
    "an answer of the store": STORE_IS_SILENT,
    "room in the store": "IDBObjectStore.prototype.put = () => { throw new Error('full'); };",
}


@pytest.fixture
def run(own_database):
    starts_at = timezone.now() - dt.timedelta(hours=1)
    run = RunFactory(starts_at=starts_at, trainers=[PersonFactory(name="Tess Trainer")])
    for name in ("Ann Early", "Bob Absent", "Cat Late"):
        BookingFactory(run=run, person__name=name)
    return run


def open_register(visit, run, *, without):
    page = visit(run.trainers.get(), width=390, height=844)
    page.add_init_script(without)
    page.goto(f"/register/{run.pk}/")
    return page


def marks(run):
    made = Mark.objects.filter(session__run=run).order_by("booking__person__name")
    return [(one.booking.person.name, one.kind) for one in made]


@pytest.mark.parametrize("lacks", WITHOUT)
def test_marks_are_saved_by_the_ordinary_form(visit, run, lacks):
    page, asked = open_register(visit, run, without=WITHOUT[lacks]), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    ann = page.get_by_role("group", name="Ann Early")
    ann.get_by_role("radio", name="Present", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 of 3 present.")).to_be_visible()
    assert marks(run) == [("Ann Early", "present")]
    page.get_by_role("button", name="Mark the other 2 present").click()
    expect(page.get_by_text("3 of 3 present.")).to_be_visible()
    assert [kind for _, kind in marks(run)] == ["present"] * 3
    page.get_by_role("button", name="Save and go on to sign off").click()
    expect(page.get_by_role("heading", name="Will complete the course (3)")).to_be_visible()
    assert not SentMark.objects.exists()
    assert asked == []


def test_signing_out_does_not_wait_for_a_store_that_never_answers(visit, run):
    page = open_register(visit, run, without=STORE_IS_SILENT)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Create an account")).to_be_visible()
