"""Find out whether a form was overtaken: what it showed, what is true now, what was entered.

A form carries a signed digest of each value that it showed, those of its rows (formsets) included.
No value is in it, so it tells nobody anything. `Comparison` compares it with a form of the record
as it is now, and lays what somebody entered on top of that form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Manager, Model, QuerySet
from django.db.models.fields.files import FieldFile
from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet
from django.forms.models import InlineForeignKeyField
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.text import capfirst
from wagtail.blocks.base import BlockField

from lms.streams import comparing, merging

# Name of the hidden field that carries what the form showed.
FIELD = "shown"
EMPTY = "Empty"
SALT = "lms.web.overtaken"
# What is said of a form that came without what it showed, or with what another form showed.
INCOMPLETE = (
    "This page was not complete when it was sent, so nothing has been saved and nobody has been "
    "emailed about it. Check it and save again."
)

Digests = dict[str, str]
Formsets = Mapping[str, BaseFormSet]


@dataclass
class Shown:
    """Digests of what a form showed: of its fields, and by formset of each row that was there."""

    fields: Digests
    rows: dict[str, list[tuple[str, Digests]]] = field(default_factory=dict)
    # The last event about the record when the form was shown.
    event: int = 0

    def differs(self, other: Shown) -> bool:
        """Return whether the record is another than the one shown."""
        if self.fields != other.fields or self.rows.keys() != other.rows.keys():
            return True
        return any(dict(self.rows[name]) != dict(other.rows[name]) for name in self.rows)


@dataclass(frozen=True)
class Difference:
    """Field that has another value now, or was given another by who presses Save, in words."""

    label: str
    now: str
    entered: str
    was_entered: bool


def shown_by(form: forms.BaseForm, formsets: Formsets, event: int = 0) -> Shown:
    """Return what this unbound form and its formsets show."""
    return Shown(
        _digests(form),
        {
            name: [(_key(row), _digests(row)) for row in formset.initial_forms]
            for name, formset in formsets.items()
        },
        event,
    )


def signed(shown: Shown, about: str) -> str:
    """Return what was shown as text for a hidden field; `about` names the record."""
    return signing.dumps([shown.fields, shown.rows, shown.event], salt=SALT + about, compress=True)


def read_signed(value: str, about: str) -> Shown | None:
    """Read what `signed` made of this record; None if it is anything else."""
    try:
        fields, rows, event = signing.loads(value, salt=SALT + about)
    except (signing.BadSignature, ValueError):
        return None
    pairs = {name: [(key, digests) for key, digests in found] for name, found in rows.items()}
    return Shown(fields, pairs, event)


@dataclass
class EnteredRow:
    """Row of a formset as it was sent: what was entered in it, all that was sent, its removal."""

    key: str
    entered: dict[str, Any]
    sent: dict[str, Any]
    is_removed: bool = False


class Comparison:
    """Comparison of what somebody entered into a form that showed `shown` with the record now.

    `form` and `formsets` are unbound and of the record as it is now.
    """

    def __init__(
        self,
        form: forms.BaseForm,
        formsets: Formsets,
        shown: Shown | None,
        data: MultiValueDict[str, Any],
        files: MultiValueDict[str, UploadedFile],
    ) -> None:
        self.form, self.formsets, self.sent = form, formsets, (data, files)
        self.now = shown_by(form, formsets)
        # Without it nobody can say what was shown: all that differs counts as entered.
        self.is_incomplete = shown is None
        self.shown = shown or self.now
        self.is_overtaken = shown is None or self.shown.differs(self.now)
        entered = self._entered(form, self.shown.fields)
        self.entered = _missing(form, entered)
        self.rows: dict[str, list[EnteredRow]] = {}
        for name, formset in formsets.items():
            rows = self._rows(name, formset)
            self.rows[name] = list(_missing_rows(rows, formset, self.shown.rows.get(name, [])))
            entered |= {name: rows} if rows else {}
        # As after a second press of Save: all that was entered is true by now.
        self.is_there_already = bool(entered) and not self.is_anything_entered

    @property
    def is_anything_entered(self) -> bool:
        """Return whether something was entered that is not true already."""
        return bool(self.entered or any(self.rows.values()))

    @property
    def has_file(self) -> bool:
        """Return whether a file was sent: a browser cannot be given it back."""
        return any(isinstance(raw, UploadedFile) for raw in self.entered.values())

    def _sent(self, form: forms.BaseForm, prefix: str = "") -> dict[str, Any]:
        """Return the raw values sent for the fields of this form.

        A stream that was not sent, or cut off on its way, says nothing: it stays as it is.
        """
        data, files = self.sent
        names = {
            name: f"{prefix}-{name}" if prefix else form.add_prefix(name)
            for name, each in _fields(form)
            if not each.disabled
        }
        return {
            name: form.fields[name].widget.value_from_datadict(data, files, sent)
            for name, sent in names.items()
            if not is_stream_cut_off(form.fields[name], data, files, sent)
        }

    def _entered(self, form: forms.BaseForm, was: Digests, prefix: str = "") -> dict[str, Any]:
        """Return the raw values sent for this form that are others than those shown."""
        return {
            name: raw
            for name, raw in self._sent(form, prefix).items()
            if _is_changed(form.fields[name], raw, was.get(name))
        }

    def _rows(self, name: str, formset: BaseFormSet) -> list[EnteredRow]:
        """Return the rows that were changed, removed or added."""
        known, blank, rows = self.shown.rows.get(name, []), formset.empty_form, []
        for index in range(_number(self.sent[0].get(f"{formset.prefix}-TOTAL_FORMS"))):
            prefix = f"{formset.prefix}-{index}"
            key, digests = known[index] if index < len(known) else ("", _digests(blank))
            entered = self._entered(blank, digests, prefix)
            is_removed = bool(self.sent[0].get(f"{prefix}-{DELETION_FIELD_NAME}"))
            if entered or is_removed:
                rows.append(EnteredRow(key, entered, self._sent(blank, prefix), is_removed))
        return [row for row in rows if row.key or not row.is_removed]

    def new_rows(self, name: str) -> int:
        """Return how many rows of this formset need a line that the record has not."""
        there = {_key(row) for row in self.formsets[name].initial_forms}
        return sum(row.key not in there for row in self.rows[name])

    def differences(self) -> list[Difference]:
        """Return each field that has changed since it was shown, or that was entered."""
        found = _differences(self.form, self.shown.fields, self.entered)
        for name, formset in self.formsets.items():
            was = dict(self.shown.rows.get(name, []))
            found += _row_differences(name, formset, was, self.rows[name])
        return found

    def lay_on_top(self, form: forms.BaseForm, formsets: Formsets) -> None:
        """Put what was entered, and nothing else, into unbound forms of the record as it is now."""
        _lay(form, self.entered, self.shown.fields if not self.is_incomplete else {})
        for name, formset in formsets.items():
            there = {_key(row): row for row in formset.initial_forms}
            empty = iter(formset.extra_forms)
            for row in self.rows[name]:
                if row.key in there:
                    _lay(there[row.key], row.entered)
                    there[row.key].initial[DELETION_FIELD_NAME] = row.is_removed
                else:
                    _lay(next(empty), row.sent)


def is_stream_cut_off(each: forms.Field, data: Any, files: Any, name: str) -> bool:
    """Return whether a stream of blocks is not in what was sent, or not whole."""
    if not isinstance(each, BlockField):
        return False
    if each.widget.value_omitted_from_data(data, files, name):
        return True
    try:
        each.widget.value_from_datadict(data, files, name)
    except (KeyError, ValueError):
        return True
    return False


def _lay(form: forms.BaseForm, values: Mapping[str, Any], was: Digests | None = None) -> None:
    """Put these into the form; of a stream only those parts that differ from `was`."""
    form.initial |= {
        name: _laid(form, name, raw, was or {})
        for name, raw in values.items()
        if not isinstance(raw, UploadedFile)
    }


def _laid(form: forms.BaseForm, name: str, raw: Any, was: Digests) -> Any:
    each = form.fields[name]
    if not isinstance(each, BlockField):
        return raw
    now = form.get_initial_for_field(each, name)
    return merging.merged(each.block, now, raw, was, name, digest_of)


def _is_changed(each: forms.Field, raw: Any, was: str | None) -> bool:
    """Return whether this was sent in the place of what the digest is of."""
    if isinstance(each, forms.FileField) and raw is None:
        return False
    return _digest(each, _clean(each, raw)) != was


def _missing(form: forms.BaseForm, entered: Mapping[str, Any]) -> dict[str, Any]:
    """Return those values that the form does not show already."""
    now = _digests(form)
    return {n: raw for n, raw in entered.items() if _is_changed(form.fields[n], raw, now.get(n))}


def _missing_rows(
    rows: Iterable[EnteredRow], formset: BaseFormSet, shown: Iterable[tuple[str, Digests]]
) -> Iterable[EnteredRow]:
    """Yield those rows that the formset does not show already, with what it does not show."""
    there, blank = {_key(row): row for row in formset.initial_forms}, formset.empty_form
    known = {key for key, _ in shown}
    new = [_digests(row) for key, row in there.items() if key not in known]
    for row in rows:
        if not row.key:
            fields = {n: (blank.fields[n], raw) for n, raw in row.sent.items()}
            digests = {n: _digest(each, _clean(each, raw)) for n, (each, raw) in fields.items()}
            if digests in new:
                new.remove(digests)
                continue
        elif row.key in there:
            row.entered = _missing(there[row.key], row.entered)
        elif row.is_removed:
            continue
        if row.entered or row.is_removed:
            yield row


def _row_differences(
    name: str, formset: BaseFormSet, was: Mapping[str, Digests], rows: Iterable[EnteredRow]
) -> Iterable[Difference]:
    mine, what, blank = (
        {row.key: row for row in rows if row.key},
        _singular(name),
        formset.empty_form,
    )
    there = {_key(row): row for row in formset.initial_forms}
    for key, form in there.items():
        title, row = f"{what} {_title(form)}", mine.get(key)
        if key not in was:
            yield Difference(title, f"Added: {_summary(form)}", "", False)
        elif row and row.is_removed:
            yield Difference(title, _summary(form), "Removed", True)
        else:
            yield from _differences(form, was[key], row.entered if row else {}, f"{title}: ")
    for key in was.keys() - there.keys():
        entered = _summary_of(blank, mine[key].sent) if key in mine else ""
        yield Difference(f"{what} that was there", "Removed", entered, key in mine)
    for row in rows:
        if not row.key:
            yield Difference(f"New {what.lower()}", EMPTY, _summary_of(blank, row.sent), True)


def _singular(name: str) -> str:
    return capfirst(name).removesuffix("s")


def _differences(
    form: forms.BaseForm, was: Digests, entered: Mapping[str, Any], before: str = ""
) -> list[Difference]:
    found, now = [], _digests(form)
    for name, each in _fields(form):
        if name in entered or was.get(name, now[name]) != now[name]:
            label = capfirst(str(form[name].label))
            if isinstance(each, BlockField):
                value = form.get_initial_for_field(each, name)
                found += _part_differences(name, label, value, entered.get(name), was, now)
                continue
            there = _in_words(each, form.get_initial_for_field(each, name))
            mine = _in_words(each, _clean(each, entered[name])) if name in entered else ""
            found.append(Difference(before + label, there, mine, name in entered))
    return found


def _part_differences(
    name: str, label: str, value: Any, entered: Any, was: Digests, now: Digests
) -> Iterable[Difference]:
    """Yield each part of a stream that has changed since it was shown, or that was entered."""
    there = {part.id: part for part in value or ()}
    mine = {part.id: part for part in entered or ()} if entered is not None else there
    for key, part in (there | mine).items():
        path = f"{name}/{key}"
        before = was.get(path)
        sent = mine.get(key)
        digest = digest_of(comparing.plain_of(sent.block, sent.value)) if sent else None
        is_mine = entered is not None and digest != before
        if is_mine or now.get(path) != before:
            yield Difference(
                f"{label}: {comparing.title_of(part)}",
                comparing.words_of(there[key]) if key in there else "Not there",
                (comparing.words_of(sent) if sent else "Removed") if is_mine else "",
                is_mine,
            )


def _fields(form: forms.BaseForm) -> list[tuple[str, forms.Field]]:
    """Return the fields that are compared: nothing hidden, no keys, no boxes that remove a row."""
    key = form._meta.model._meta.pk.name if isinstance(form, forms.BaseModelForm) else ""
    return [
        (name, each)
        for name, each in form.fields.items()
        if name not in (FIELD, DELETION_FIELD_NAME, key)
        and not isinstance(each, InlineForeignKeyField)
        and not isinstance(each.widget, forms.HiddenInput)
    ]


def _key(row: forms.BaseForm) -> str:
    """Return what a row is known by: its record, or the value that its form names."""
    if isinstance(row, forms.BaseModelForm):
        return str(row.instance.pk)
    return str(row.initial[row.known_by])  # type: ignore[attr-defined]


def _digests(form: forms.BaseForm) -> Digests:
    """Return a digest of each field, and of each part of a stream by its path."""
    found = {}
    for name, each in _fields(form):
        value = form.get_initial_for_field(each, name)
        found[name] = _digest(each, value)
        if isinstance(each, BlockField):
            found |= merging.digests(each.block, value, name, digest_of)
    return found


def _digest(each: forms.Field, value: Any) -> str:
    return digest_of(_plain(each, value))


def digest_of(text: str) -> str:
    """Return the digest that a form carries of this text."""
    return salted_hmac(SALT, text).hexdigest()[:16]


def _clean(each: forms.Field, raw: Any) -> Any:
    """Return what was sent as the field understands it, or as it was sent if it does not."""
    if isinstance(raw, UploadedFile):
        return raw
    try:
        return each.to_python(raw)
    except forms.ValidationError:
        return raw


def _plain(each: forms.Field, value: Any) -> str:
    """Return a value as text that is the same for what was shown and for what was sent."""
    if isinstance(each, BlockField):
        return comparing.plain(each.block, value or [])
    if isinstance(value, UploadedFile):
        return f"upload {value.name} {value.size}"
    if isinstance(value, FieldFile):
        return value.name or ""
    if isinstance(each, forms.BooleanField) and not isinstance(each, forms.NullBooleanField):
        return "yes" if value else ""
    value = each.prepare_value(value)
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, Manager):
        value = value.all()
    if isinstance(value, list | tuple | set | QuerySet):
        return "\n".join(sorted(str(v.pk if isinstance(v, Model) else v) for v in value))
    if isinstance(value, Decimal | float):
        return format(Decimal(str(value)).normalize(), "f")
    if isinstance(value, dt.date | dt.time):
        value = each.widget.format_value(value)
    return "" if value in (None, False) else str(value).replace("\r", "").strip()


def _number(value: Any) -> int:
    """Return how many rows were sent: a thousand at most."""
    return min(int(value), 1000) if str(value).isdecimal() else 0


def _in_words(each: forms.Field, value: Any) -> str:
    if isinstance(each, BlockField):
        return comparing.in_words(value or []) or EMPTY
    if isinstance(value, UploadedFile):
        return f"{value.name}. Choose this file again"
    if isinstance(each, forms.BooleanField) and not isinstance(each, forms.NullBooleanField):
        return "Yes" if value else "No"
    if isinstance(each, forms.ModelChoiceField):
        return _record_in_words(each, value)
    if isinstance(each, forms.ChoiceField):
        return _choice_in_words(each, value)
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return date_format(local, "l j F Y, H:i")
    if isinstance(value, dt.date):
        return date_format(value, "l j F Y")
    return str(value).strip() if value not in (None, "", False, []) else EMPTY


def _record_in_words(each: forms.ModelChoiceField, value: Any) -> str:
    if value in (None, ""):
        return EMPTY
    many = value if isinstance(value, list | tuple | set | QuerySet) else [value]
    keys = [thing.pk if isinstance(thing, Model) else thing for thing in many]
    try:
        found = each.queryset.model._base_manager.filter(pk__in=keys)
        return ", ".join(sorted(each.label_from_instance(thing) for thing in found)) or EMPTY
    except (ValueError, TypeError, forms.ValidationError):
        return ", ".join(str(key) for key in keys)


def _choice_in_words(each: forms.ChoiceField, value: Any) -> str:
    words: dict[str, str] = {}
    for key, label in each.choices:
        group = label if isinstance(label, list | tuple) else [(key, label)]
        words |= {str(choice): str(said) for choice, said in group}
    many = value if isinstance(value, list | tuple) else [value]
    return ", ".join(words.get(str(key), str(key)) for key in many if key is not None) or EMPTY


def _title(row: forms.BaseForm) -> str:
    """Return what tells one row from the others: the first value that it has."""
    for name, each in _fields(row):
        if (value := row.get_initial_for_field(each, name)) not in (None, ""):
            return _in_words(each, value)
    return EMPTY


def _summary(row: forms.BaseForm) -> str:
    return _joined((each, row.get_initial_for_field(each, name)) for name, each in _fields(row))


def _summary_of(blank: forms.BaseForm, sent: Mapping[str, Any]) -> str:
    return _joined((each, _clean(each, sent[n])) for n, each in _fields(blank) if n in sent)


def _joined(values: Iterable[tuple[forms.Field, Any]]) -> str:
    said = [_in_words(each, value) for each, value in values if value not in (None, "", False)]
    return ", ".join(said) or EMPTY
