"""Move what one account has to another, by the registry of personal data, and note each value.

`lms.privacy` says of every field that names an account what merging does to it; a settler of the
model's room (`lms.registries.merging`) does what a moved key alone does not.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from agencies.merging.models import MergedRow
from agencies.models import Person, Post
from lms.gathering import A_STATEMENT
from lms.privacy.coverage import merged_fields
from lms.privacy.rules import Merging
from lms.registries.merging import settler_of

if TYPE_CHECKING:
    from lms.privacy.rules import Rule

    Model = type[models.Model]
    Values = dict[str, Any]


def plain(value: Any) -> Any:
    """Return a column's value as JSON keeps it, without loss."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID | Decimal) else value


def to_python(model: Model, values: Values) -> Values:
    """Return values that `plain` made as the columns of the model take them."""
    columns = {each.attname: each for each in model._meta.concrete_fields}
    return {name: columns[name].to_python(value) for name, value in values.items()}


@dataclass
class Moving:
    """One merge in progress: what it has changed, and what the office is told of it."""

    kept: Person
    other: Person
    by: Person
    rows: list[MergedRow] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    moved: Counter[str] = field(default_factory=Counter)
    joined: Counter[str] = field(default_factory=Counter)
    # Jobs that confirm what the kept or the other account has asked for before.
    confirmed: list[Post] = field(default_factory=list)
    # Dates (pk) with a place that an ended booking gave back.
    freed: list[int] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def change(self, model: Model, keys: Iterable[Any], **now: Any) -> None:
        """Set columns of these rows, by `attname`, and note what they were."""
        keys = list(keys)
        rows = model._base_manager.filter(pk__in=keys)
        for row in rows.order_by("pk").values("pk", *now):
            was = {name: value for name, value in row.items() if name != "pk"}
            changed = [name for name in now if was[name] != now[name]]
            self._note(model, row["pk"], was, now, changed)
        rows.update(**now)

    @contextmanager
    def noting(self, thing: models.Model, *names: str) -> Iterator[None]:
        """Note what the block, a verb, makes of these columns of a row."""
        model, rows = type(thing), type(thing)._base_manager.filter(pk=thing.pk)
        [was] = rows.values(*names)
        yield
        [now] = rows.values(*names)
        self._note(model, thing.pk, was, now, [name for name in names if was[name] != now[name]])

    def _note(self, model: Model, key: Any, was: Values, now: Values, names: list[str]) -> None:
        if names:
            before = {name: plain(was[name]) for name in names}
            after = {name: plain(now[name]) for name in names}
            self.rows.append(
                MergedRow(model=model._meta.label, row=str(key), was=before, now=after)
            )

    def take_out(self, model: Model, key: Any) -> None:
        """Delete a row of which the other account has the same, and note all that it held.

        What hangs on it is taken out with it.
        """
        for relation in model._meta.get_fields(include_hidden=True):
            if relation.auto_created and not relation.concrete and relation.is_relation:
                its: Model = relation.related_model  # type: ignore[assignment]
                found = its._base_manager.filter(**{relation.field.name: key})  # type: ignore[union-attr]
                if not relation.many_to_many:
                    for each in list(found.values_list("pk", flat=True)):
                        self.take_out(its, each)
        columns = [each.attname for each in model._meta.concrete_fields]
        [was] = model._base_manager.filter(pk=key).values(*columns)
        was = {name: plain(value) for name, value in was.items()}
        self.rows.append(MergedRow(model=model._meta.label, row=str(key), was=was, now={}))
        model._base_manager.filter(pk=key)._raw_delete(model._base_manager.db)

    def move_all(self) -> None:
        """Move every key of the other account that the registry moves."""
        for rule, model, key, held in keys_that_move():
            self._move(rule, model, key, joins=held is Merging.JOIN)

    def _move(self, rule: Rule, model: Model, key: models.Field, *, joins: bool) -> None:
        theirs = list(
            model._base_manager.filter(**{key.name: self.other.pk}).values_list("pk", flat=True)
        )
        if not theirs:
            return
        settler = settler_of(rule.name)
        doubles = self._doubles(model, key) if joins else {}
        for pk, mine in doubles.items():
            rows = model._base_manager.in_bulk([pk, mine]) if settler else {}
            stays = settler is not None and settler.is_better(rows[pk], rows[mine])
            self.take_out(model, mine if stays else pk)
            self.joined[rule.name] += 1
            if not stays:
                theirs.remove(pk)
        for at in range(0, len(theirs), A_STATEMENT):
            self.change(model, theirs[at : at + A_STATEMENT], **{key.attname: self.kept.pk})
        self.moved[rule.name] += len(theirs)

    def _doubles(self, model: Model, key: models.Field) -> dict[Any, Any]:
        """Map rows of the other account to the row of the kept one that allows no second."""
        found: dict[Any, Any] = {}
        for others, condition in uniques(model, key):
            rows = model._base_manager.filter(condition)
            columns = ["pk", *others]
            mine = {
                tuple(row[1:]): row[0]
                for row in rows.filter(**{key.name: self.kept.pk}).values_list(*columns)
            }
            for pk, *same in rows.filter(**{key.name: self.other.pk}).values_list(*columns):
                if None not in same and tuple(same) in mine:
                    found[pk] = mine[tuple(same)]
        return found


def keys_that_move() -> Iterator[tuple[Rule, Model, models.Field, Merging]]:
    """Yield every column with the key of an account that merging moves, with its rule."""
    for rule, name, held in merged_fields():
        if held.merging in (None, Merging.KEEP_BOTH):
            continue
        column = apps.get_model(rule.name)._meta.get_field(name)
        if column.many_to_many:
            through: Model = column.remote_field.through
            is_theirs = issubclass(column.model, Person)
            key = column.m2m_field_name() if is_theirs else column.m2m_reverse_field_name()
            yield rule, through, through._meta.get_field(key), held.merging
        elif column.is_relation:
            yield rule, column.model, column, held.merging


def counts(person: Person) -> Counter[str]:
    """Count, by the model's label, the rows of this account that merging moves."""
    found: Counter[str] = Counter()
    for rule, model, key, _ in keys_that_move():
        found[rule.name] += model._base_manager.filter(**{key.name: person.pk}).count()
    return found


def uniques(model: Model, key: models.Field) -> Iterator[tuple[list[str], models.Q]]:
    """Yield what allows one row only with this key: the other columns, and for which rows."""
    if key.unique:
        yield [], models.Q()
    for names in model._meta.unique_together:
        if key.name in names:
            yield [name for name in names if name != key.name], models.Q()
    for each in model._meta.constraints:
        if isinstance(each, models.UniqueConstraint) and key.name in each.fields:
            others = [name for name in each.fields if name != key.name]
            yield others, each.condition or models.Q()


def faults() -> list[str]:
    """Return in sentences which rules of merging nothing would carry out."""
    found = []
    for rule, name, held in merged_fields():
        settler = settler_of(rule.name)
        column = apps.get_model(rule.name)._meta.get_field(name)
        is_number = not column.is_relation and held.merging is not Merging.KEEP_BOTH
        if is_number and not (settler and name in settler.numbers):
            found.append(f"{rule.name}.{name} is to move, and no settler moves it")
    for rule, model, key, held in keys_that_move():
        if held is Merging.MOVE and any(uniques(model, key)) and not settler_of(rule.name):
            found.append(f"{rule.name}.{key.name} allows one row only, and is to move as it is")
    return found
