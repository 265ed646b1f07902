"""Test that whoever was told of a charge is told once when it falls away, by whichever door."""

import pytest
from django.urls import reverse

from agencies.access import TRAINING_ADMINISTRATORS
from courses.attendance import register
from courses.attendance.register import Attendance
from courses.booking import booking, waiving
from courses.models import Charge, Mark
from courses.notices import charged
from courses.rules import charging
from courses.scheduling import scheduling
from lms.formatting import pounds
from lms.models import Mail
from tests.courses.test_clashes_and_charges import signed_off
from tests.factories import BookingFactory, MarkFactory, PersonFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db
MANAGER = "boss@harbour.example.org"


def away():
    return Mail.objects.filter(template="charge_fell_away").order_by("pk")


@pytest.fixture
def late():
    """Return a run of tomorrow and a charge for a place on it that was given up late."""
    run, person = RunFactory(starts_at=in_days(1)), PersonFactory()
    given_up = BookingFactory(run=run, person=person, manager_email=MANAGER)
    booking.withdraw(given_up, by=person)
    return run, Charge.objects.get()


def cancelled_by_the_organiser(run, charge):
    scheduling.cancel(run, by="OFFICE", reason="The trainer is ill.")
    return "The organiser cancelled the date"


def waived_by_the_office(run, charge):
    for _ in range(2):
        waiving.waive(charge, by="OFFICE", reason="Their child was ill.")
    return "Their child was ill."


@pytest.mark.parametrize("door", [cancelled_by_the_organiser, waived_by_the_office])
def test_who_was_told_of_a_late_charge_is_told_once_that_it_fell_away(late, door):
    run, charge = late
    told = Mail.objects.get(template="booking_withdrawn")
    assert "£" in told.text and told.cc == [MANAGER]
    reason = door(run, charge)
    mail = away().get()
    charged.compare(run)
    assert away().count() == 1
    assert (mail.to, mail.cc) == (charge.booking.person.email, [MANAGER])
    for part in (f"charged {pounds(charge.amount)}", reason, charge.agency.name):
        assert part in mail.text


def test_who_was_never_told_is_not_written_to(late):
    run, charge = late
    Mail.objects.filter(template="booking_withdrawn").delete()
    scheduling.cancel(run, by="OFFICE", reason="The trainer is ill.")
    charge.refresh_from_db()
    assert charge.waived_at and not away().exists()


def test_a_mail_that_named_no_charge_told_of_none(late):
    run, charge = late
    Mail.objects.filter(template="booking_withdrawn").update(text="Your place is cancelled.")
    scheduling.cancel(run, by="OFFICE", reason="The trainer is ill.")
    assert not away().exists()


def test_who_came_after_all_is_told_and_of_a_correction_back_too(office):
    again, session, late = signed_off(Mark.Kind.PRESENT, by=office)
    assert [mail.to for mail in away()] == [late.booking.person.email]
    assert "They came after all" in away().get().text
    absent = {again.pk: Attendance(Mark.Kind.ABSENT)}
    register.correct(session, absent, by=office, reason="Marked in the wrong line.")
    assert Charge.objects.owed().get(kind="late")
    owed = Mail.objects.get(template="charge_owed_again")
    assert owed.to == late.booking.person.email
    assert "The register has been corrected since" in owed.text
    charged.compare(session.run)
    assert Mail.objects.filter(template="charge_owed_again").count() == away().count() == 1


def test_an_empty_place_that_was_told_and_is_corrected_is_told_too(office):
    run = RunFactory(starts_at=in_days(-1))
    absent, untold = (BookingFactory(run=run) for _ in range(2))
    [session] = run.sessions.all()
    for each in (absent, untold):
        MarkFactory(session=session, booking=each, kind=Mark.Kind.ABSENT)
    register.close(run, by=office)
    register.release_absence_notices(run, by=office)
    Mail.objects.filter(template="did_not_come", to=untold.person.email).delete()
    came = dict.fromkeys((absent.pk, untold.pk), Attendance(Mark.Kind.PRESENT))
    register.correct(session, came, by=office, reason="Wrong line.")
    assert not Charge.objects.owed().filter(kind="absent").exists()
    assert [mail.to for mail in away()] == [absent.person.email]
    assert "The register was corrected" in away().get().text


def test_the_office_reads_before_it_waives_that_an_email_goes(client, settings, late):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS]))
    waive = reverse("charge:waive", args=[late[1].pk])
    assert "is told that it is withdrawn" in client.get(waive).content.decode()
    client.post(waive, {"reason": "Ill"})
    assert away().count() == 1
    with pytest.raises(charging.ChargingRefused):
        waiving.waive(late[1], by="OFFICE", reason=" ")
