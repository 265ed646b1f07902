"""Test that walk-ins and people whose marks are corrected get the right certificates."""

import datetime as dt
import re

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from certificates.models import Certificate
from courses.attendance import register
from courses.attendance.marking import Attendance
from tests.factories import BookingFactory, PersonFactory, PostFactory, RunFactory

PHONE = {"width": 390, "height": 844}
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


@pytest.fixture
def run(own_database):
    starts_at = timezone.now() - dt.timedelta(hours=7)
    trainer = PersonFactory(name="Tess Trainer")
    return RunFactory(course__title="Supervision", starts_at=starts_at, trainers=[trainer])


def choose(page, name, mark):
    page.get_by_role("group", name=name).get_by_role("radio", name=mark, exact=True).check()


@both_ways
def test_who_came_unbooked_is_added_marked_and_holds_a_certificate(visit, run, javascript):
    mary = PostFactory(person__name="Mary May", agency__name="City Midwifery").person

    page = visit(run.trainers.get(), javascript=javascript, **PHONE)
    page.goto(f"/register/{run.pk}/")
    page.get_by_role("link", name="Add somebody who came unbooked").click()
    page.get_by_label("Their email address").fill(mary.email)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This is Mary May of City Midwifery.")).to_be_visible()
    page.get_by_role("button", name="Add to the register").click()
    choose(page, "Mary May", "Present")
    page.get_by_role("button", name="Save and go on to sign off").click()
    expect(page.get_by_role("heading", name="Sign off the register")).to_be_visible()
    page.get_by_role("button", name="Sign off the register").click()
    expect(page.get_by_role("heading", name="Register signed off")).to_be_visible()
    call_command("worker", batch=True)  # makes the certificates

    holder = visit(mary, javascript=javascript, **PHONE)
    holder.goto("/my/")
    holder.get_by_role("link", name=re.compile("^Certificate ")).first.click()
    expect(holder.get_by_text("Mary May").first).to_be_visible()
    assert Certificate.objects.live().get().holder == mary


@both_ways
def test_a_correction_gives_one_certificate_and_revokes_another(visit, run, javascript):
    ann, bob = (BookingFactory(run=run, person__name=name) for name in ("Ann Early", "Bob Away"))
    trainer = run.trainers.get()
    marks = {ann.pk: Attendance("absent"), bob.pk: Attendance("present")}
    register.mark(run.sessions.get(), marks, by=trainer)
    register.close(run, by=trainer)
    call_command("worker", batch=True)  # makes the certificates
    revoked = Certificate.objects.live().get()
    assert revoked.holder == bob.person

    page = visit(trainer, javascript=javascript, **PHONE)
    page.goto(f"/register/{run.pk}/")
    page.get_by_role("link", name="correct the register").click()
    choose(page, "Ann Early", "Present")
    choose(page, "Bob Away", "Absent")
    page.get_by_role("button", name="Save the correction").last.click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("Why is it corrected?").fill("Two names were mistaken for each other.")
    page.get_by_role("button", name="Save the correction").last.click()
    expect(page.get_by_role("heading", name="Register signed off")).to_be_visible()
    call_command("worker", batch=True)  # makes the certificates

    assert Certificate.objects.live().get().holder == ann.person
    reader = visit(javascript=javascript, **PHONE)
    reader.goto(revoked.verify_path)
    expect(reader.get_by_role("heading", name="This certificate has been revoked")).to_be_visible()
