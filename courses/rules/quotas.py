"""Share a run's places among agencies (caps) and sectors (reserves)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.functional import cached_property

from agencies import mergers
from courses.models import Booking, Reserve, Run

if TYPE_CHECKING:
    from agencies.models import Agency

    # (agency pk, sector pk, places held) of each agency.
    Held = Iterable[tuple[int, int, int]]


class PlaceQuotas:
    """Quotas of a run that the caller has locked, updated as places are given out.

    Counts are read lazily: a full run needs no queries.
    """

    def __init__(
        self,
        run: Run,
        *,
        reserved: dict[int, int] | None = None,
        held: Held | None = None,
        lineages: mergers.Lineages | None = None,
    ) -> None:
        self.run, self.given = run, 0
        self._lineages = lineages or mergers.lineages()
        if reserved is not None:
            self.reserved = reserved
        self._held = held

    @cached_property
    def reserved(self) -> dict[int, int]:
        return dict(self.run.reserves.unreleased().values_list("sector", "places"))

    @cached_property
    def of_agency(self) -> Counter[int]:
        return self._counted[0]

    @cached_property
    def of_sector(self) -> Counter[int]:
        return self._counted[1]

    @cached_property
    def _counted(self) -> tuple[Counter[int], Counter[int]]:
        of_agency: Counter[int] = Counter()
        of_sector: Counter[int] = Counter()
        held = self._held
        if held is None:
            held = _held_on([self.run.pk])[self.run.pk] if self.are_limited else []
        for agency, sector, number in held:
            of_agency[agency] += number
            of_sector[sector] += number
        return of_agency, of_sector

    @property
    def are_limited(self) -> bool:
        return self.run.agency_cap is not None or bool(self.reserved)

    @property
    def free(self) -> int | None:
        """Number of places left; None if unlimited."""
        return None if self.run.free is None else self.run.free - self.given

    def may_take(self, agency: Agency) -> bool:
        """Return whether there is a place that this agency may have now."""
        if self.free is not None and self.free <= 0:
            return False
        if self.has_its_cap(agency):
            return False
        return self.free is None or self.free > self._kept_from(agency.sector_id)

    def take(self, agency: Agency) -> None:
        """Count a place given to this agency, before `Run.taken` changes."""
        self.given += 1
        self.of_agency[self._today(agency)] += 1
        self.of_sector[agency.sector_id] += 1

    def why_not(self, agency: Agency) -> str:
        """Say why somebody waits although places are free; empty if that is not so."""
        if self.run.is_full or self.may_take(agency):
            return ""
        cap = self.run.agency_cap
        if self.has_its_cap(agency):
            places = "its one place" if cap == 1 else f"all of its {cap} places"
            return f"{agency} has {places} on this date already."
        return "The places that are left are kept for other agencies for now."

    def has_its_cap(self, agency: Agency) -> bool:
        """Return whether the agency holds as many places as one agency may."""
        cap = self.run.agency_cap
        return cap is not None and self.of_agency[self._today(agency)] >= cap

    def _today(self, agency: Agency) -> int:
        """Return the agency under which to count: merged agencies share one quota."""
        return self._lineages.today(agency.pk) if agency.merged_into_id else agency.pk

    def _kept_from(self, sector: int) -> int:
        """Count the places reserved for other sectors that these have not yet taken."""
        return sum(
            max(0, places - self.of_sector[other])
            for other, places in self.reserved.items()
            if other != sector
        )


def quotas_for_runs(runs: Iterable[Run]) -> dict[int, PlaceQuotas]:
    """Return quotas by run (pk) for display, in a fixed number of queries."""
    runs = list(runs)
    reserved: dict[int, dict[int, int]] = defaultdict(dict)
    for reserve in Reserve.objects.unreleased().filter(run__in=[run.pk for run in runs]):
        reserved[reserve.run_id][reserve.sector_id] = reserve.places
    limited = [run.pk for run in runs if run.agency_cap is not None or reserved[run.pk]]
    held, lineages = _held_on(limited), mergers.lineages()
    return {
        run.pk: PlaceQuotas(run, reserved=reserved[run.pk], held=held[run.pk], lineages=lineages)
        for run in runs
    }


def _held_on(runs: list[int]) -> dict[int, list[tuple[int, int, int]]]:
    held = Booking.objects.filter(run__in=runs, holds_place=True).order_by()
    today = mergers.today("agency")
    rows = held.values_list("run", today, "agency__sector").annotate(number=Count("pk"))
    found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for run, *share in rows:
        found[run].append(tuple(share))
    return found
