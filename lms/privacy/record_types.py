"""Record types: how long each is kept, and what is erased by itself when that time is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lms.registries.base import Registry

if TYPE_CHECKING:
    from django.db.models import QuerySet


class RecordType:
    """Kind of record that is kept for one time; nothing of it is erased by itself."""

    name: str
    order: int
    title: str
    kept_for: str
    is_automatic: ClassVar[bool] = False

    def __init__(self, name: str, order: int, title: str, kept_for: str) -> None:
        self.name, self.order, self.title, self.kept_for = name, order, title, kept_for


class ErasedInTime(RecordType):
    """Record type whose rows the nightly job erases.

    `always` says that it was promised: nobody can switch it off. Others wait until the board has
    seen what is due and switches them on. `oldest` is the field by which the oldest is found,
    `people` a path to whom the rows are about, if there is one.
    """

    is_automatic = True
    erasing: ClassVar[str]
    always: ClassVar[bool] = False
    oldest: ClassVar[str]
    people: ClassVar[str] = ""

    def __init__(self) -> None:
        pass

    def due(self, now: dt.datetime) -> QuerySet[Any]:
        """Return the rows whose time is over at this moment."""
        raise NotImplementedError

    def erase(self, rows: Sequence[Any]) -> None:
        """Erase these rows, a batch at most, in the caller's transaction; may run twice."""
        raise NotImplementedError


record_types = Registry[RecordType]()
