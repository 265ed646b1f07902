"""Save records that have no rules of their own, and record in history what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models, transaction
from wagtail.fields import StreamField

import history
from lms.streams import comparing

if TYPE_CHECKING:
    from django.db.models import Model

    from history import Facts

Thing = TypeVar("Thing", bound="Model")
# Free text may name people: history keeps that it changed, and not what it says.
TEXTS = (models.CharField, models.TextField, models.FileField, StreamField)
CHANGED = "changed"


@transaction.atomic
def save(thing: Thing, *, by: Model | str, action: str = "", **many: Iterable[Model]) -> Thing:
    """Save a new or changed thing, and record what changed, as `action` or '<model>.changed'.

    `many` are its many-to-many fields that are to be set, by name. The caller has validated it, as
    a form does. Records nothing if nothing changed.
    """
    was = _stored(thing, many)
    thing.save()
    for name, values in many.items():
        getattr(thing, name).set(values)
    now = _facts(thing, many)
    changed = {name for name in now if now[name] != was.get(name)}
    if changed:
        action = action or f"{thing._meta.model_name}.{'changed' if was else 'added'}"
        before, after = _told(thing, was, changed), _told(thing, now, changed)
        history.record(action, thing, by=by, was=before, now=after)
    return thing


def _stored(thing: Model, many: Iterable[str]) -> Facts:
    """Return the facts of the row as it is, which is locked; empty for a new thing."""
    stored = type(thing)._base_manager.select_for_update(of=["self"]).filter(pk=thing.pk).first()
    return _facts(stored, many) if stored else {}


def _facts(thing: Model, many: Iterable[str]) -> Facts:
    facts = {f.name: _fact(f, thing) for f in _fields(thing)}
    keys = {name: getattr(thing, name).values_list("pk", flat=True) for name in many}
    return facts | {name: sorted(values) for name, values in keys.items()}


def _fact(field: models.Field[Any, Any], thing: Model) -> Any:
    value = field.value_from_object(thing)
    if isinstance(field, StreamField):
        return comparing.plain(field.stream_block, value)  # Its lists are equal to no other.
    return field.to_python(value)


def _fields(thing: Model) -> list[models.Field[Any, Any]]:
    return [field for field in thing._meta.concrete_fields if not field.primary_key]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | list) else str(value)


def _told(thing: Model, facts: Facts, names: set[str]) -> Facts:
    """Return these facts as history keeps them: without what free text says."""
    texts = {field.name for field in _fields(thing) if _is_text(field)}
    known = sorted(names & facts.keys())
    return {name: CHANGED if name in texts else _plain(facts[name]) for name in known}


def _is_text(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, TEXTS) and not field.choices
