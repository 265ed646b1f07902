"""What does a place cost an agency: attended, cancelled late, or left empty?

Nothing is paid here. A charge is recorded, may be waived, and is told to the finance system once.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

import history
from courses import deadlines, roll
from courses.models import Booking, BookingPolicy, Charge, Fee, Run

if TYPE_CHECKING:
    from agencies.models import Agency, Person

    By = Person | str

Kind = Charge.Kind
NOTHING = Decimal("0.00")
HALF_A_DAY = Decimal("0.5")
REGISTER_CORRECTED = "The register was corrected"


class ChargingRefused(Exception):
    """Why a charge stays as it is: a sentence for the training office."""


def late_charge(booking: Booking) -> Decimal:
    """What giving up this place costs at this moment, in GBP: nothing while cancelling is free.

    Nor where a place that the person had on the date before is charged: they leave one empty.
    """
    if not deadlines.costs_now(booking.run) or _is_charged_already(booking):
        return NOTHING
    return price_of_an_empty_place(booking.run)


def price_of_an_empty_place(run: Run, policy: BookingPolicy | None = None) -> Decimal:
    """GBP for a place that was given up late or left empty. Source: rules.md, 'Booking'."""
    policy = policy or BookingPolicy.load()
    days = days_of(run, policy)
    charge = policy.half_day_charge if days == HALF_A_DAY else policy.day_charge * days
    return Decimal(charge).quantize(NOTHING)


def fee(run: Run, agency: Agency) -> Decimal:
    """GBP for attending: a day's fee of the agency's sector, for each day; nothing where free."""
    if not run.course.charges_fee:
        return NOTHING
    rate = Fee.objects.filter(sector=agency.sector_id).first()
    return (rate.a_day * days_of(run)).quantize(NOTHING) if rate else NOTHING


def days_of(run: Run, policy: BookingPolicy | None = None) -> Decimal:
    """Half a day up to some taught hours, else the days on which it is taught."""
    policy = policy or BookingPolicy.load()
    sessions = list(run.sessions.all())
    hours = Decimal(roll.minutes_taught(sessions)) / 60 if sessions else run.course.hours
    if hours <= policy.half_day_hours:
        return HALF_A_DAY
    return Decimal(len({timezone.localdate(s.starts_at) for s in sessions}) or 1)


def charge_late(booking: Booking, *, by: By) -> Charge | None:
    """The agency is charged for a place given up now; None while that is free."""
    return _charge(booking, Kind.LATE, late_charge(booking), by=by)


def charge_absent(booking: Booking, *, by: By) -> Charge | None:
    """The agency is charged for a place that was left empty, whatever its sector; once."""
    if _is_charged_already(booking):
        return None
    charge = _charge(booking, Kind.ABSENT, price_of_an_empty_place(booking.run), by=by)
    return _stands_again(charge, by=by) if charge else None


def charge_fee(booking: Booking, *, by: By) -> Charge | None:
    """The agency is charged for attending, if its sector pays for this course."""
    charge = _charge(booking, Kind.FEE, fee(booking.run, booking.agency), by=by)
    return _stands_again(charge, by=by) if charge else None


def follow_register(run: Run, *, by: By) -> None:
    """Who came is charged the fee, who did not is charged for the empty place; nobody both.

    When the register is signed off and whenever it is corrected afterwards; the caller has locked
    the run. What no longer holds is withdrawn. Apologies on the day leave the place empty too. Whom
    nobody marked is charged with the office's release: a forgotten register charges nobody.
    """
    prefetch_related_objects([run], "sessions")
    for line in roll.lines_of(run):
        line.booking.run = run
        if line.came:
            _withdraw(line.booking, Kind.ABSENT, by=by)
            charge_fee(line.booking, by=by)
        else:
            _withdraw(line.booking, Kind.FEE, by=by)
            if line.booking.absence_told_at or not line.is_guessed:
                charge_absent(line.booking, by=by)


def waive(charge: Charge, *, by: By, reason: str) -> Charge:
    """Nobody will ask for this. Exported already, it goes out again as a credit.

    Asked again, nothing changes. Raises ChargingRefused without a reason.
    """
    if not reason.strip():
        raise ChargingRefused("Say why this charge is waived: the agency can read it.")
    with transaction.atomic():
        charge = Charge.objects.select_for_update().get(pk=charge.pk)
        if charge.waived_at:
            return charge
        charge.waived_at, charge.waiver_reason = timezone.now(), reason.strip()[:240]
        charge.save(update_fields=["waived_at", "waiver_reason"])
        history.record("charge.waived", charge, by=by, now={"waived": True})
    return charge


def export(*, by: Person) -> dt.datetime | None:
    """All that the finance system does not know yet is marked as told to it at this moment.

    Charges that are owed, and credits for those waived since they were exported. None when there
    is nothing new. Two at once never export the same charge: each UPDATE decides.
    """
    with transaction.atomic():
        now = timezone.now()
        charges = Charge.objects.to_export().update(exported_at=now)
        credited = Charge.objects.to_credit().update(credited_at=now)
        for charge in Charge.objects.told_at(now):
            history.record("charge.exported", charge, by=by, now={"credit": charge.is_credited})
    return now if charges or credited else None


def _charge(booking: Booking, kind: str, amount: Decimal, *, by: By) -> Charge | None:
    """One charge a booking and kind, with today's amount; none of nothing."""
    if not amount:
        return None
    charge, is_new = Charge.objects.get_or_create(
        booking=booking,
        kind=kind,
        defaults={
            "agency_id": booking.agency_id,
            "amount": amount,
            "cost_code": booking.cost_code,
            "made_at": timezone.now(),
        },
    )
    if is_new:
        history.record(
            "charge.made", charge, by=by, now={"kind": str(kind), "amount": str(charge.amount)}
        )
    return charge


def _is_charged_already(booking: Booking) -> bool:
    """For another place of this person on the date, which they gave up late."""
    others = Charge.objects.owed().filter(
        kind=Kind.LATE, booking__run=booking.run_id, booking__person=booking.person_id
    )
    return others.exclude(booking=booking).exists()


def _withdraw(booking: Booking, kind: str, *, by: By) -> None:
    for charge in Charge.objects.owed().filter(booking=booking, kind=kind):
        waive(charge, by=by, reason=REGISTER_CORRECTED)


def _stands_again(charge: Charge, *, by: By) -> Charge:
    """What only the register had withdrawn; what a person waived stays waived.

    A credit that finance has been told of is followed by a new charge.
    """
    if charge.waiver_reason != REGISTER_CORRECTED:
        return charge
    if charge.credited_at:
        charge.exported_at = charge.credited_at = None
    charge.waived_at, charge.waiver_reason = None, ""
    charge.save(update_fields=["waived_at", "waiver_reason", "exported_at", "credited_at"])
    history.record("charge.reinstated", charge, by=by, now={"waived": False})
    return charge
