"""Who did what to what, when? Append-only: the tables refuse to change or lose a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model

    from history.models import Event


def record(
    action: str,
    thing: Model,
    *,
    by: Model | str,
    was: dict[str, Any] | None = None,
    now: dict[str, Any] | None = None,
) -> Event:
    """One event is added, in the transaction of the caller.

    `by` is a person, or the name of a process in capitals such as "NIGHTLY". `was` and `now` hold
    states, numbers and ids, never personal values: history is kept longer than people are.
    """
    from history.models import Event

    who: dict[str, Any] = {"by_process": by} if isinstance(by, str) else {"by_person": by.pk}
    return Event.objects.create(
        action=action,
        thing_type=thing._meta.label_lower,
        thing_id=str(thing.pk),
        was=was or {},
        now=now or {},
        **who,
    )
