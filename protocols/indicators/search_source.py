"""Let the site search find the indicators in force and their pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from protocols.models import Indicator
from search.content import labels_of
from search.models import SearchDocument
from search.sources import Kind, Place, Places, Source

PAGES = Places(
    "indicator_page",
    Place(
        1,
        "protocols:thresholds",
        "Indicators of need",
        "Signs of what a child needs, by level and by side of a child’s life.",
        "thresholds document, tiers, early help assessment",
    ),
    Place(
        2,
        "protocols:describe",
        "Describe your concern",
        "Choose what you have seen, and get words to use in a referral or an assessment.",
        "thresholds, early help assessment, wording",
    ),
)


class Indicators(Source):
    name = "indicator"
    kind = Kind(5, "indicator", "Indicator of need", "Indicators of need", "green", has_title=False)

    def stamps(self) -> Iterator[tuple]:
        topics = labels_of(Indicator.topics.through, "indicator", "topic__name")
        indicators = Indicator.objects.on(timezone.localdate())
        for pk, *facts in indicators.values_list(
            "pk", "text", "tier__name", "domain__name", "age_group__name"
        ):
            yield pk, facts, topics[pk]

    def records(self, pks: Iterable[int]) -> QuerySet[Indicator]:
        indicators = Indicator.objects.filter(pk__in=pks).prefetch_related("topics")
        return indicators.select_related("tier", "domain", "age_group")

    def documents(self, indicator: Indicator) -> Iterator[SearchDocument]:
        where = [indicator.tier.name, indicator.domain.name]
        where += [indicator.age_group.name] if indicator.age_group else []
        yield SearchDocument(
            address=indicator.get_absolute_url(),
            title=indicator.text,
            facts=", ".join(where),
            keywords=" ".join(topic.name for topic in indicator.topics.all()),
        )

    def public(self) -> Q:
        in_force = Indicator.objects.on(timezone.localdate())
        return Q(Exists(in_force.filter(pk=OuterRef("record"), text=OuterRef("title"))))
