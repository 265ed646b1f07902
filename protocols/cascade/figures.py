"""Count the agencies and people that editions have reached, as agencies confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from agencies import mergers
from agencies.models import Agency
from protocols.cascade import notices
from protocols.models import Dissemination, Edition

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True)
class Figures:
    """Figures of one edition: agencies by state, and the people reached, as far as counted.

    `sent` leaves out the agencies that have nobody to ask, which are `nobody`.
    """

    sent: int = 0
    nobody: int = 0
    confirmed: int = 0
    overdue: int = 0
    stopped: int = 0
    ended: int = 0
    counted: int = 0
    reached: int | None = None
    of: int | None = None
    within: int = 0

    @property
    def waiting(self) -> int:
        return self.sent - self.confirmed - self.overdue - self.stopped - self.ended

    @property
    def not_counted(self) -> int:
        """Confirmed agencies that gave no complete figures and are not within another's."""
        return self.confirmed - self.counted - self.within


def figures_of(editions: Iterable[Edition]) -> dict[int, Figures]:
    """Return the figures by edition pk, with a fixed number of queries for all."""
    editions = list(editions)
    unanswered = Q(receipt=None)
    late = Q(deadline_on__lt=timezone.localdate())
    both = Q(receipt__reached__isnull=False, receipt__of__isnull=False)
    counts: dict[str, Any] = {
        "sent": Count("pk"),
        "confirmed": Count("receipt"),
        "overdue": Count("pk", filter=unanswered & late & Q(ended="", stopped_at=None)),
        "stopped": Count("pk", filter=unanswered & Q(ended="", stopped_at__isnull=False)),
        "ended": Count("pk", filter=unanswered & ~Q(ended="")),
        "counted": Count("pk", filter=both),
        "reached": Sum("receipt__reached", filter=both),
        "of": Sum("receipt__of", filter=both),
        "within": Count("receipt__counted_in"),
    }
    found = Dissemination.objects.filter(edition__in=[one.pk for one in editions]).with_end()
    counted: Any = found.order_by().values("edition").annotate(**counts)
    rows: dict[int, dict[str, Any]] = {row.pop("edition"): row for row in counted}
    for one in _unasked(editions):
        row = rows[one.edition_id]
        row["nobody"] = row.get("nobody", 0) + 1
        row["sent"] -= 1
        row["overdue"] -= one.deadline_on < timezone.localdate()
    return {edition.pk: Figures(**rows.get(edition.pk, {})) for edition in editions}


def _unasked(editions: Iterable[Edition]) -> list[Dissemination]:
    """List those of these editions that wait for an agency which has nobody to ask."""
    asked = Dissemination.objects.filter(edition__in=[one.pk for one in editions]).asked_still()
    waiting = list(asked.only("edition", "agency", "contact", "deadline_on"))
    readers = notices.who_sees_to(waiting)
    return [one for one in waiting if not readers[one.pk]]


def figures_of_all(sent: Iterable[Dissemination], *, is_marked: bool = False) -> Figures:
    """Compute one edition's figures from all its disseminations, fetched with their receipts.

    `is_marked` says that `mark_unasked` has been called on them.
    """
    sent = list(sent)
    if not is_marked:
        notices.mark_unasked(sent)
    states = Counter(one.state for one in sent)
    receipts = [one.receipt for one in sent if one.is_confirmed]
    both = [r for r in receipts if r.reached is not None and r.of is not None]
    return Figures(
        sent=len(sent) - states["nobody"],
        nobody=states["nobody"],
        confirmed=states["confirmed"],
        overdue=states["overdue"],
        stopped=states["stopped"],
        ended=states["withdrawn"] + states["replaced"],
        counted=len(both),
        reached=sum(r.reached or 0 for r in both) if both else None,
        of=sum(r.of or 0 for r in both) if both else None,
        within=sum(receipt.counted_in_id is not None for receipt in receipts),
    )


def editions_sent() -> QuerySet[Edition]:
    """Return the editions sent to any agency, the newest first."""
    found = Edition.objects.filter(Exists(Dissemination.objects.filter(edition=OuterRef("pk"))))
    return found.only("page_id", "number", "title").order_by("-issued_at", "-pk")


def agencies_shown(editions: Iterable[Edition], name: str = "") -> QuerySet[Agency]:
    """Return the current agencies, and merged ones that were sent one of these editions."""
    has = Dissemination.objects.filter(agency=OuterRef("pk"), edition__in=[e.pk for e in editions])
    found = Agency.objects.filter(Q(merged_into=None) | Exists(has))
    found = found.only("name", "merged_into").annotate(name_today=mergers.name_today("pk"))
    return found.filter(name__icontains=name) if name else found


def cells(editions: Iterable[Edition], agencies: Iterable[Agency]) -> list[tuple[Agency, list]]:
    """List (agency, cells): each cell is an edition's dissemination to the agency, or None."""
    editions, agencies = list(editions), list(agencies)
    found = Dissemination.objects.filter(edition__in=editions, agency__in=agencies)
    each = list(found.with_end().select_related("receipt"))
    notices.mark_unasked(each)
    sent = {(one.agency_id, one.edition_id): one for one in each}
    return [(agency, [sent.get((agency.pk, e.pk)) for e in editions]) for agency in agencies]
