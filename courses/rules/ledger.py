"""Unit of work for a run's charges: read and lock them once, write the changes once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from courses.models import Booking, Charge, Run
from lms.gathering import A_STATEMENT, batch

if TYPE_CHECKING:
    from decimal import Decimal

    from agencies.models import Person

REGISTER_CORRECTED = "The register was corrected"
CAME_AFTER_ALL = "They came after all"
DATE_CANCELLED = "The organiser cancelled the date"
MAY_CHANGE = ["waived_at", "waiver_reason", "exported_at", "credited_at"]


class Ledger:
    """Locked charges by booking and kind; `write` saves what was changed, in order."""

    def __init__(self, bookings: Sequence[Booking]) -> None:
        charges = Charge.objects.select_for_update().order_by("pk")
        charges = charges.filter(booking__in=[booking.pk for booking in bookings])
        self.there = {(charge.booking_id, charge.kind): charge for charge in charges}
        self.made: list[Charge] = []
        self.changed: list[Charge] = []
        self.events: list[tuple[str, Charge, history.Facts]] = []

    def make(self, booking: Booking, kind: str, amount: Decimal) -> Charge | None:
        """Return the existing charge, or a new one of this amount (GBP); None for no amount."""
        if not amount:
            return None
        if (booking.pk, kind) not in self.there:
            self._add(booking, kind, amount)
        return self.there[booking.pk, kind]

    def make_or_reinstate(self, booking: Booking, kind: str, amount: Decimal) -> None:
        """Make the charge if there is none, or reinstate one that a register correction withdrew.

        A charge waived by a person stays waived. One already credited is exported anew.
        """
        self.make(booking, kind, amount)
        self.reinstate(booking, kind, REGISTER_CORRECTED)

    def reinstate(self, booking: Booking, kind: str, withdrawn_because: str) -> None:
        """Make the charge owed again, if it was withdrawn for this reason."""
        charge = self.there.get((booking.pk, kind))
        if charge is None or charge.waiver_reason != withdrawn_because:
            return
        if charge.credited_at:
            charge.exported_at = charge.credited_at = None
        charge.waived_at, charge.waiver_reason = None, ""
        self._change("charge.reinstated", charge, waived=False)

    def is_owed(self, booking: Booking, kind: str) -> bool:
        charge = self.there.get((booking.pk, kind))
        return charge is not None and charge.waived_at is None

    def withdraw(self, booking: Booking, kind: str, because: str = REGISTER_CORRECTED) -> None:
        """Waive the charge, if owed, for a reason that the agency reads."""
        charge = self.there.get((booking.pk, kind))
        if charge and charge.waived_at is None:
            charge.waived_at, charge.waiver_reason = timezone.now(), because
            self._change("charge.waived", charge, waived=True)

    def write(self, *, by: Person | str) -> None:
        Charge.objects.bulk_create(self.made, batch_size=A_STATEMENT)
        Charge.objects.bulk_update(self.changed, MAY_CHANGE, batch_size=A_STATEMENT)
        for action, charge, now in self.events:
            history.record(action, charge, by=by, now=now)

    def _add(self, booking: Booking, kind: str, amount: Decimal) -> None:
        charge = Charge(
            booking=booking,
            kind=kind,
            agency_id=booking.agency_id,
            amount=amount,
            cost_code=booking.cost_code,
            made_at=timezone.now(),
        )
        self.there[booking.pk, kind] = charge
        self.made.append(charge)
        self.events.append(("charge.made", charge, {"kind": str(kind), "amount": str(amount)}))

    def _change(self, action: str, charge: Charge, **now: bool) -> None:
        self.changed.append(charge)
        self.events.append((action, charge, now))


@contextmanager
def changing(run: Run, bookings: Sequence[Booking], *, by: Person | str) -> Iterator[Ledger]:
    """Lock the run and these bookings' charges; write the block's changes when it ends."""
    with transaction.atomic(), batch():
        Run.objects.lock(run)
        ledger = Ledger(bookings)
        yield ledger
        ledger.write(by=by)
