"""Compare what the editor of a page showed with its latest revision, field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.html import strip_tags
from django.utils.text import capfirst
from modelcluster.fields import ParentalKey
from modelcluster.models import get_serializable_data_for_fields
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from lms.web.overtaken import EMPTY, Difference, Digests, digest_of

# Keys that the rich text editor gives to paragraphs anew, and text around a difference.
BLOCK_KEYS = re.compile(r' data-block-key=\\?"[^"\\]*\\?"')
EMPTY_PARAGRAPHS = re.compile(r"<p>\s*</p>")
AROUND = 60
LONG = 400


@dataclass
class PageComparison:
    """Page as it is now, what somebody entered, and the digests of what the editor showed."""

    now: Page
    entered: Page
    shown: Digests
    form: forms.ModelForm
    is_incomplete: bool = False

    def __post_init__(self) -> None:
        self.removed: set[tuple[str, int]] = set()
        there, mine = digests_of(self.now, self.form), digests_of(self.entered, self.form)
        self.mine = [n for n in mine if mine[n] != self.shown.get(n) and mine[n] != there[n]]
        self.theirs = [n for n in there if there[n] != self.shown.get(n, there[n])]
        # What somebody sees is what there is, as after an autosave of their own.
        self.is_same = mine == there
        found = {*self.mine, *self.theirs}
        self.differences = [self._difference(name) for name in there if name in found]

    @property
    def is_anything_entered(self) -> bool:
        """Return whether something was entered that the page does not say already."""
        return bool(self.mine)

    def _difference(self, name: str) -> Difference:
        now, entered = _words(self.now, name), _words(self.entered, name)
        if name not in self.mine:
            return Difference(_label(self.form, name), now[:LONG], "", False)
        return Difference(_label(self.form, name), *_where_they_differ(now, entered), True)

    def merged(self) -> Page:
        """Lay what was entered, and nothing else, on top of the page as it is now."""
        for name in self.mine:
            if name in self.form.formsets:
                setattr(self.now, name, self._merged_children(name))
            elif self.now._meta.get_field(name).many_to_many:
                getattr(self.now, name).set(getattr(self.entered, name).all())
            else:
                setattr(self.now, name, getattr(self.entered, name))
        return self.now

    def _merged_children(self, name: str) -> list[Any]:
        """Return the children of now with those entered; what was removed stays to be marked."""
        shown = {key.partition("/")[2] for key in self.shown if key.startswith(f"{name}/")}
        mine = {_digest_of_child(each): each for each in getattr(self.entered, name).all()}
        entered = [each for digest, each in mine.items() if digest not in shown]
        changed = {each.pk for each in entered} - {None}
        there = {_digest_of_child(each): each for each in getattr(self.now, name).all()}
        kept = []
        for digest, each in there.items():
            is_removed = digest in shown and digest not in mine and each.pk not in changed
            if is_removed and each.pk:
                self.removed.add((name, each.pk))
            if each.pk not in changed and (each.pk or not is_removed):
                kept.append(each)
        return kept + [each for each in entered if _digest_of_child(each) not in there]

    def mark_removed(self, form: forms.ModelForm) -> None:
        """Tick the boxes of the children that were removed, in the form of the merged page.

        A child that is only left out of a form stays.
        """
        for name, formset in form.formsets.items():
            for each in formset.forms:
                if (name, each.instance.pk) in self.removed:
                    each.initial[DELETION_FIELD_NAME] = "1"


def _digest_of_child(child: Any) -> str:
    return digest_of(_plain(get_serializable_data_for_fields(child)))


def names_of(form: forms.ModelForm) -> list[str]:
    """Return the fields and child relations of a page's form."""
    known = {field.name for field in form._meta.model._meta.get_fields()}
    return [name for name in (*form.fields, *form.formsets) if name in known]


def digests_of(page: Page, form: forms.ModelForm) -> Digests:
    """Return the digest of each field and relation of this page that is in the form."""
    data = page.serializable_data()
    return {name: digest_of(_plain(data.get(name))) for name in names_of(form)}


def shown_by(page: Page, form: forms.ModelForm) -> Digests:
    """Return what an editor of this page shows: its digests, and those of each child."""
    children = {
        f"{name}/{_digest_of_child(child)}": ""
        for name in names_of(form)
        if name in form.formsets
        for child in getattr(page, name).all()
    }
    return digests_of(page, form) | children


def _plain(value: Any) -> str:
    """Return a value as text that is the same however often it was saved without a change."""
    if value in (None, "", []):
        return ""
    if isinstance(value, str) and value.startswith("[{"):  # The parts of a StreamField.
        value = json.loads(value)
    value = _without_keys(value)
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return EMPTY_PARAGRAPHS.sub("", BLOCK_KEYS.sub("", text)).replace("\r", "").strip()


def _without_keys(value: Any) -> Any:
    """Leave out the keys that saving gives to parts and children."""
    if isinstance(value, list):
        return [_without_keys(each) for each in value]
    if not isinstance(value, dict):
        return value
    gone = {"id"} if {"type", "value"} <= value.keys() else {"pk", "page", "sort_order"}
    return {name: _without_keys(each) for name, each in value.items() if name not in gone}


def _label(form: forms.ModelForm, name: str) -> str:
    if name in form.fields:
        return capfirst(str(form.fields[name].label or name))
    return capfirst(name.removeprefix("wagtail_admin_").replace("_", " "))


def _words(page: Page, name: str) -> str:
    """Return what a field of the page says, as plain text."""
    field, value = page._meta.get_field(name), getattr(page, name)
    if isinstance(field, StreamField):
        said: Iterable[Any] = value.stream_block.get_searchable_content(value)
        return "\n".join(strip_tags(str(part)) for part in said) or EMPTY
    if isinstance(field, RichTextField):
        return strip_tags(value or "") or EMPTY
    if hasattr(value, "all"):
        return "\n".join(_child_in_words(each) for each in value.all()) or EMPTY
    if isinstance(field, models.Field) and field.choices:
        value = getattr(page, f"get_{name}_display")()
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value) if value not in (None, "") else EMPTY


def _child_in_words(child: models.Model) -> str:
    """Return what a child of a page, or a record that it names, says."""
    if not any(isinstance(field, ParentalKey) for field in child._meta.get_fields()):
        return str(child)
    values = [
        getattr(child, field.name)
        for field in child._meta.concrete_fields
        if not field.primary_key
        and not isinstance(field, ParentalKey)
        and field.name != "sort_order"
    ]
    return ", ".join(strip_tags(str(value)) for value in values if value not in (None, ""))


def _where_they_differ(one: str, other: str) -> tuple[str, str]:
    """Cut two long texts to the part in which they differ, and some words around it."""
    if max(len(one), len(other)) <= LONG:
        return one, other
    least = min(len(one), len(other))
    begin = next((at for at in range(least) if one[at] != other[at]), least)
    begin = max(begin - AROUND, 0)
    return tuple(
        ("…" if begin else "") + text[begin : begin + LONG] + ("…" if text[begin + LONG :] else "")
        for text in (one, other)
    )  # type: ignore[return-value]
