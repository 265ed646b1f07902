"""Test the nightly checks and clean-up of bookings."""

import pytest
from django.core.management import call_command

from courses.booking import nightly_checks
from courses.models import Booking, Run
from courses.privacy import AccessNeeds
from history.models import Event
from lms.models import Mail
from privacy import erasing
from tests.factories import BookingFactory, in_days

pytestmark = pytest.mark.django_db


def test_a_counter_that_is_wrong_is_told_to_the_office_once_a_day():
    run = BookingFactory().run
    nightly_checks.check_counters()
    assert not Mail.objects.exists()
    Run.objects.filter(pk=run.pk).update(taken=3)
    nightly_checks.check_counters()
    nightly_checks.check_counters()
    mail = Mail.objects.get()
    assert mail.to == "training@board.example.org"
    assert f"Date {run.pk}: counted 3, held 1" in mail.text


def test_what_people_need_is_forgotten_30_days_after_the_date_and_recorded():
    old = BookingFactory(run__starts_at=in_days(-31), access_needs="A ramp")
    new = BookingFactory(run__starts_at=in_days(-29), access_needs="Hearing loop")
    left = BookingFactory(state="withdrawn", ended_at=in_days(-31), access_needs="A reader")
    assert (erasing.apply(AccessNeeds()), erasing.apply(AccessNeeds())) == (2, 0)
    kept = dict(Booking.objects.values_list("pk", "access_needs"))
    assert kept == {old.pk: "", new.pk: "Hearing loop", left.pk: ""}
    event = Event.objects.about(old).get()
    assert (event.action, event.by_process, event.was, event.now) == (
        "booking.access_needs_forgotten", "NIGHTLY", {}, {},
    )  # fmt: skip


def test_the_nights_work_is_done_by_hand_too_and_twice(capsys):
    BookingFactory(run__starts_at=in_days(-31), access_needs="A ramp")
    call_command("nightly")
    call_command("nightly")
    assert Booking.objects.get().access_needs == ""
    assert "Every nightly check was run." in capsys.readouterr().out
