"""Keep with a booking that it counts as complete though the minutes fall short, and why."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils import timezone

import history
from courses.models import Booking

if TYPE_CHECKING:
    from agencies.models import Person

COUNTED, TAKEN_BACK = "completion.counted", "completion.count_taken_back"


def put_on(booking: Booking, reason: str, *, missed: int, by: Person) -> None:
    """Record the exception with its reason; the caller has locked the run."""
    booking.complete_because, booking.counted_by = reason, by
    booking.counted_at = timezone.now()
    booking.save(update_fields=["complete_because", "counted_at", "counted_by"])
    now = {"counted": True, "missed": missed}
    history.record(COUNTED, booking, by=by, was={"counted": False}, now=now)


def take_off(bookings: Collection[Booking], *, by: Person) -> None:
    """Remove the exception from these bookings; the caller has locked the run."""
    if not bookings:
        return
    found = Booking.objects.filter(pk__in=[booking.pk for booking in bookings])
    found.update(complete_because="", counted_at=None, counted_by=None)
    for booking in bookings:
        booking.complete_because, booking.counted_at, booking.counted_by = "", None, None
    history.record_each(
        TAKEN_BACK,
        [(booking, {"counted": True}, {"counted": False}) for booking in bookings],
        by=by,
    )
