"""Approve several requests together, with an outcome for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courses.booking import booking
from courses.models import Booking

if TYPE_CHECKING:
    from agencies.models import Person


@dataclass(frozen=True)
class Outcome:
    """Outcome for one person: the booking as it is now, or the sentence why it is not approved."""

    booking: Booking
    refusal: str = ""

    @property
    def name(self) -> str:
        return self.booking.person.name


def approve_each(requests: Iterable[Booking], *, by: Person) -> list[Outcome]:
    """Approve each request by itself: one that is refused does not hold up the others."""
    outcomes = []
    for request in requests:
        try:
            outcomes.append(Outcome(booking.approve(request, by=by)))
        except booking.BookingRefused as refusal:
            outcomes.append(Outcome(request, str(refusal)))
    for outcome in outcomes:
        # Approving one may have moved another.
        outcome.booking.refresh_from_db(fields=["state", "holds_place", "offered_until"])
    return outcomes
