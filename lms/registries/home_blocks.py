"""Blocks of the home page, below the introduction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from lms.registries.base import Item, Registry

MAIN, SIDE = "main", "side"


class HomeBlock:
    """A heading and what is listed below it; without a template of its own, hidden if empty.

    A block with a template of its own is given `rows`; others are a list of `item`s.
    """

    name: ClassVar[str]
    order: ClassVar[int]
    column: ClassVar[str] = SIDE
    heading: ClassVar[str] = ""
    template_name: ClassVar[str] = "home/_block.html"

    def rows(self, page: Any) -> Iterable[Any]:
        """Return what the public may see; `page` is the home page."""
        raise NotImplementedError

    def item(self, row: Any) -> Item:
        return Item(str(row))


@dataclass(frozen=True)
class Shown:
    """A block, and its rows on this page."""

    block: HomeBlock
    rows: Iterable[Any]

    def items(self) -> list[Item]:
        return [self.block.item(row) for row in self.rows]


home_blocks = Registry[HomeBlock]()


def on(page: Any, column: str) -> list[Shown]:
    return [Shown(block, block.rows(page)) for block in home_blocks if block.column == column]
