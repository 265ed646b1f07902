"""Approve several requests together, with an outcome for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from courses.booking import booking
from courses.booking.group_booking import Outcome
from courses.models import Booking

if TYPE_CHECKING:
    from agencies.models import Person


def approve_each(requests: Iterable[Booking], *, by: Person) -> list[Outcome]:
    """Approve each request by itself: one that is refused does not hold up the others."""
    outcomes = []
    for request in requests:
        try:
            approved, refusal = booking.approve(request, by=by), ""
        except booking.BookingRefused as refused:
            approved, refusal = request, str(refused)
        outcomes.append(Outcome(request.person.name, approved, refusal))
    for outcome in outcomes:
        if outcome.booking:  # Approving one may have moved another.
            outcome.booking.refresh_from_db(fields=["state", "holds_place", "offered_until"])
    return outcomes
