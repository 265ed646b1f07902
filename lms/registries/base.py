"""The ordered registry, and the items that registered lists have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.core.exceptions import ImproperlyConfigured


class Entry(Protocol):
    """Anything with a unique name and a place among others."""

    @property
    def name(self) -> str: ...

    @property
    def order(self) -> int: ...


T = TypeVar("T", bound=Entry)


class Registry(Generic[T]):
    """Entries by their `order`; two of one name refuse the start."""

    def __init__(self) -> None:
        self._entries: dict[str, T] = {}

    def register(self, *entries: T) -> None:
        for entry in entries:
            if entry.name in self._entries:
                raise ImproperlyConfigured(f"Two entries are called {entry.name!r}")
            self._entries[entry.name] = entry

    def unregister(self, name: str) -> None:
        del self._entries[name]

    def __iter__(self) -> Iterator[T]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.order))


@dataclass(frozen=True)
class Action:
    """A link to do something; `about` says to screen readers what with."""

    words: str
    address: str
    about: str = ""


@dataclass(frozen=True)
class Item:
    """One thing in a list: its name, page and note, and what can be done, the main thing first."""

    words: str
    address: str = ""
    note: str = ""
    link: Action | None = None
    actions: tuple[Action, ...] = ()
