"""Which indicators stand in which cell of the table?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocols.models.indicators import AssessmentDomain, Indicator, Tier


@dataclass
class Cell:
    tier: Tier
    indicators: list[Indicator] = field(default_factory=list)


@dataclass
class Row:
    """One domain, with a cell for each tier."""

    domain: AssessmentDomain
    by_tier: dict[int, Cell]

    @property
    def cells(self) -> list[Cell]:
        return list(self.by_tier.values())


@dataclass
class Table:
    tiers: list[Tier]
    rows: list[Row]


def table_of(indicators: Iterable[Indicator], tiers: Iterable[Tier]) -> Table:
    """Every one of these tiers has its column; domains with no indicator among them are left out.

    The indicators know their domain and age group, are of these tiers, and come in their order.
    """
    tiers, rows = list(tiers), {}
    for indicator in indicators:
        if indicator.domain_id not in rows:
            cells = {tier.pk: Cell(tier) for tier in tiers}
            rows[indicator.domain_id] = Row(indicator.domain, cells)
        rows[indicator.domain_id].by_tier[indicator.tier_id].indicators.append(indicator)
    return Table(tiers, list(rows.values()))
