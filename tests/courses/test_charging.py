"""Test what a place costs an agency: empty places, fees, waivers, exports to finance."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from courses.attendance import register
from courses.attendance.register import Attendance
from courses.booking import booking
from courses.models import BookingPolicy, Charge, Fee, Mark
from courses.rules import charging
from courses.rules.charging import ChargingRefused
from history.models import Event
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    ChargeFactory,
    FeeFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)
from tests.servers import at_once

pytestmark = pytest.mark.django_db
HALF_DAY = [("09:30", "13:30")]
WHOLE_DAY = [("09:30", "12:30"), ("13:30", "16:30")]


def date_of(*days, **more):
    """Create a run from 10 days ahead, with a list of (from, to) times for each day."""
    sessions = [
        (in_days(10 + number, begins), in_days(10 + number, ends))
        for number, day in enumerate(days)
        for begins, ends in day
    ]
    return RunFactory(sessions=sessions, **more)


def over(**more):
    return RunFactory(starts_at=in_days(-1), **more)


def charges(**of):
    rows = Charge.objects.filter(**of).order_by("pk")
    return [(row.kind, row.amount, row.waived_at is not None) for row in rows]


def charged_absent(booking):
    charging.charge_absent(booking.run, [booking], by="NIGHTLY")
    return Charge.objects.get(booking=booking)


def told(charge):
    return list(Event.objects.about(charge).order_by("pk").values_list("action", flat=True))


# What it costs


@pytest.mark.parametrize(
    ("days", "costs"),
    [
        ([HALF_DAY], 40),
        ([[("09:30", "13:31")]], 80),
        ([WHOLE_DAY], 80),
        ([WHOLE_DAY, WHOLE_DAY], 160),
        ([HALF_DAY, HALF_DAY], 160),
        ([[("09:30", "11:30")], [("09:30", "11:30")]], 40),
    ],
)
def test_an_empty_place_costs_by_the_taught_time(days, costs):
    assert charging.price_of_an_empty_place(date_of(*days)) == costs


@pytest.mark.parametrize(("hours", "costs"), [(4, 40), (6, 80)])
def test_without_sessions_the_hours_of_the_course_count(hours, costs):
    run = RunFactory(sessions=[], course__hours=hours)
    run.course.refresh_from_db()
    assert charging.price_of_an_empty_place(run) == costs


def test_the_rates_are_the_boards_own():
    policy = BookingPolicy.load()
    policy.half_day_charge, policy.day_charge, policy.half_day_hours = 30, Decimal("66.50"), 3
    policy.save()
    found = [charging.price_of_an_empty_place(date_of(day)) for day in ([HALF_DAY[0]], WHOLE_DAY)]
    assert found == [Decimal("66.50"), Decimal("66.50")]


@pytest.mark.parametrize(
    ("moment", "costs"),
    [
        ("2026-03-25 23:59:59 +0000", 0),
        ("2026-03-26 00:00:00 +0000", 80),
        # Less than a day before the run.
        ("2026-03-27 12:00:00 +0000", 80),
    ],
)
def test_cancelling_is_free_until_the_end_of_the_day_three_days_before(moment, costs):
    starts_at = dt.datetime(2026, 3, 28, 9, 30, tzinfo=dt.UTC)
    with time_machine.travel(moment, tick=False):
        booking = BookingFactory(run=RunFactory(starts_at=starts_at))
        assert charging.late_charge(booking) == costs
        made = charging.charge_late(booking, by=booking.person)
        assert (made.amount if made else 0) == costs


def test_attending_costs_where_the_course_charges_and_the_sector_pays():
    education = FeeFactory(sector__name="Education", a_day=Decimal("80")).sector
    school, trust = AgencyFactory(sector=education), AgencyFactory(sector__name="Health")
    charges, free = date_of(WHOLE_DAY, course__charges_fee=True), date_of(WHOLE_DAY)
    short = date_of(HALF_DAY, course__charges_fee=True)
    long = date_of(WHOLE_DAY, WHOLE_DAY, course__charges_fee=True)
    found = [charging.fee(run, school) for run in (charges, free, short, long)]
    assert found == [80, 0, 40, 160]
    assert charging.fee(charges, trust) == 0


# What is recorded


def test_a_charge_keeps_what_it_was_made_with():
    booking = BookingFactory(run=over(), cost_code="PO 1234")
    made = charged_absent(booking)
    BookingPolicy.objects.update(day_charge=100)
    booking.cost_code = "PO 9"
    again = charged_absent(booking)
    assert (again.pk, again.amount, again.cost_code) == (made.pk, 80, "PO 1234")
    assert again.agency == booking.agency
    assert [(e.by_process, e.now) for e in Event.objects.about(made)] == [
        ("NIGHTLY", {"kind": "absent", "amount": "80.00"})
    ]


def test_nothing_is_recorded_of_what_costs_nothing():
    booking = BookingFactory()
    assert charging.charge_late(booking, by=booking.person) is None
    MarkFactory(booking=booking)
    charging.follow_register(booking.run, by=booking.person)
    assert charges() == []


def test_one_person_leaves_one_place_empty_however_often_they_book_and_cancel_late():
    run, person = RunFactory(starts_at=timezone.now() + dt.timedelta(days=1)), PostFactory().person
    for _ in range(2):
        again = booking.request_place(run, person, by=person)
        booking.withdraw(again, by=person)
    assert charges() == [("late", Decimal("80.00"), False)]
    told = Mail.objects.filter(template="booking_withdrawn").order_by("pk")
    assert ["your agency is charged" in mail.text for mail in told] == [True, False]
    charging.waive(Charge.objects.get(), by="OFFICE", reason="The trainer was ill.")
    booking.withdraw(booking.request_place(run, person, by=person), by=person)
    assert charging.late_charge(again) == charging.NOTHING
    assert Charge.objects.owed().count() == 1


@pytest.mark.race
def test_pressed_by_many_at_once_it_is_one_charge(own_database, rounds):
    for _ in range(rounds):
        booking = BookingFactory(run=over())
        made = at_once(8, lambda _, b=booking: charged_absent(b))
        assert {charge.pk for charge in made} == {booking.charges.get().pk}
        assert told(booking.charges.get()) == ["charge.made"]


# What follows from the register


def marked(run, **names):
    """Create a booking per name, marked with the given kind if any; return them by name."""
    made = {}
    for name, kind in names.items():
        made[name] = BookingFactory(run=run, person__name=name)
        if kind:
            MarkFactory(booking=made[name], kind=kind)
    return made


def test_a_register_that_is_signed_off_charges_for_empty_places():
    run, trainer = over(), PersonFactory()
    people = marked(run, Came="present", Late="late", Sorry="apologies", Gone="absent", Unmarked="")
    register.close(run, by=trainer)
    assert {name: charges(booking=each) for name, each in people.items()} == {
        "Came": [],
        "Late": [],
        "Sorry": [("absent", 80, False)],
        "Gone": [("absent", 80, False)],
        "Unmarked": [],
    }
    register.close(run, by=trainer)
    assert Charge.objects.count() == 2


def test_whom_nobody_marked_is_charged_when_the_office_releases_the_absences():
    run, office = over(), PersonFactory()
    people = marked(run, Gone="absent", Unmarked="")
    register.close(run, by=office)
    for _ in range(2):
        register.release_absence_notices(run, by=office)
    assert charges(booking=people["Unmarked"]) == [("absent", 80, False)]
    assert Charge.objects.count() == 2
    assert Mail.objects.filter(text__contains="charged £80").count() == 2


def test_who_came_is_charged_the_fee_of_their_sector():
    run = over(course__charges_fee=True)
    people = marked(run, Came="left_early", Gone="absent")
    FeeFactory(sector=people["Came"].agency.sector, a_day=90)
    register.close(run, by=PersonFactory())
    assert charges(booking=people["Came"]) == [("fee", 90, False)]
    assert charges(booking=people["Gone"]) == [("absent", 80, False)]


def test_a_register_that_is_corrected_is_followed():
    run, office = over(course__charges_fee=True), PersonFactory()
    booking = marked(run, Somebody="absent")["Somebody"]
    FeeFactory(sector=booking.agency.sector)
    register.close(run, by=office)

    def corrected(kind):
        Mark.objects.filter(booking=booking).update(kind=kind)
        charging.follow_register(run, by=office)
        return charges(booking=booking)

    assert corrected("present") == [("absent", 80, True), ("fee", 80, False)]
    assert Charge.objects.get(kind="absent").waiver_reason == "The register was corrected"
    assert corrected("absent") == [("absent", 80, False), ("fee", 80, True)]
    assert told(Charge.objects.get(kind="absent")) == [
        "charge.made", "charge.waived", "charge.reinstated"
    ]  # fmt: skip


def test_what_a_person_waived_stays_waived_however_the_register_is_corrected():
    run, office = over(), PersonFactory()
    booking = marked(run, Somebody="absent")["Somebody"]
    register.close(run, by=office)
    charging.waive(Charge.objects.get(), by=office, reason="Taken to hospital")
    charging.follow_register(run, by=office)
    assert charges(booking=booking) == [("absent", 80, True)]


def test_marking_charges_nobody():
    run = over()
    booking = BookingFactory(run=run)
    register.mark(run.sessions.get(), {booking.pk: Attendance("absent")}, by=PersonFactory())
    assert charges() == []


# Waiving, and telling the finance system


def test_a_charge_is_waived_with_a_reason_once():
    charge, office = ChargeFactory(), PersonFactory()
    with pytest.raises(ChargingRefused, match=r"Say why"):
        charging.waive(charge, by=office, reason="  ")
    waived = charging.waive(charge, by=office, reason="Funeral")
    again = charging.waive(charge, by=office, reason="Another")
    assert (again.waived_at, again.waiver_reason) == (waived.waived_at, "Funeral")
    assert told(charge) == ["charge.waived"]


def test_the_finance_system_is_told_of_each_charge_once():
    office = PersonFactory()
    owed, waived = ChargeFactory(), ChargeFactory()
    charging.waive(waived, by=office, reason="Ill")
    moment = charging.export(by=office)
    assert list(Charge.objects.filter(exported_at=moment)) == [owed]
    assert charging.export(by=office) is None
    charging.waive(owed, by=office, reason="Ill too")
    later = charging.export(by=office)
    owed.refresh_from_db()
    assert (owed.exported_at, owed.credited_at) == (moment, later)
    assert told(owed) == ["charge.exported", "charge.waived", "charge.exported"]
    assert charging.export(by=office) is None


def test_a_credit_that_finance_knows_is_followed_by_a_new_charge():
    run, office = over(), PersonFactory()
    booking = marked(run, Somebody="absent")["Somebody"]
    register.close(run, by=office)
    charging.export(by=office)
    Mark.objects.update(kind="present")
    charging.follow_register(run, by=office)
    charging.export(by=office)
    Mark.objects.update(kind="absent")
    charging.follow_register(run, by=office)
    assert list(Charge.objects.to_export()) == [booking.charges.get()]


@pytest.mark.race
def test_two_who_export_at_once_never_export_the_same_charge(own_database, rounds):
    for _ in range(rounds):
        Charge.objects.update(exported_at=timezone.now())
        made, office = [ChargeFactory() for _ in range(5)], PersonFactory()
        moments = [moment for moment in at_once(8, lambda _: charging.export(by=office)) if moment]
        assert len(moments) == 1
        rows = Charge.objects.filter(exported_at=moments[0])
        assert rows.count() == 5
        assert [told(charge) for charge in made] == [["charge.exported"]] * 5


def test_only_an_agencys_lead_and_the_office_see_its_charges(office):
    charge = ChargeFactory()
    lead = PostFactory(agency=charge.agency, is_lead=True).person
    another = PostFactory(is_lead=True).person
    seen = [list(Charge.objects.visible_to(who)) for who in (lead, office, another)]
    assert seen == [[charge], [charge], []]
    assert list(Charge.objects.visible_to(charge.booking.person)) == []


def test_a_fee_says_whose_it_is():
    assert str(FeeFactory(sector__name="Education")) == "Education: £80 a day"
    assert Fee.objects.count() == 1
