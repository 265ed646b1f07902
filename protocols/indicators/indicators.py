"""Save indicators and their tiers, domains and age groups, with history; see also `importing`."""

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
    """Save a new or changed indicator and record the change in history.

    Raises IntegrityError for a duplicate in the same place, which forms report before.
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
    """Save a tier, domain or age group and record the change in history."""
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
    """Return the indicator's values for history; none is about a person."""
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
