"""Put back the values that a merge changed, unless they have changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import IntegrityError, transaction

from agencies.merging.moving import to_python
from lms.privacy.rules import privacy_rules
from lms.registries.merging import settler_of

if TYPE_CHECKING:
    from agencies.merging.models import Merge, MergedRow
    from agencies.models import Person

AT_A_TIME = 500


def put_back(made: Merge, *, by: Person) -> tuple[int, list[str]]:
    """Put back each value, the last first; return how many went, and what stays in sentences."""
    rows = list(made.rows.order_by("-pk"))
    went, stays, why = 0, Counter[str](), []
    for together in _alike(rows):
        reasons = _put_back(together, by)
        went += len(together) - len(reasons)
        for row, reason in reasons:
            if reason:
                why.append(reason)
            else:
                stays[row.model] += 1
    abouts = {rule.name: rule.about for rule in privacy_rules}
    counted = [
        f"{abouts.get(name, 'Other records')}: {many} changed since, and stay as they are."
        for name, many in stays.items()
    ]
    return went, why + counted


def _alike(rows: list[MergedRow]) -> Iterator[list[MergedRow]]:
    """Yield neighbours of one model that change in the same way."""
    for _, found in groupby(rows, key=lambda row: (row.model, row.was, row.now)):
        some = list(found)
        for at in range(0, len(some), AT_A_TIME):
            yield some[at : at + AT_A_TIME]


def _put_back(rows: list[MergedRow], by: Person) -> list[tuple[MergedRow, str]]:
    """Put back rows that change in the same way; return those that stay, each with its reason."""
    settler = settler_of(rows[0].model)
    is_alone = len(rows) == 1
    if is_alone or not settler:
        with suppress(IntegrityError), transaction.atomic():
            if settler and (said := settler.put_back(rows[0], by)) is not None:
                return [(rows[0], said)] if said else []
            return _insert(rows) if rows[0].is_deleted else _update(rows)
    if is_alone:
        return [(rows[0], "")]
    return [stays for row in rows for stays in _put_back([row], by)]


def _insert(rows: list[MergedRow]) -> list[tuple[MergedRow, str]]:
    model = apps.get_model(rows[0].model)
    for row in rows:
        values = to_python(model, row.was)
        model._base_manager.bulk_create([model(**values)])
        model._base_manager.filter(pk=row.row).update(**values)  # what an insert sets by itself
    return []


def _update(rows: list[MergedRow]) -> list[tuple[MergedRow, str]]:
    model = apps.get_model(rows[0].model)
    was, now = to_python(model, rows[0].was), to_python(model, rows[0].now)
    as_left = model._base_manager.filter(pk__in=[row.row for row in rows], **now)
    found = {str(pk) for pk in as_left.values_list("pk", flat=True)}
    model._base_manager.filter(pk__in=found).update(**was)
    return [(row, "") for row in rows if row.row not in found]
