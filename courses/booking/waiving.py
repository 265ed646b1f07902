"""Waive a charge, and tell whoever was told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from courses.notices import charged
from courses.rules import charging

if TYPE_CHECKING:
    from agencies.models import Person
    from courses.models import Charge


@transaction.atomic
def waive(charge: Charge, *, by: Person | str, reason: str) -> Charge:
    """Waive a charge; who was told of it is told that it fell away. Idempotent.

    Raises ChargingRefused without a reason.
    """
    waived = charging.waive(charge, by=by, reason=reason)
    charged.compare_one(waived)
    return waived
