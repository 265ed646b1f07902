"""Import a spreadsheet of indicators: evaluate each row, then write.

An empty cell leaves the existing value unchanged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import history
from lms.refused import Refused
from protocols.indicators import indicators as indicators_indicators
from protocols.indicators import sheet
from protocols.indicators.sheet import IndicatorRow
from protocols.models import AgeGroup, AssessmentDomain, Indicator, Tier, Topic

if TYPE_CHECKING:
    from agencies.models import Person

EVERY_AGE = {"", "all", "any", "all ages", "any age", "every age"}
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
NAMES = {
    "tier": "Tier", "domain": "Domain", "age_group": "Age group", "text": "Indicator",
    "topics": "Topics", "starts_on": "From", "ends_on": "Until",
}  # fmt: skip


class RowRefused(Refused):
    """A row that cannot be imported; the message is shown to the editor."""


@dataclass
class RowOutcome:
    """A row's outcome: new, changed (and what), the same as it was, or refused (and why)."""

    row: IndicatorRow
    kind: str
    reason: str = ""
    changes: list[str] = field(default_factory=list)
    indicator: Indicator | None = None
    topics: list[Topic] = field(default_factory=list)


@transaction.atomic
def bring_in(rows: Sequence[IndicatorRow], *, by: Person | str) -> Counter[str]:
    """Import the rows as `foresee` evaluates them now; return how many had each outcome.

    Idempotent, also if run concurrently: imports lock the tiers, so the second finds its rows
    unchanged. Refused rows are left out.
    """
    list(Tier.objects.select_for_update().order_by("pk"))
    fates = foresee(rows)
    added = [(fate.indicator, fate.topics) for fate in fates if fate.indicator and fate.kind == NEW]
    Indicator.objects.bulk_create([one for one, _ in added])
    through = Indicator.topics.through
    through.objects.bulk_create(
        through(indicator=one, topic=topic) for one, topics in added for topic in topics
    )
    said: list[history.Change] = [
        (one, {}, indicators_indicators.facts(one, topics)) for one, topics in added
    ]
    history.record_each("indicator.added", said, by=by)
    for fate in fates:
        if fate.indicator and fate.kind == CHANGED:
            indicators_indicators.keep(fate.indicator, fate.topics, by=by)
    return Counter(fate.kind for fate in fates)


def foresee(rows: Iterable[IndicatorRow]) -> list[RowOutcome]:
    """Evaluate the outcome of each row, in order; write nothing."""
    book = ExistingIndicators()
    return [book.fate_of(row) for row in rows]


class ExistingIndicators:
    """Existing indicators, categories and topics by name, and the rows read before this one."""

    def __init__(self) -> None:
        self.tiers = _by_names(Tier.objects.all())
        self.domains = _by_names(AssessmentDomain.objects.all())
        self.age_groups = _by_names(AgeGroup.objects.all())
        self.topics = _by_names(Topic.objects.all())
        indicators = Indicator.objects.select_related("age_group").prefetch_related("topics")
        indicators = indicators.order_by("pk")
        self.by_number = {str(one.pk): one for one in indicators}
        self.in_place: dict[tuple[Any, ...], list[Indicator]] = {}
        for one in self.by_number.values():
            self.in_place.setdefault(_place(one), []).append(one)
        self.lines: dict[Any, int] = {}

    def fate_of(self, row: IndicatorRow) -> RowOutcome:
        try:
            said = self._said(row)
            there = self._there(row, said)
            self._refuse_doubles(row, said, there)
            return self._changed(row, there, said) if there else self._new(row, said)
        except (RowRefused, ValueError) as refused:
            return RowOutcome(row, REFUSED, reason=str(refused))

    def _said(self, row: IndicatorRow) -> dict[str, Any]:
        """Parse the row into indicator fields; raise RowRefused or ValueError."""
        said = {
            "tier": _one(row.tier, self.tiers, "tier"),
            "domain": _one(row.domain, self.domains, "domain"),
            "text": row.text,
            "starts_on": sheet.day(row.starts_on),
            "ends_on": sheet.day(row.ends_on),
            "topics": [_one(name, self.topics, "topic") for name in _names(row.topics)],
        }
        if not row.text:
            raise RowRefused(
                "There is no indicator on this line. Write one, or leave the line out."
            )
        return said | {"age_group": self._age_group(row)}

    def _age_group(self, row: IndicatorRow) -> AgeGroup | None:
        if not row.age_group and row.number in self.by_number:
            return self.by_number[row.number].age_group
        is_every = row.age_group.lower() in EVERY_AGE
        return None if is_every else _one(row.age_group, self.age_groups, "age group")

    def _there(self, row: IndicatorRow, said: dict[str, Any]) -> Indicator | None:
        """Return the existing indicator that the row means, by number or by content, or None."""
        if row.number:
            if row.number not in self.by_number:
                raise RowRefused(
                    f"There is no indicator {row.number[:20]}. Leave the number out to add one."
                )
            return self.by_number[row.number]
        starts_on = said["starts_on"] or timezone.localdate()
        alike = self.in_place.get(_place_of(said), [])
        return next((one for one in alike if one.ends_on is None), None) or next(
            (one for one in alike if one.starts_on == starts_on), None
        )

    def _refuse_doubles(
        self, row: IndicatorRow, said: dict[str, Any], there: Indicator | None
    ) -> None:
        for one in self.in_place.get(_place_of(said), []):
            if there and one.pk != there.pk and one.ends_on is None:
                raise RowRefused(f"Indicator {one.pk} says the same already: leave this line out.")
        for key in {_place_of(said), there.pk if there else _place_of(said)}:
            if (before := self.lines.setdefault(key, row.line)) != row.line:
                raise RowRefused(f"This is the same as line {before}: leave one of them out.")

    def _new(self, row: IndicatorRow, said: dict[str, Any]) -> RowOutcome:
        topics = said.pop("topics")
        indicator = Indicator(**said | {"starts_on": said["starts_on"] or timezone.localdate()})
        _refuse_unless_sound(indicator)
        return RowOutcome(row, NEW, indicator=indicator, topics=topics)

    def _changed(self, row: IndicatorRow, there: Indicator, said: dict[str, Any]) -> RowOutcome:
        topics = said.pop("topics") or list(there.topics.all())
        was = indicators_indicators.facts(there, there.topics.all())
        for name, value in said.items():
            if value is not None or name == "age_group":
                setattr(there, name, value)
        _refuse_unless_sound(there)
        now = indicators_indicators.facts(there, topics)
        changes = [NAMES[name] for name in now if now[name] != was[name]]
        return RowOutcome(row, CHANGED if changes else SAME, "", changes, there, topics)


def _place(indicator: Indicator) -> tuple[Any, ...]:
    return (indicator.tier_id, indicator.domain_id, indicator.age_group_id, indicator.text)


def _place_of(said: dict[str, Any]) -> tuple[Any, ...]:
    age_group = said["age_group"].pk if said["age_group"] else None
    return (said["tier"].pk, said["domain"].pk, age_group, said["text"])


def _refuse_unless_sound(indicator: Indicator) -> None:
    if indicator.ends_on and indicator.ends_on <= indicator.starts_on:
        raise RowRefused("‘Until’ must come after ‘from’.")
    try:
        indicator.clean_fields(exclude=["tier", "domain", "age_group"])
    except ValidationError as wrong:
        raise RowRefused(" ".join(wrong.messages)) from wrong


def _names(said: str) -> list[str]:
    return [name.strip() for name in said.split(";") if name.strip()]


def _by_names(things) -> dict[str, Any]:
    """Index things by lower-case name; ‘Tier 2: Early help’ also by ‘tier 2’ and by ‘2’."""
    found: dict[str, Any] = {}
    for thing in things:
        before = thing.name.split(":")[0]
        figures = re.findall(r"\d+", before)
        for name in (thing.name, before, *(figures if ":" in thing.name else [])):
            found.setdefault(name.strip().lower(), thing)
    return found


def _one(said: str, among: dict[str, Any], what: str):
    if not said:
        raise RowRefused(
            f"There is no {what} on this line. Enter it on every line; cells that are merged "
            "downwards are read from an Excel workbook alone."
        )
    if said.lower() not in among:
        names = ", ".join(dict.fromkeys(thing.name for thing in among.values()))
        known = f"It may be one of: {names[:300]}." if names else "Add it first."
        raise RowRefused(f"There is no {what} called ‘{said[:60]}’. {known}")
    return among[said.lower()]
