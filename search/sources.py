"""Registry of sources: what can be found, and in which words.

Each room registers its own in its `apps.ready`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db.models import Q
from django.urls import reverse

from lms.registries.base import Registry

if TYPE_CHECKING:
    from search.models import SearchDocument


@dataclass(frozen=True, order=True)
class Kind:
    """Kind of result; kinds are shown in the order of their numbers, which rows store."""

    number: int
    name: str
    label: str
    plural: str
    colour: str = ""
    has_title: bool = True  # False if the title is the one sentence that there is


PAGE = Kind(3, "page", "Page", "Pages", "grey")
DOCUMENT = Kind(4, "document", "Document", "Documents", "yellow")


class Source(ABC):
    """Records that can be found, each by one or more search documents."""

    name: str  # which rows store, at most 40 characters
    kind: Kind

    @abstractmethod
    def stamps(self) -> Iterable[tuple]:
        """Return the id of each public record with all facts that its words depend on."""

    @abstractmethod
    def records(self, pks: Iterable[int]) -> Iterable[Any]:
        """Fetch these records, each with its id in `pk`."""

    @abstractmethod
    def documents(self, record: Any) -> Iterator[SearchDocument]:
        """Build what a record is found by."""

    @property
    def order(self) -> int:
        return self.kind.number

    def public(self) -> Q:
        """Filter search documents to records that are public now and say what is stored.

        Not needed for what a search document's page and Wagtail document decide.
        """
        return Q()


search_sources: Registry[Source] = Registry()


def kinds() -> dict[int, Kind]:
    """Map the number of each kind to it, in the order in which they are shown."""
    used = {DOCUMENT, *(source.kind for source in search_sources)}
    return {kind.number: kind for kind in sorted(used)}


def kind_named(name: str) -> Kind:
    return {kind.name: kind for kind in kinds().values()}[name]


class Place(NamedTuple):
    """A page without a record behind it."""

    pk: int
    route: str
    title: str
    summary: str
    keywords: str


class Places(Source):
    """Pages of a room without records behind them."""

    kind = PAGE

    def __init__(self, name: str, *places: Place):
        self.name, self.places = name, places

    def stamps(self) -> Iterator[tuple]:
        yield from ((place.pk, place) for place in self.places)

    def records(self, pks: Iterable[int]) -> list[Place]:
        return [place for place in self.places if place.pk in pks]

    def documents(self, place: Place) -> Iterator[SearchDocument]:
        yield apps.get_model("search", "SearchDocument")(
            address=reverse(place.route),
            title=place.title,
            summary=place.summary,
            keywords=place.keywords,
        )
