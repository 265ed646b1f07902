"""Needs: things that wait for a person's answer, on My learning or My agency and in the menu."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lms.registries.base import Item, Registry

MY_LEARNING, MY_AGENCY = "/my/", "/agency/"


class Need:
    """Kind of thing that waits for a person's answer on one of their pages.

    `is_counted` adds it to the number beside that page in the menu: a query for each page of the
    site. An entry with a template of its own is given `things`; others are a list of `item`s.
    """

    name: ClassVar[str]
    order: ClassVar[int]
    page: ClassVar[str] = MY_LEARNING
    heading: ClassVar[str] = ""
    is_counted: ClassVar[bool] = False
    template_name: ClassVar[str] = "components/need.html"

    def things(self, person: Any) -> Sequence[Any]:
        """Return what waits for this person, the most urgent first."""
        raise NotImplementedError

    def count(self, person: Any) -> int:
        return len(self.things(person))

    def item(self, thing: Any) -> Item:
        return Item(str(thing))


@dataclass(frozen=True)
class Waiting:
    """A need, and what of it waits for one person."""

    need: Need
    things: Sequence[Any]

    def items(self) -> list[Item]:
        return [self.need.item(thing) for thing in self.things]


needs = Registry[Need]()


def waiting_for(person: Any, page: str) -> Iterator[Waiting]:
    """Yield the needs of this page, without those of which nothing waits."""
    for need in needs:
        if need.page == page and (things := need.things(person)):
            yield Waiting(need, things)


def number_of(person: Any, page: str) -> int:
    """Return the number beside the page's entry in the menu."""
    return sum(need.count(person) for need in needs if need.page == page and need.is_counted)
