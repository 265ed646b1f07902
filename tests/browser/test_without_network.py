"""Test that a register in a hall without a network loses no marks."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session as Login
from django.utils import timezone
from playwright.sync_api import expect

from courses.attendance import register
from courses.attendance.marking import Attendance
from courses.models import Mark, SentMark
from tests.browser.conftest import session_of
from tests.factories import BookingFactory, PersonFactory, RunFactory


@pytest.fixture
def run(own_database):
    starts_at = timezone.now() - dt.timedelta(hours=1)
    run = RunFactory(starts_at=starts_at, trainers=[PersonFactory(name="Tess Trainer")])
    for name in ("Ann Early", "Bob Absent", "Cat Late"):
        BookingFactory(run=run, person__name=name, access_needs=f"{name} needs a loop")
    return run


# Resolves when this page and its files are kept on the device and a reload would be served them.
KEPT_HERE = """async () => {
  const isKept = async () => {
    const page = await caches.match(location.pathname);
    const files = await (await caches.open("register-files")).keys();
    const needed = [...document.querySelectorAll("link[rel=stylesheet], script[src]")];
    const isThere = (one) => files.some((file) => file.url === (one.href || one.src));
    return Boolean(page) && needed.every(isThere) && Boolean(navigator.serviceWorker.controller);
  };
  while (!(await isKept())) await new Promise((later) => setTimeout(later, 20));
  return true;
}"""


def open_register(visit, run, **options):
    """Open the register and wait until it is cached on the device."""
    page = visit(run.trainers.get(), width=390, height=844, **options)
    page.goto(f"/register/{run.pk}/")
    page.wait_for_function(KEPT_HERE)
    return page


def choose(page, name, mark):
    page.get_by_role("group", name=name).get_by_role("radio", name=mark, exact=True).check()


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()


def marks(run):
    made = Mark.objects.filter(session__run=run).order_by("booking__person__name")
    return [(one.booking.person.name, one.kind, one.minutes_missed) for one in made]


def test_marks_made_without_a_network_are_each_there_once(visit, run, served_site):
    page = open_register(visit, run)
    page.context.set_offline(True)
    page.goto(f"/register/{run.pk}/")
    choose(page, "Ann Early", "Present")
    choose(page, "Bob Absent", "Absent")
    save(page)
    expect(page.get_by_text("2 marks waiting to be sent.")).to_be_visible()
    choose(page, "Cat Late", "Late")
    page.get_by_label("Minutes missed by Cat Late").fill("10")
    save(page)
    expect(page.get_by_text("3 marks waiting to be sent.")).to_be_visible()
    # Left and opened again offline: page and marks are still there.
    page.goto("about:blank")
    page.goto(f"/register/{run.pk}/")
    expect(page.get_by_text("3 marks waiting to be sent.")).to_be_visible()
    cat = page.get_by_role("group", name="Cat Late")
    expect(cat.get_by_role("radio", name="Late", exact=True)).to_be_checked()
    assert marks(run) == []

    # The session has ended meanwhile.
    Login.objects.all().delete()
    page.context.set_offline(False)
    expect(page.get_by_role("link", name="Sign in to send 3 marks")).to_be_visible()
    assert marks(run) == []
    page.context.add_cookies([session_of(run.trainers.get(), served_site.address)])
    page.goto(f"/register/{run.pk}/")
    expect(page.get_by_text("3 marks waiting")).to_be_hidden()
    expect(page.get_by_text("2 of 3 present.")).to_be_visible()
    assert marks(run) == [
        ("Ann Early", "present", 0),
        ("Bob Absent", "absent", 0),
        ("Cat Late", "late", 10),
    ]
    assert list(SentMark.objects.values_list("state", flat=True)) == ["taken"] * 3
    page.reload()
    expect(page.get_by_role("heading", name="Register")).to_be_visible()
    assert SentMark.objects.count() == 3


def test_what_another_trainer_marked_meanwhile_is_to_be_chosen(visit, run):
    page = open_register(visit, run)
    page.context.set_offline(True)
    choose(page, "Ann Early", "Present")
    save(page)
    expect(page.get_by_text("1 mark waiting to be sent.")).to_be_visible()
    ann = run.bookings.get(person__name="Ann Early")
    register.mark(run.sessions.get(), {ann.pk: Attendance("absent")}, by=PersonFactory())
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Two marks differ: choose")).to_be_visible()
    assert marks(run) == [("Ann Early", "absent", 0)]
    page.get_by_role("button", name="Take the other for Ann Early").click()
    expect(page.get_by_role("heading", name="Two marks differ: choose")).to_be_hidden()
    assert marks(run) == [("Ann Early", "present", 0)]


def test_what_was_signed_off_meanwhile_is_told_and_not_forgotten(visit, run):
    page = open_register(visit, run)
    page.context.set_offline(True)
    choose(page, "Ann Early", "Present")
    save(page)
    expect(page.get_by_text("1 mark waiting to be sent.")).to_be_visible()
    register.close(run, by=PersonFactory())
    page.context.set_offline(False)
    expect(page.get_by_text("Not taken: Ann Early, Present. This register is")).to_be_visible()
    page.get_by_role("button", name="Forget this mark").click()
    expect(page.get_by_text("Not taken")).to_be_hidden()


KEPT = """async () => {
    const kept = [];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys())
            if (!request.url.includes("/static/"))
                kept.push(await (await cache.match(request)).text());
    }
    const marks = await new Promise((resolve) => {
        const opening = indexedDB.open("register", 1);
        opening.onupgradeneeded = () => opening.transaction.abort();
        opening.onerror = () => resolve([]);
        opening.onsuccess = () => {
            const all = opening.result.transaction("marks").objectStore("marks").getAll();
            all.onsuccess = () => { resolve(all.result); opening.result.close(); };
        };
    });
    return [kept, JSON.stringify(marks)];
}"""


def test_a_device_keeps_nothing_that_people_need_and_nothing_after_signing_out(visit, run):
    page = open_register(visit, run)
    assert page.get_by_text("needs a loop").count() == 3
    page.context.set_offline(True)
    choose(page, "Ann Early", "Present")
    save(page)
    expect(page.get_by_text("1 mark waiting to be sent.")).to_be_visible()
    kept, queue = page.evaluate(KEPT)
    assert any("Ann Early" in one for one in kept)
    assert not any("needs a loop" in one for one in kept)
    assert '"kind":"present"' in queue
    assert "Ann" not in queue
    # Sending fails here: dismiss the warning once, then accept it on another page and sign out.
    page.route("**/sent/", lambda route: route.abort())
    page.context.set_offline(False)
    question = "1 mark is not sent yet. Sign out and delete them from this device?"
    for address, answer in [(page.url, "dismiss"), ("/my/", "accept")]:
        page.goto(address)
        with page.expect_event("dialog") as asked:
            page.once("dialog", lambda dialog, answer=answer: getattr(dialog, answer)())
            page.get_by_role("button", name="Sign out").click()
        assert asked.value.message == question
    expect(page.get_by_role("link", name="Create an account")).to_be_visible()
    assert page.evaluate(KEPT) == [[], "[]"]
    assert marks(run) == []


def test_a_page_that_was_not_opened_says_so(visit, run):
    other = RunFactory(starts_at=run.starts_at, trainers=[run.trainers.get()])
    page = open_register(visit, run)
    page.context.set_offline(True)
    page.goto(f"/register/{other.pk}/")
    expect(page.get_by_role("heading", name="There is no network")).to_be_visible()


def test_with_a_network_save_sends_at_once_and_minutes_are_asked_for(visit, run):
    page = open_register(visit, run)
    choose(page, "Cat Late", "Late")
    save(page)
    expect(page.get_by_text("Late: say how many minutes")).to_be_visible()
    page.get_by_label("Minutes missed by Cat Late").fill("5")
    save(page)
    expect(page.get_by_text("1 of 3 present.")).to_be_visible()
    page.get_by_role("button", name="Mark the other 2 present").click()
    expect(page.get_by_text("3 of 3 present.")).to_be_visible()
    assert [kind for _, kind, _ in marks(run)] == ["present", "present", "late"]
    page.get_by_role("button", name="Take back ‘all present’").click()
    expect(page.get_by_text("2 people are not marked any more.")).to_be_visible()
    assert marks(run) == [("Cat Late", "late", 5)]
