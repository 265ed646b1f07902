"""Test that clashes are told by session, and that a late charge falls away."""

import datetime as dt

import pytest
from django.utils import timezone

from courses.attendance import register
from courses.attendance.register import Attendance
from courses.booking import booking
from courses.models import Booking, Charge, Mark
from courses.rules import charging, eligibility, ledger
from courses.scheduling import scheduling
from history.models import Event
from tests.factories import BookingFactory, MarkFactory, PersonFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db


def of(*times):
    return [(in_days(day, begin), in_days(day, end)) for day, begin, end in times]


@pytest.mark.parametrize(
    ("asked", "clashes"),
    [
        ([(12, "09:30", "12:30")], False),  # between the two days
        ([(10, "13:00", "16:00")], False),  # in the afternoon of the first
        ([(10, "12:30", "13:30")], False),  # begins when the other ends
        ([(10, "12:00", "14:00")], True),
        ([(20, "08:00", "17:00")], True),
        ([(9, "09:30", "12:30"), (11, "09:30", "12:30"), (21, "09:30", "12:30")], False),
        ([(9, "09:30", "12:30"), (20, "11:00", "11:30")], True),
    ],
)
def test_a_clash_is_of_sessions_and_not_of_what_lies_between_them(asked, clashes):
    two_days = RunFactory(sessions=of((10, "09:30", "12:30"), (20, "09:30", "12:30")))
    held = BookingFactory(run=two_days)
    wanted = RunFactory(sessions=of(*asked))
    expected = [held] if clashes else []
    assert eligibility.clashes(wanted, held.person) == expected


def charged_late(run, person):
    """Return a booking of this person that was given up late, and its charge."""
    given_up = BookingFactory(run=run, person=person)
    booking.withdraw(given_up, by=person)
    return given_up, Charge.objects.get(booking=given_up, kind="late")


def test_nobody_pays_for_giving_up_a_date_that_the_organiser_then_cancels():
    run = RunFactory(starts_at=in_days(1))
    charges = [charged_late(run, PersonFactory())[1] for _ in range(2)]
    charging.waive(charges[1], by="OFFICE", reason="Their child was ill.")
    other = charged_late(RunFactory(starts_at=in_days(1)), PersonFactory())[1]
    scheduling.cancel(run, by="OFFICE", reason="The trainer is ill.")
    first, second, other = Charge.objects.order_by("pk")
    assert first.waiver_reason == ledger.DATE_CANCELLED
    assert second.waiver_reason == "Their child was ill."
    assert other.waived_at is None
    assert [e.action for e in Event.objects.about(first)] == ["charge.waived", "charge.made"]


def test_what_finance_has_been_told_is_credited_when_the_organiser_cancels():
    run = RunFactory(starts_at=in_days(1))
    charge = charged_late(run, PersonFactory())[1]
    charging.export(by=PersonFactory())
    scheduling.cancel(run, by="OFFICE", reason="The trainer is ill.")
    assert list(Charge.objects.to_credit()) == [charge]


def signed_off(marked, *, by):
    """Sign off a run on which somebody gave up a place late, booked again and was marked so."""
    run, person = RunFactory(starts_at=in_days(1)), PersonFactory()
    _, late = charged_late(run, person)
    again = BookingFactory(run=run, person=person)
    session = run.sessions.get()
    begins = timezone.now() - dt.timedelta(hours=8)
    run.sessions.update(starts_at=begins, ends_at=begins + dt.timedelta(hours=7))
    scheduling.settle_dates(run, by="OFFICE")
    MarkFactory(session=session, booking=again, kind=marked)
    run.refresh_from_db()
    register.close(run, by=by)
    return again, session, late


def owed():
    return [(charge.kind, charge.booking_id) for charge in Charge.objects.owed()]


def test_who_gave_up_late_and_came_after_all_pays_nothing_and_a_correction_is_followed(office):
    again, session, late = signed_off(Mark.Kind.PRESENT, by=office)
    assert owed() == []
    late.refresh_from_db()
    assert late.waiver_reason == ledger.CAME_AFTER_ALL
    absent = {again.pk: Attendance(Mark.Kind.ABSENT)}
    register.correct(session, absent, by=office, reason="Another Sam.")
    assert owed() == [("late", late.booking_id)]
    present = {again.pk: Attendance(Mark.Kind.PRESENT)}
    register.correct(session, present, by=office, reason="It was Sam after all.")
    assert owed() == []
    assert Booking.objects.get(pk=late.booking_id).state == Booking.State.WITHDRAWN


def test_who_gave_up_late_and_did_not_come_either_pays_once(office):
    _, _, late = signed_off(Mark.Kind.ABSENT, by=office)
    assert owed() == [("late", late.booking_id)]
