"""Test that every tap on a register is kept, on a phone, whatever becomes of page and network."""

import contextlib
import datetime as dt
import os
import shutil
import signal
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from courses.models import Mark, SentMark
from tests.browser.conftest import BROWSERS, FLAGS, PATIENCE, session_of
from tests.factories import BookingFactory, PersonFactory, PostFactory, RunFactory

PHONE = {"width": 390, "height": 844}
NAMES = ("Ann Early", "Bob Absent", "Cat Late", "Dee Present")


# Nothing is sent but what a tap, a button or the network sends: no page asks again by itself.
NO_INTERVALS = "window.setInterval = () => 0;"
# The store answers the first request of a page and no other, so that a tap must find it open.
OPENED_ONCE = """
const open = IDBFactory.prototype.open;
let opened = 0;
IDBFactory.prototype.open = function (...names) {
  return opened++ ? {} : open.apply(this, names);
};
"""


@pytest.fixture
def run(own_database):
    starts_at = timezone.now() - dt.timedelta(hours=1)
    run = RunFactory(starts_at=starts_at, trainers=[PersonFactory(name="Tess Trainer")], places=40)
    for name in NAMES:
        BookingFactory(run=run, person__name=name)
    return run


@pytest.fixture
def phone(chromium, served_site, run, tmp_path):
    """`page = phone()`: the trainer's own browser; `phone.kill()` ends its process."""
    device = Phone(chromium.browser_type, served_site.address, run, tmp_path / "device")
    yield device
    device.close()


class Phone:
    """Browser whose profile outlives its process."""

    def __init__(self, browser_type, address, run, folder):
        self.browser_type, self.address, self.run, self.folder = browser_type, address, run, folder
        self.context = None

    def __call__(self, *, offline=False):
        """Open the register, in a new process where none is running."""
        if self.context is None:
            self.context = self.browser_type.launch_persistent_context(
                self.folder,
                executable_path=next(filter(None, map(shutil.which, BROWSERS))),
                headless=True,
                args=FLAGS,
                base_url=self.address,
                viewport=PHONE,
                locale="en-GB",
                timezone_id="Europe/London",
            )
            self.context.set_default_timeout(PATIENCE)
            self.context.add_init_script(NO_INTERVALS)
            trainer = self.run.trainers.get()
            self.context.add_cookies([session_of(trainer, self.address)])
        self.context.set_offline(offline)
        page = self.context.new_page()
        page.goto(f"/register/{self.run.pk}/")
        expect(page.locator("[data-state]")).not_to_be_empty()
        return page

    def kill(self):
        """Kill the browser's process, as a phone does that needs the memory."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            is_browser = not any(word.startswith("--type=") for word in words)
            if is_browser and f"--user-data-dir={self.folder}" in words:
                os.kill(int(path.parent.name), signal.SIGKILL)
        self.close()
        (self.folder / "SingletonLock").unlink(missing_ok=True)

    def close(self):
        if self.context:
            with contextlib.suppress(Error):  # it has been killed
                self.context.close()
        self.context = None


def tap(page, name, mark):
    line = page.get_by_role("group", name=name, exact=False).first
    line.get_by_role("radio", name=mark, exact=True).check()


def chip(page, name, minutes):
    chips = page.get_by_role("group", name=f"Minutes to choose for {name}")
    return chips.get_by_role("button", name=f"{minutes} minutes", exact=True)


def state(page):
    return page.locator("[data-state]")


def is_chosen(page, name, mark):
    line = page.get_by_role("group", name=name, exact=False).first
    return expect(line.get_by_role("radio", name=mark, exact=True))


def marks(run):
    made = Mark.objects.filter(session__run=run).order_by("booking__person__name")
    return {
        one.booking.person.name: f"{one.kind} {one.minutes_missed}".removesuffix(" 0")
        for one in made
    }


def three_taps(page):
    tap(page, "Ann Early", "Present")
    tap(page, "Bob Absent", "Absent")
    tap(page, "Cat Late", "Late")
    chip(page, "Cat Late", 10).click()


THREE = {"Ann Early": "present", "Bob Absent": "absent", "Cat Late": "late 10"}


def three_are_there(page):
    is_chosen(page, "Ann Early", "Present").to_be_checked()
    is_chosen(page, "Bob Absent", "Absent").to_be_checked()
    is_chosen(page, "Cat Late", "Late").to_be_checked()
    expect(page.get_by_label("Minutes missed by Cat Late")).to_have_value("10")


def add_walk_in(page):
    mary = PostFactory(person__name="Mary May", agency__name="City Midwifery").person
    page.get_by_role("link", name="Add somebody who came unbooked").click()
    page.get_by_label("Their email address").fill(mary.email)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Add to the register").click()
    expect(page.get_by_text("Mary May is on the register.")).to_be_visible()


def test_taps_are_sent_without_save_and_are_there_after_a_walk_in_and_a_kill(phone, run):
    page = phone()
    expect(state(page)).to_have_text("All saved")
    three_taps(page)
    expect(state(page)).to_have_text("All saved")
    assert marks(run) == THREE
    add_walk_in(page)
    three_are_there(page)
    tap(page, "Mary May", "Present")
    phone.kill()
    page = phone()
    three_are_there(page)
    is_chosen(page, "Mary May", "Present").to_be_checked()
    expect(state(page)).to_have_text("All saved")
    assert marks(run) == THREE | {"Mary May": "present"}
    assert set(SentMark.objects.values_list("state", flat=True)) == {"taken"}


def test_taps_that_cannot_be_sent_outlive_a_walk_in_and_a_kill(phone, run):
    page = phone()
    page.route("**/sent/", lambda route: route.abort())
    three_taps(page)
    expect(state(page)).to_have_text("3 waiting")
    expect(page.get_by_text("They are kept on this phone.")).to_be_visible()
    add_walk_in(page)
    three_are_there(page)
    expect(state(page)).to_have_text("3 waiting")
    assert marks(run) == {}
    phone.kill()
    page = phone()
    three_are_there(page)
    expect(state(page)).to_have_text("All saved")
    assert marks(run) == THREE


def test_taps_without_a_network_outlive_a_link_that_leads_nowhere_and_a_kill(phone, run):
    page = phone()
    page.wait_for_function("() => navigator.serviceWorker.controller")
    page.wait_for_function(
        "async () => (await (await caches.open('register-files')).keys()).length > 3"
    )
    page.context.set_offline(True)
    three_taps(page)
    expect(state(page)).to_have_text("3 waiting")
    page.get_by_role("link", name="Add somebody who came unbooked").click()
    expect(page.get_by_role("heading", name="There is no network")).to_be_visible()
    page.go_back()
    three_are_there(page)
    phone.kill()
    page = phone(offline=True)
    three_are_there(page)
    expect(state(page)).to_have_text("3 waiting")
    assert marks(run) == {}
    page.context.set_offline(False)
    expect(state(page)).to_have_text("All saved")
    assert marks(run) == THREE


def test_a_register_that_was_saved_is_whole_without_a_network(phone, run):
    page = phone()
    page.wait_for_function("() => navigator.serviceWorker.controller")
    # Kept as it was before the taps: no page is fetched again.
    page.wait_for_function("async () => Boolean(await caches.match(location.pathname))")
    page.route("**/*kept=yes", lambda route: route.abort())
    three_taps(page)
    expect(state(page)).to_have_text("All saved")
    assert marks(run) == THREE
    page.context.set_offline(True)
    page.goto(f"/register/{run.pk}/")
    three_are_there(page)
    tap(page, "Ann Early", "Apologies")
    expect(state(page)).to_have_text("1 waiting")
    page.context.set_offline(False)
    expect(state(page)).to_have_text("All saved")
    assert marks(run) == THREE | {"Ann Early": "apologies"}
    assert set(SentMark.objects.values_list("state", flat=True)) == {"taken"}


def test_a_page_that_is_left_at_once_takes_the_last_tap_along(phone, run):
    page = phone()
    page.add_init_script(OPENED_ONCE)
    page.reload()
    page.route("**/sent/", lambda route: route.abort())
    for name in NAMES:
        page.evaluate(
            """name => {
                const lines = [...document.querySelectorAll(".register__person")];
                const line = lines.find((one) => one.textContent.includes(name));
                line.querySelector("input[value=present]").click();
                location.assign("/register/");
            }""",
            name,
        )
        expect(page.get_by_role("heading", name="Registers")).to_be_visible()
        page.go_back()
        is_chosen(page, name, "Present").to_be_checked()
    expect(state(page)).to_have_text("4 waiting")
    page.unroute("**/sent/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(state(page)).to_have_text("All saved")
    assert marks(run) == dict.fromkeys(NAMES, "present")


@pytest.mark.parametrize(
    ("mark", "words"), [("Late", "late"), ("Left early", "left_early")], ids=["late", "left early"]
)
def test_who_lacks_minutes_keeps_nobody_waiting(visit, run, mark, words):
    page = visit(run.trainers.get(), **PHONE)
    page.add_init_script(NO_INTERVALS)
    page.goto(f"/register/{run.pk}/")
    tap(page, "Cat Late", mark)
    line = page.get_by_role("group", name="Cat Late").first
    expect(line.get_by_text(f"{mark}: say how many minutes")).to_be_visible()
    for name in ("Ann Early", "Bob Absent", "Dee Present"):
        tap(page, name, "Present")
    expect(state(page)).to_have_text("Minutes missing for 1")
    expect(page.get_by_text("say how many minutes")).to_have_count(1)
    others = dict.fromkeys(("Ann Early", "Bob Absent", "Dee Present"), "present")
    expect(page.get_by_text("Enter minutes for Cat Late.")).to_be_attached()
    page.reload()  # the mark without its minutes waits too
    is_chosen(page, "Cat Late", mark).to_be_checked()
    expect(line.get_by_text(f"{mark}: say how many minutes")).to_be_visible()
    assert marks(run) == others
    page.get_by_label("Minutes missed by Cat Late").fill("500")
    expect(
        page.get_by_text("Enter how many minutes Cat Late missed, from 1 to 420")
    ).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Minutes missed by Cat Late")).to_be_focused()
    assert marks(run) == others
    for minutes in (5, 10, 15, 30):
        chip(page, "Cat Late", minutes).click()
        expect(chip(page, "Cat Late", minutes)).to_have_attribute("aria-pressed", "true")
        expect(state(page)).to_have_text("All saved")
        assert marks(run) == others | {"Cat Late": f"{words} {minutes}"}
        assert chip(page, "Cat Late", minutes).bounding_box()["height"] >= 44
    page.context.set_offline(True)  # So that it is seen to wait.
    page.get_by_label("Minutes missed by Cat Late").fill("7")
    expect(state(page)).to_have_text("1 waiting")
    page.context.set_offline(False)
    expect(state(page)).to_have_text("All saved")
    assert marks(run) == others | {"Cat Late": f"{words} 7"}


def test_an_error_of_the_server_is_said_and_the_marks_wait(phone, run):
    page = phone()
    page.route("**/sent/", lambda route: route.fulfill(status=500, body="Oops"))
    tap(page, "Ann Early", "Present")
    expect(page.get_by_text("Not saved: our server could not take 1 mark.")).to_be_visible()
    expect(state(page)).to_have_text("1 waiting")
    page.unroute("**/sent/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(state(page)).to_have_text("All saved")
    expect(page.get_by_text("Not saved")).to_be_hidden()
    assert marks(run) == {"Ann Early": "present"}


def test_fifteen_present_and_signed_off_are_three_taps(visit, run):
    for number in range(11):
        BookingFactory(run=run, person__name=f"Person {number}")
    page = visit(run.trainers.get(), **PHONE)
    page.goto(f"/register/{run.pk}/")
    page.get_by_role("button", name="Mark everyone present").click()
    expect(page.get_by_text("15 of 15 present.")).to_be_visible()
    page.get_by_role("button", name="Save and go on to sign off").click()
    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_role("heading", name="Register signed off")).to_be_visible()
    assert set(marks(run).values()) == {"present"}


def test_taps_are_heard_once_when_they_are_saved(visit, run):
    page = visit(run.trainers.get(), **PHONE)
    page.goto(f"/register/{run.pk}/")
    page.evaluate(
        """() => {
            window.heard = [];
            for (const region of document.querySelectorAll("[role=status], [aria-live]"))
                new MutationObserver(() => window.heard.push(region.textContent)).observe(
                    region, { childList: true, characterData: true, subtree: true });
        }"""
    )
    for name in NAMES:
        tap(page, name, "Present")
    expect(page.get_by_text("4 of 4 present.")).to_be_attached()
    assert page.evaluate("window.heard.filter(Boolean)") == ["Saved: 4 of 4 present."]
