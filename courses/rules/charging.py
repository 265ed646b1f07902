"""Charge agencies for places attended, cancelled late or left empty.

No payment is taken here. A charge is recorded, may be waived, and is exported once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

import history
from courses.models import Booking, BookingPolicy, Charge, Fee, Run
from courses.rules import completion_rule, deadlines, ledger
from courses.rules.ledger import CAME_AFTER_ALL, DATE_CANCELLED, Ledger
from lms.gathering import batch, memoised
from lms.refused import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Agency, Person

    By = Person | str

Kind = Charge.Kind
NOTHING = Decimal("0.00")
HALF_A_DAY = Decimal("0.5")


class ChargingRefused(Refused):
    """Charge that cannot be changed; the message is for the training office."""


def late_charge(booking: Booking) -> Decimal:
    """Return what giving up this place now costs, in GBP; nothing while cancelling is free.

    Nothing either where another place of this person on the run is charged: one place stays empty.
    """
    if not deadlines.costs_now(booking.run) or _is_charged_already(booking):
        return NOTHING
    return price_of_an_empty_place(booking.run)


def price_of_an_empty_place(run: Run, policy: BookingPolicy | None = None) -> Decimal:
    """Return the GBP price of a place given up late or left empty. Source: rules.md, 'Booking'."""
    policy = policy or BookingPolicy.load()
    days = days_of(run, policy)
    charge = Decimal(policy.half_day_charge if days == HALF_A_DAY else policy.day_charge * days)
    if run.costs_at_most is not None:
        charge = min(charge, run.costs_at_most)
    return charge.quantize(NOTHING)


def fee(run: Run, agency: Agency) -> Decimal:
    """Return the fee for attending, in GBP: the sector's daily fee times the days; 0 where free."""
    if not run.course.charges_fee:
        return NOTHING
    rates = memoised("fees", lambda: dict(Fee.objects.values_list("sector", "a_day")))
    rate = rates.get(agency.sector_id)
    return (rate * days_of(run)).quantize(NOTHING) if rate is not None else NOTHING


def days_of(run: Run, policy: BookingPolicy | None = None) -> Decimal:
    """Return 0.5 up to the policy's half-day hours of teaching, else the number of days taught."""
    policy = policy or BookingPolicy.load()
    sessions = list(run.sessions.all())
    hours = Decimal(completion_rule.minutes_taught(sessions)) / 60 if sessions else run.course.hours
    if hours <= policy.half_day_hours:
        return HALF_A_DAY
    return Decimal(len({timezone.localdate(s.starts_at) for s in sessions}) or 1)


def charge_late(booking: Booking, *, by: By) -> Charge | None:
    """Charge the agency for a place given up now; return None while that is free."""
    if not (amount := late_charge(booking)):
        return None
    with ledger.changing(booking.run, [booking], by=by) as charges:
        return charges.make(booking, Kind.LATE, amount)


def charge_absent(run: Run, bookings: Sequence[Booking], *, by: By) -> None:
    """Charge agencies of every sector for places left empty, each place once."""
    price = price_of_an_empty_place(run)
    with ledger.changing(run, bookings, by=by) as charges:
        for booking in bookings:
            _charge_absent(booking, price, charges)


def owed_for_absence(bookings: Iterable[Booking]) -> dict[int, Charge]:
    """Return by booking (pk) the charge for its empty place, unless waived."""
    owed = Charge.objects.owed().filter(kind=Kind.ABSENT)
    found = owed.filter(booking__in=[booking.pk for booking in bookings])
    return {charge.booking_id: charge for charge in found}


def follow_register(run: Run, *, by: By) -> None:
    """Charge by the register: a fee for attendance, the empty-place price for absence.

    Run at sign-off and after each correction, with the run locked. Withdraws charges that no longer
    hold, also for a place given up late by somebody who came after all. Apologies on the day leave
    the place empty too. A person nobody marked is charged only with the office's release, as the
    register may have been forgotten.
    """
    prefetch_related_objects([run], "sessions")
    lines, price = completion_rule.attendance_lines(run), price_of_an_empty_place(run)
    given_up = list(_charged_late(run))
    of_person: dict[int, list[Booking]] = {}
    for booking in given_up:
        of_person.setdefault(booking.person_id, []).append(booking)
    bookings = [line.booking for line in lines] + given_up
    with ledger.changing(run, bookings, by=by) as charges:
        for line in lines:
            late = [b for b in of_person.get(line.booking.person_id, ()) if b != line.booking]
            _follow(line, late, fee(run, line.booking.agency), price, charges)


def forgive_late(run: Run, *, by: By) -> None:
    """Withdraw what is owed for places given up late, as the organiser has cancelled the date."""
    given_up = list(_charged_late(run))
    with ledger.changing(run, given_up, by=by) as charges:
        for booking in given_up:
            charges.withdraw(booking, Kind.LATE, DATE_CANCELLED)


def waive(charge: Charge, *, by: By, reason: str) -> Charge:
    """Waive a charge; one already exported is exported again as a credit.

    Idempotent. Raises ChargingRefused without a reason.
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
    """Mark all that the finance system lacks as exported; return the time, None if nothing new.

    Covers charges owed, and credits for charges waived since their export. Safe to run twice at
    once: each UPDATE claims its rows.
    """
    with transaction.atomic(), batch():
        now = timezone.now()
        charges = Charge.objects.to_export().update(exported_at=now)
        credited = Charge.objects.to_credit().update(credited_at=now)
        for charge in Charge.objects.told_at(now):
            history.record("charge.exported", charge, by=by, now={"credit": charge.is_credited})
    return now if charges or credited else None


def _follow(
    line: completion_rule.AttendanceLine,
    given_up: Sequence[Booking],
    fee: Decimal,
    price: Decimal,
    charges: Ledger,
) -> None:
    """Charge one person; `given_up` are their other bookings with a charge for giving up late."""
    booking = line.booking
    if line.came:
        for each in given_up:
            charges.withdraw(each, Kind.LATE, CAME_AFTER_ALL)
        charges.withdraw(booking, Kind.ABSENT)
        charges.make_or_reinstate(booking, Kind.FEE, fee)
        return
    charges.withdraw(booking, Kind.FEE)
    for each in given_up:
        charges.reinstate(each, Kind.LATE, CAME_AFTER_ALL)
    is_charged = any(charges.is_owed(each, Kind.LATE) for each in given_up)
    if not is_charged and (booking.absence_told_at or not line.is_guessed):
        charges.make_or_reinstate(booking, Kind.ABSENT, price)


def _charge_absent(booking: Booking, price: Decimal, charges: Ledger) -> None:
    if not _is_charged_already(booking):
        charges.make_or_reinstate(booking, Kind.ABSENT, price)


def _is_charged_already(booking: Booking) -> bool:
    """Return whether the person is charged late for another place that they had on this run."""
    charged = memoised(("owed late", booking.run_id), lambda: _owed_late(booking.run_id))
    return bool(charged.get(booking.person_id, set()) - {booking.pk})


def _charged_late(run: Run) -> QuerySet[Booking]:
    """Return the bookings of a run with a charge for giving up late, owed or waived."""
    late = Charge.objects.filter(kind=Kind.LATE).values("booking")
    return Booking.objects.filter(run=run, pk__in=late).order_by("pk")


def _owed_late(run: int) -> dict[int, set[int]]:
    """Return by person (pk) the bookings of a run for which a late charge is owed."""
    owed = Charge.objects.owed().filter(kind=Kind.LATE, booking__run=run)
    found: dict[int, set[int]] = {}
    for person, booking in owed.values_list("booking__person", "booking"):
        found.setdefault(person, set()).add(booking)
    return found
