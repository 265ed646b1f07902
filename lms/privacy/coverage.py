"""Compare the rules of the registry with the installed models."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from lms.privacy.record_types import record_types
from lms.privacy.rules import (
    BY_ADDRESS,
    ITSELF,
    WHOEVER_IT_NAMES,
    Erasing,
    Held,
    Rule,
    privacy_rules,
)

# Endings of fields that may hold the number of an account without a foreign key.
NUMBERS = ("_id", "_by", "_pk", "person", "user", "owner")
NUMBERS_IN_TEXT = ("about_id", "thing_id", "object_id")
Field = models.Field


def faults() -> list[str]:
    """Return in sentences what has no rule, and which rules are of something that is gone."""
    installed = {model._meta.label: model for model in installed_models()}
    rules = {rule.name: rule for rule in privacy_rules}
    found = [f"{label} has no rule" for label in installed.keys() - rules.keys()]
    found += [
        f"{label} has a rule and is not installed" for label in rules.keys() - installed.keys()
    ]
    for label in installed.keys() & rules.keys():
        found += [f"{label}{said}" for said in faults_of(installed[label], rules[label])]
    return sorted(found)


def installed_models() -> list[type[models.Model]]:
    """Return every model, without the tables that many-to-many fields make."""
    return list(apps.get_models())


def fields_of(model: type[models.Model]) -> dict[str, Field]:
    """Return the fields that a rule names: columns and many-to-many fields of the model itself.

    Numbers of its own rows, links to a parent's row and fields of the parent are left out.
    """
    local = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return {each.name: each for each in local if not _is_own_key(each)}


def _is_own_key(each: Field) -> bool:
    remote = each.remote_field
    if remote is not None and getattr(remote, "parent_link", False):
        return True
    return isinstance(each, models.AutoField | models.BigAutoField)


def names_a_person(each: Field) -> bool:
    """Return whether the field is a key of an account, by a foreign key or many-to-many."""
    person = get_user_model()
    if each.many_to_many and issubclass(each.model, person):
        return True
    return isinstance(each.related_model, type) and issubclass(each.related_model, person)


def may_number_a_person(each: Field) -> bool:
    """Return whether the field holds a row's number without a foreign key, by its type and name."""
    if each.is_relation:
        return False
    endings = NUMBERS if isinstance(each, models.IntegerField) else NUMBERS_IN_TEXT
    return each.name.endswith(endings)


def merged_fields() -> Iterator[tuple[Rule, str, Held]]:
    """Yield every field that names an account, with what merging does to it."""
    for rule in privacy_rules:
        for name, held in rule.held():
            if held.merging:
                yield rule, name, held


def faults_of(model: type[models.Model], rule: Rule) -> Iterator[str]:
    fields = fields_of(model)
    yield from (f".{name} is named twice" for name in rule.repeated)
    yield from (f".{name} has no rule" for name in fields.keys() - rule.fields.keys())
    yield from (f".{name} has a rule and is gone" for name in rule.fields.keys() - fields.keys())
    for name, held in rule.held():
        if name in fields:
            found = [*_faults_of_merging(fields[name], rule, held)]
            if rule.is_personal:
                found += _faults_of_holding(model, fields[name], held)
            yield from (f".{name} {said}" for said in found)


def _faults_of_merging(each: Field, rule: Rule, held: Held) -> Iterator[str]:
    is_key, is_number = names_a_person(each), may_number_a_person(each)
    if is_key and not rule.is_personal:
        yield "names a person, and the rule says that nothing is about anybody"
    if is_key and not held.merging:
        yield "names a person, and nothing says what merging two accounts does to it"
    if is_number and not held.merging:
        yield "may number a person, and nothing says what merging two accounts does to it"
    if held.merging and not (is_key or is_number or _is_text(each)):
        yield "names nobody, and has a rule for merging"


def _faults_of_holding(model: type[models.Model], each: Field, held: Held) -> Iterator[str]:
    if not held.what:
        yield "does not say what it holds"
    if held.record_type not in {known.name for known in record_types}:
        yield f"is of the record type {held.record_type!r}, which there is not"
    if not leads_to_a_person(model, held.whose):
        yield f"is about {held.whose!r}, which leads to no person"
    if held.erasing is Erasing.KEPT and not held.note:
        yield "is kept and no reason is given"
    if held.erasing is Erasing.BLANKED and not _can_be_blank(each):
        yield "is to be blanked and cannot be blank"


def _is_text(each: Field) -> bool:
    return isinstance(each, models.CharField | models.TextField | models.JSONField)


def _can_be_blank(each: Field) -> bool:
    if each.many_to_many or each.null:
        return True
    return isinstance(
        each, models.CharField | models.TextField | models.JSONField | models.FileField
    )


def leads_to_a_person(model: type[models.Model], whose: str) -> bool:
    """Return whether the path of a rule ends at an account, or at a field with an address."""
    if whose == WHOEVER_IT_NAMES:
        return True
    if whose == ITSELF:
        return issubclass(model, get_user_model())
    try:
        if whose.startswith(BY_ADDRESS):
            return _is_text(_end_of(model, whose.removeprefix(BY_ADDRESS)))
        return names_a_person(_end_of(model, whose))
    except FieldDoesNotExist:
        return False


def _end_of(model: type[models.Model], path: str) -> Field:
    *between, last = path.split("__")
    for name in between:
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]
        if not isinstance(model, type):
            raise FieldDoesNotExist(path)
    return model._meta.get_field(last)  # type: ignore[return-value]
