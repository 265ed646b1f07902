"""How do the indicators of need change? By hand here; from a spreadsheet in thresholds_import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction

import history
from protocols.models import Indicator, Topic

if TYPE_CHECKING:
    from agencies.models import Person
    from protocols.models.indicators import Ordered


@transaction.atomic
def keep(indicator: Indicator, topics: Iterable[Topic], *, by: Person | str) -> Indicator:
    """The indicator is as given, new or changed; its change is recorded with what it was.

    Raises IntegrityError where the same stands in its place already: forms say so before.
    """
    was, topics = {}, list(topics)
    if indicator.pk:
        before = Indicator.objects.select_for_update().get(pk=indicator.pk)
        was = facts(before, before.topics.all())
    indicator.save()
    indicator.topics.set(topics)
    now = facts(indicator, topics)
    if now != was:
        action = "indicator.changed" if was else "indicator.added"
        history.record(action, indicator, by=by, was=was, now=now)
    return indicator


@transaction.atomic
def keep_arrangement(part: Ordered, *, by: Person | str) -> Ordered:
    """The tier, domain or age group is as given, with who said so."""
    kind, was = type(part), {}
    if part.pk:
        was = arrangement(kind._default_manager.select_for_update().get(pk=part.pk))
    part.save()
    now = arrangement(part)
    if now != was:
        name = kind._meta.model_name
        history.record(f"{name}.changed" if was else f"{name}.added", part, by=by, was=was, now=now)
    return part


def facts(indicator: Indicator, topics: Iterable[Topic]) -> dict[str, Any]:
    """All that an indicator says; none of it is about a person."""
    return {
        "tier": indicator.tier_id,
        "domain": indicator.domain_id,
        "age_group": indicator.age_group_id,
        "text": indicator.text,
        "topics": sorted(topic.pk for topic in topics),
        "starts_on": indicator.starts_on.isoformat(),
        "ends_on": indicator.ends_on.isoformat() if indicator.ends_on else None,
    }


def arrangement(part: Ordered) -> dict[str, Any]:
    return {
        field.name: getattr(part, field.name)
        for field in part._meta.concrete_fields
        if not field.primary_key
    }
