"""Put the registry of personal data into words and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

from lms.formatting import day
from lms.privacy.record_types import RecordType, record_types
from lms.privacy.rules import (
    BY_ADDRESS,
    ITSELF,
    WHOEVER_IT_NAMES,
    Basis,
    Erasing,
    Held,
    Rule,
    privacy_rules,
)
from privacy.erasing import Due


@dataclass(frozen=True)
class InWords:
    """Fields of a record that are alike, in words; `otherwise` says what differs from the rest."""

    fields: str
    what: str
    whose: str
    basis: str
    kept_for: str
    erasing: str
    merging: str
    otherwise: tuple[str, ...] = ()

    @property
    def cells(self) -> list[str]:
        return [
            self.fields, self.what, self.whose, self.basis, self.kept_for, self.erasing,
            self.merging,
        ]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One kind of record, in words."""

    name: str
    about: str
    is_personal: bool
    whose: str
    basis: str
    kept_for: str
    lines: list[InWords]


def entries() -> list[Entry]:
    """Return every kind of record in words, those about people first."""
    kept_for = {each.name: each.kept_for for each in record_types}
    rules = sorted(privacy_rules, key=lambda rule: (not rule.is_personal, rule.about, rule.name))
    return [
        Entry(
            rule.name,
            rule.about,
            rule.is_personal,
            whose=_whose(apps.get_model(rule.name), rule.whose),
            basis=rule.basis.value,
            kept_for=kept_for.get(rule.record_type, ""),
            lines=list(_lines_of(rule, kept_for)),
        )
        for rule in rules
    ]


def kept_until_asked() -> list[RecordType]:
    """Return the record types of which nothing is erased by itself."""
    return [each for each in record_types if not each.is_automatic]


def amount(due: Due) -> str:
    """Say how much is due, as in '1,200 records about 300 people, the oldest of 3 May 2024,'."""
    if not due.rows:
        return "Nothing"
    said = f"{due.rows:,} {'record' if due.rows == 1 else 'records'}"
    if due.people is not None:
        said += f" about {due.people:,} {'person' if due.people == 1 else 'people'}"
    return f"{said}, the oldest of {day(due.oldest)}," if due.oldest else said


def _lines_of(rule: Rule, kept_for: dict[str, str]) -> Iterator[InWords]:
    model = apps.get_model(rule.name)
    alike: dict[Held, list[str]] = {}
    for name, held in rule.held():
        alike.setdefault(held, []).append(str(model._meta.get_field(name).verbose_name))
    for held, names in alike.items():
        whose, basis = _whose(model, held.whose), (held.basis or Basis.NONE).value
        kept = kept_for.get(held.record_type, "")
        otherwise = {
            f"About: {whose}": held.whose != rule.whose,
            f"Basis: {basis}": held.basis != rule.basis,
            f"Kept for: {kept}": held.record_type != rule.record_type,
        }
        yield InWords(
            fields=", ".join(names),
            what=held.what,
            whose=whose,
            basis=basis,
            kept_for=kept,
            erasing=_erasing(held) if rule.is_personal else "",
            merging=held.merging.value if held.merging else "",
            otherwise=tuple(said for said, differs in otherwise.items() if differs),
        )


def _erasing(held: Held) -> str:
    said = (held.erasing or Erasing.KEPT).value
    if held.erasing is Erasing.REPLACED:
        return f"{said} {held.note}"
    return f"{said}: {held.note}" if held.note else said


def _whose(model: type[Model], whose: str) -> str:
    """Say whose data it is, as in 'Booking: person'."""
    if whose == ITSELF:
        return "The person"
    if whose == WHOEVER_IT_NAMES:
        return "Whoever it names"
    if not whose:
        return ""
    path, words = whose.removeprefix(BY_ADDRESS).split("__"), []
    for name in path:
        field = model._meta.get_field(name)
        words.append(str(getattr(field, "verbose_name", name)))
        model = field.related_model or model  # type: ignore[assignment]
    said = " of the ".join(reversed(words))
    if whose.startswith(BY_ADDRESS):
        return f"Whoever has this address: {said}"
    if words[-1] != "person":
        return f"Whoever is named in “{said}”"
    return said[:1].upper() + said[1:]
