"""Batch the work of many mails: cache shared reads, and insert rows in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import Model

# Rows per INSERT: about the people on one course date, and within any database's limits.
A_STATEMENT = 500

_at_hand: ContextVar[dict | None] = ContextVar("at_hand", default=None)
_gathered: ContextVar[list[Model] | None] = ContextVar("gathered", default=None)


@contextmanager
def cached_context() -> Iterator[None]:
    """Cache until the block ends what `memoised` reads, such as the board and its policy."""
    token = _at_hand.set({}) if _at_hand.get() is None else None
    try:
        yield
    finally:
        if token:
            _at_hand.reset(token)


def memoised(key: Any, read: Callable[[], Any]) -> Any:
    """Return the result of `read`, cached within `cached_context`."""
    known = _at_hand.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    return known[key]


@contextmanager
def batch() -> Iterator[None]:
    """Collect the rows given to `insert` in this block, and insert them in order when it ends.

    In the caller's transaction; nothing in the block can read them. If the block fails, none of
    its rows is inserted, even when it is nested in another that continues.
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


def pending(model: type[Model]) -> list[Any]:
    """Return the rows of a model that wait to be inserted when `batch` ends."""
    return [row for row in _gathered.get() or () if type(row) is model]


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
