"""Which indicators stand in which cell of the table?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from protocols.models.indicators import AssessmentDomain, IndicatorQuerySet, Tier


class Sign(NamedTuple):
    """What the table says of an indicator: there are thousands, and each page draws them all."""

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
        """Number and name of each age group, none for every age, and what its indicators say."""
        groups = groupby(self.signs, key=lambda sign: (sign.age_group, sign.age))
        return [(*age, [sign.text for sign in signs]) for age, signs in groups]


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


def signs(indicators: IndicatorQuerySet):
    """These, in the order of the table, as it needs them."""
    facts = ("pk", "text", "tier", "domain", "age_group", "age_group__name")
    return indicators.in_order().values_list(*facts)


def table_of(
    found: Iterable[tuple], tiers: Iterable[Tier], domains: Iterable[AssessmentDomain]
) -> Table:
    """Every one of these tiers has its column; domains with no indicator among them are left out.

    `found` is what `signs` finds, of these tiers and domains, or a part of it.
    """
    tiers, named, rows = list(tiers), {domain.pk: domain for domain in domains}, {}
    for sign in map(Sign._make, found):
        if sign.domain not in rows:
            cells = {tier.pk: Cell(tier) for tier in tiers}
            rows[sign.domain] = Row(named[sign.domain], cells)
        rows[sign.domain].by_tier[sign.tier].signs.append(sign)
    return Table(tiers, list(rows.values()))
