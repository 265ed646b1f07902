"""Entries of *This week*: what needs the training office's attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet

from lms.registries.base import Item, Registry

MOST = 6


@dataclass(frozen=True)
class Section:
    """The first few things of an entry, and how many more there are; `quiet` if there are none."""

    heading: str
    things: Sequence[Any] = ()
    items: Sequence[Item] = ()
    more: int = 0
    more_ends: str = ""
    more_address: str = ""
    quiet: str = ""


class WeekEntry:
    """List of one kind of thing, the nearest first; `quiet` is said when there are none."""

    name: ClassVar[str]
    order: ClassVar[int]
    heading: ClassVar[str] = ""
    quiet: ClassVar[str] = ""
    more_ends: ClassVar[str] = ""

    def rows(self, viewer: Any) -> QuerySet:
        """Return what waits, as far as the viewer may see it."""
        raise NotImplementedError

    def items(self, things: Sequence[Any], viewer: Any) -> list[Item]:
        return [self.item(thing) for thing in things]

    def item(self, thing: Any) -> Item:
        return Item(str(thing))

    def more_address(self) -> str:
        """Return the address of the whole list, or nothing."""
        return ""

    def section(self, viewer: Any) -> Section:
        rows = self.rows(viewer)
        found = list(rows[: MOST + 1])
        things = found[:MOST]
        return Section(
            heading=self.heading,
            things=things,
            items=self.items(things, viewer),
            more=rows.count() - MOST if len(found) > MOST else 0,
            more_ends=self.more_ends,
            more_address=self.more_address(),
            quiet=self.quiet,
        )


this_week = Registry[WeekEntry]()
