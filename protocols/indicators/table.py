"""Arrange indicators in a table of domains by tiers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from protocols.models.indicators import AssessmentDomain, IndicatorQuerySet, Tier


class Sign(NamedTuple):
    """Columns of an indicator that the table needs; light, as a page shows thousands."""

    pk: int
    text: str
    tier: int
    domain: int
    age_group: int | None
    age: str | None


@dataclass
class Cell:
    tier: Tier
    signs: list[Sign] = field(default_factory=list)

    @property
    def by_age(self) -> list[tuple[int | None, str | None, list[str]]]:
        """List (pk, name, texts) by age group; pk and name are None for every age."""
        groups = groupby(self.signs, key=lambda sign: (sign.age_group, sign.age))
        return [(*age, [sign.text for sign in signs]) for age, signs in groups]


@dataclass
class DomainRow:
    """One domain, with a cell for each tier."""

    domain: AssessmentDomain
    by_tier: dict[int, Cell]

    @property
    def cells(self) -> list[Cell]:
        return list(self.by_tier.values())


@dataclass
class Table:
    tiers: list[Tier]
    rows: list[DomainRow]


def signs(indicators: IndicatorQuerySet):
    """Return indicators as tuples for `Sign`, in the order of the table."""
    facts = ("pk", "text", "tier", "domain", "age_group", "age_group__name")
    return indicators.in_order().values_list(*facts)


def table_of(
    found: Iterable[tuple], tiers: Iterable[Tier], domains: Iterable[AssessmentDomain]
) -> Table:
    """Build a table with a column per tier; domains without indicators are left out.

    `found` are tuples from `signs`, of these tiers and domains.
    """
    tiers, named, rows = list(tiers), {domain.pk: domain for domain in domains}, {}
    for sign in map(Sign._make, found):
        if sign.domain not in rows:
            cells = {tier.pk: Cell(tier) for tier in tiers}
            rows[sign.domain] = DomainRow(named[sign.domain], cells)
        rows[sign.domain].by_tier[sign.tier].signs.append(sign)
    return Table(tiers, list(rows.values()))
