"""Read what many mails share once, and write what a verb about many people leaves in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import Model

# Rows in one INSERT: as many as there are people on a date, and few enough for any database.
A_STATEMENT = 500

_at_hand: ContextVar[dict | None] = ContextVar("at_hand", default=None)
_gathered: ContextVar[list[Model] | None] = ContextVar("gathered", default=None)


@contextmanager
def cached_context() -> Iterator[None]:
    """Remember until the block ends what `memoised` has read, such as the board and its policy."""
    token = _at_hand.set({}) if _at_hand.get() is None else None
    try:
        yield
    finally:
        if token:
            _at_hand.reset(token)


def memoised(key: Any, read: Callable[[], Any]) -> Any:
    """Return what `read` returns; within `cached_context` it is called the first time only."""
    known = _at_hand.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    return known[key]


@contextmanager
def batch() -> Iterator[None]:
    """Insert the rows that are given to `insert` in this block when it ends, in their order.

    In the caller's transaction; nothing in the block can read them. Of a block that fails nothing
    is inserted, even within another that goes on.
    """
    rows = _gathered.get()
    with _gathering() if rows is None else _forgetting_on_failure(rows):
        yield


def insert(row: Model) -> None:
    """Insert a row that nothing else in its transaction reads: now, or when `batch` ends."""
    rows = _gathered.get()
    if rows is None:
        row.save(force_insert=True)
    else:
        rows.append(row)


@contextmanager
def _gathering() -> Iterator[None]:
    rows: list[Model] = []
    token = _gathered.set(rows)
    try:
        with cached_context():
            yield
        _insert_each(rows)
    finally:
        _gathered.reset(token)


@contextmanager
def _forgetting_on_failure(rows: list[Model]) -> Iterator[None]:
    before = len(rows)
    try:
        yield
    except BaseException:
        del rows[before:]
        raise


def _insert_each(rows: list[Model]) -> None:
    by_model: dict[type[Model], list[Model]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    for model, its in by_model.items():
        model._base_manager.bulk_create(its, batch_size=A_STATEMENT)
