"""Settlers: what merging two accounts needs of a record beyond a key that moves."""

from __future__ import annotations

from typing import Any, ClassVar

from lms.registries.base import Registry


class Settler:
    """Rule of merging for the records of one model, named by its label.

    `numbers` are the fields that number a person without a foreign key, which `before` moves. What
    a method changes, it changes through `moving`, so that it can be undone.
    """

    name: ClassVar[str]
    order: ClassVar[int]
    numbers: ClassVar[tuple[str, ...]] = ()

    def before(self, moving: Any) -> None:
        """Settle what both accounts have, which are locked, before the keys move.

        May raise Refused.
        """

    def after(self, moving: Any) -> None:
        """Go on with what waited, once everything has moved."""

    def is_better(self, theirs: Any, mine: Any) -> bool:
        """Return whether the other account's row stays where only one of the two can."""
        return False

    def put_back(self, row: Any, by: Any) -> str | None:
        """Put back one change that a key alone does not undo; return why it stays, "" if it is.

        None where it goes back like any other.
        """
        return None


settlers = Registry[Settler]()


def settler_of(label: str) -> Settler | None:
    return next((each for each in settlers if each.name == label), None)
