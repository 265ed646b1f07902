"""Set what a sector pays to attend a course that charges."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from courses.models import Fee
from history import records

if TYPE_CHECKING:
    from agencies.models import Person, Sector


def set_fee(sector: Sector, a_day: Decimal, *, by: Person | str) -> Fee:
    """Set a sector's fee, in GBP a day; charges that are recorded already stay as they are."""
    fee = Fee.objects.filter(sector=sector).first() or Fee(sector=sector)
    fee.a_day = a_day
    return records.save(fee, by=by, action="fee.set")
