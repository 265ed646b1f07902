"""Test that a certificate says what was true when the register was signed off."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from agencies.models import Agency
from certificates.models import Certificate
from courses.attendance import register
from courses.attendance.register import Attendance
from courses.completion import awarding, certified, completing
from courses.models import Completion, Course, Mark, Run
from tests.factories import BookingFactory, CourseFactory, MarkFactory, RunFactory

pytestmark = pytest.mark.django_db
FACTS = {
    "title": "Neglect",
    "course_code": "NEG",
    "course_version": "3",
    "outcomes": ["See it", "Name it"],
    "hours": Decimal("6.5"),
    "format": "Virtual classroom",
    "agency": "Solent Health",
}


@pytest.fixture
def register_of(office):
    """Sign off a register; return the bookings of who was there, and of who is marked absent."""
    course = CourseFactory(
        title="Neglect", code="NEG", version=3, outcomes="See it\nName it", hours=6.5,
        renewal_months=24,
    )  # fmt: skip
    run = RunFactory(
        course=course, starts_at=timezone.now() - dt.timedelta(days=1), format="online"
    )
    came = BookingFactory(run=run, agency__name="Solent Health")
    absent = BookingFactory(run=run, agency=came.agency)
    session = run.sessions.get()
    MarkFactory(session=session, booking=came)
    MarkFactory(session=session, booking=absent, kind=Mark.Kind.ABSENT)
    register.close(run, by=office)
    return came, absent


def all_is_changed():
    Course.objects.update(
        title="Neglect and harm", code="NAH", version=4, outcomes="Another", hours=3,
        renewal_months=12,
    )  # fmt: skip
    Run.objects.update(format="classroom")
    Agency.objects.update(name="Solent and Isle Health")


def certificate_of(booking, *, by):
    completion = (
        Completion.objects.valid().select_related("booking__run", "course").get(booking=booking)
    )
    certificate = awarding.award_certificate(completion, by=by)
    refresh_on = completion.completed_on.replace(year=completion.completed_on.year + 2)
    assert certificate.refresh_on == refresh_on
    return {name: getattr(certificate, name) for name in FACTS}


def test_a_certificate_made_late_says_what_was_true_at_signing_off(register_of, office):
    came, _ = register_of
    all_is_changed()
    assert certificate_of(came, by=office) == FACTS


def test_so_does_one_that_follows_a_correction(register_of, office):
    _, absent = register_of
    all_is_changed()
    there = {absent.pk: Attendance(Mark.Kind.PRESENT)}
    register.correct(absent.run.sessions.get(), there, by=office, reason="Was there.")
    assert certificate_of(absent, by=office) == FACTS


def test_so_does_one_of_a_date_signed_off_before_this_was_kept(register_of, office):
    came, absent = register_of
    Run.objects.update(certified={})
    all_is_changed()
    there = {absent.pk: Attendance(Mark.Kind.PRESENT)}
    register.correct(absent.run.sessions.get(), there, by=office, reason="Was there.")
    assert certificate_of(absent, by=office) == FACTS | {"agency": "Solent and Isle Health"}


def test_one_that_is_given_back_says_the_same(register_of, office):
    came, _ = register_of
    completing.withdraw(Completion.objects.get(), "Of another Sam.", by=office)
    all_is_changed()
    there = {came.pk: Attendance(Mark.Kind.LATE, 1)}
    register.correct(came.run.sessions.get(), there, by=office, reason="It was Sam.")
    assert certificate_of(came, by=office) == FACTS
    assert Certificate.objects.count() == 1


def test_the_record_says_the_title_of_then(register_of):
    all_is_changed()
    assert Completion.objects.get().title == "Neglect"
    assert certified.for_issuing(Completion.objects.get())["title"] == "Neglect"
