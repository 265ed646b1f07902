"""People on a run for its back-office page: offers, requests, waiting list and quotas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agencies import mergers
from courses.back_office.runs import agency_breakdown
from courses.models import Booking, Run
from courses.rules.completion_rule import by_last_name

State = Booking.State
UNKNOWN = "Not given"


@dataclass(frozen=True)
class Share:
    """Places kept for a sector, and how many of them it has taken."""

    sector: str
    places: int
    taken: int
    release_on: object
    is_released: bool

    @property
    def still_kept(self) -> int:
        return 0 if self.is_released else max(0, self.places - self.taken)


def of_run(run: Run) -> dict[str, object]:
    """Collect offers, requests, the waiting list in order, and charts of those holding a place."""
    related = ("person", "agency__sector", "role_group")
    found = Booking.objects.live().filter(run=run).select_related(*related).with_position()
    live: list[Any] = list(found.annotate(agency_today=mergers.name_today("agency")))
    by_name = by_last_name(live)
    placed = [booking for booking in by_name if booking.holds_place]
    waiting = (b for b in live if b.state == State.WAITING or b.position)
    queue = sorted(waiting, key=lambda b: (b.position, b.moved_to or b.queued_at, b.pk))
    return {
        "offers": [b for b in by_name if b.state == State.OFFERED],
        "requests": [b for b in by_name if b.state == State.REQUESTED and not b.waits_for_job],
        "for_job": [b for b in by_name if b.is_waiting_for_job],
        "queue": queue,
        "holding": len(placed),
        "bars": [
            ("Agencies", agency_breakdown.bar(b.agency_today for b in placed)),
            ("Professions", agency_breakdown.bar(str(b.role_group or UNKNOWN) for b in placed)),
        ],
        "shares": _shares(run, placed),
        "at_their_cap": _at_their_cap(run, placed),
    }


def _shares(run: Run, placed: list[Any]) -> list[Share]:
    return [
        Share(
            sector=reserve.sector.name,
            places=reserve.places,
            taken=sum(b.agency.sector_id == reserve.sector_id for b in placed),
            release_on=reserve.release_on,
            is_released=reserve.released_at is not None,
        )
        for reserve in run.reserves.select_related("sector")
    ]


def _at_their_cap(run: Run, placed: list[Any]) -> list[str]:
    """List the agencies that have all the places that one agency may have, mergers followed."""
    if run.agency_cap is None:
        return []
    names = [booking.agency_today for booking in placed]
    return sorted({name for name in names if names.count(name) >= run.agency_cap})
