"""Append-only audit log: who did what to what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from history import actions
from lms.gathering import batch, insert

if TYPE_CHECKING:
    from django.db.models import Model

    from history.models import Event

    Facts: TypeAlias = dict[str, Any]
    Change: TypeAlias = tuple[Model, Facts, Facts]


def record(
    action: str,
    thing: Model,
    *,
    by: Model | str,
    was: dict[str, Any] | None = None,
    now: dict[str, Any] | None = None,
) -> Event:
    """Record one event, in the caller's transaction.

    `by` is a person, or the name of a process in capitals such as "NIGHTLY". `was` and `now` hold
    states, numbers and ids, never personal values: history is kept longer than people are.
    Raises UnknownAction in development if no room has registered the action: see `actions`.
    """
    actions.check(action)
    event = _event(action, thing, by, was, now)
    insert(event)
    return event


def record_each(action: str, changes: Iterable[Change], *, by: Model | str) -> None:
    """Record one action on many things in bulk, each with what it was and is now."""
    with batch():
        for thing, was, now in changes:
            record(action, thing, by=by, was=was, now=now)


def _event(action: str, thing: Model, by: Model | str, was: Facts | None, now: Facts | None):
    from history.models import Event

    who: Facts = {"by_process": by} if isinstance(by, str) else {"by_person": by.pk}
    return Event(
        action=action,
        thing_type=thing._meta.label_lower,
        thing_id=str(thing.pk),
        was=was or {},
        now=now or {},
        **who,
    )
