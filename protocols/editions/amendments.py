"""List changes of protocols by month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from protocols.models import Edition


@dataclass(frozen=True)
class Amendment:
    """An edition that came into force or was withdrawn on a day."""

    on: dt.date
    edition: Edition
    is_withdrawal: bool = False


def by_month(editions) -> list[tuple[dt.date, list[Amendment]]]:
    """List (first day of the month, its amendments), the newest first."""
    told = []
    for edition in editions.without_text().select_related("page"):
        told.append(Amendment(edition.in_force_from, edition))
        if edition.withdrawn_at:
            told.append(Amendment(edition.withdrawn_at.date(), edition, is_withdrawal=True))
    told.sort(key=lambda each: (each.on, each.edition.pk), reverse=True)
    return [(month, list(each)) for month, each in groupby(told, lambda one: one.on.replace(day=1))]
