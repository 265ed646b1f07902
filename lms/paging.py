"""Paginate lists so that each row is on exactly one page."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from itertools import groupby
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core import paginator
from django.db.models import Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.sql import Query
from modelsearch.backends.base import BaseSearchResults
from wagtail.models.reference_index import ReferenceGroups, ReferenceIndex


def in_unique_order(rows: Any) -> Any:
    """Append the primary key to a queryset's order; return anything without such a key unchanged.

    PostgreSQL may sort ties differently for each page, and then one page repeats what another
    leaves out. The key takes the direction of the last column, so that one index serves both.
    """
    if isinstance(rows, BaseSearchResults):
        return _found_in_unique_order(rows)
    if isinstance(rows, QuerySet) and rows.query.combinator:
        return _joined_in_unique_order(rows)
    if not isinstance(rows, QuerySet) or _has_no_key(rows.query):
        return rows
    order = list(rows.query.order_by or (rows.ordered and rows.model._meta.ordering) or ())
    if {"pk", "-pk", "id", "-id"}.intersection(term for term in order if isinstance(term, str)):
        return rows
    return rows.order_by(*order, "-pk" if order and _is_descending(order[-1]) else "pk")


def _found_in_unique_order(rows: BaseSearchResults) -> BaseSearchResults:
    """Do so for what a search found if it is in the order of a column; relevance has its key."""
    compiler = rows.query_compiler
    if compiler is None or compiler.order_by_relevance or not compiler.queryset.ordered:
        return rows
    found = rows._clone()
    found.query_compiler = copy(compiler)
    found.query_compiler.queryset = in_unique_order(compiler.queryset)
    return found


def _joined_in_unique_order(rows: QuerySet) -> QuerySet:
    """Order a union of values by all that it selects; one of models is in the order that it has."""
    query = rows.query
    order = [term for term in query.order_by if isinstance(term, str)]
    names = [*query.values_select, *query.annotation_select]
    if query.is_sliced or not query.values_select or len(order) < len(query.order_by):
        return rows
    by = {term.lstrip("-") for term in order}
    return rows.order_by(*order, *(name for name in names if name not in by))


def _has_no_key(query: Query) -> bool:
    """Detect a slice, or groups by values, where the key would be a grouping column."""
    return query.is_sliced or isinstance(query.group_by, tuple)


def _is_descending(term: Any) -> bool:
    return term.descending if isinstance(term, OrderBy) else str(term).startswith("-")


class UniqueOrder:
    """Paginator mixin that puts its rows in a unique order first."""

    def __init__(self, object_list: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(in_unique_order(object_list), *args, **kwargs)


class Paginator(UniqueOrder, paginator.Paginator):
    """Django's paginator with a unique order of rows."""


def page_of_usage(groups: ReferenceGroups, which: Any) -> list[tuple[Any, list[ReferenceIndex]]]:
    """Return some of the records that refer to something, each with its references.

    Wagtail's own reads all of them for each page, and each record by itself.
    """
    if not (isinstance(groups.qs, QuerySet) and isinstance(which, slice)):
        return list(groups)[which]
    keys = groups.qs.values_list("base_content_type", "object_id").distinct()[which]
    wanted = defaultdict(set)
    for kind, pk in keys:
        wanted[kind].add(pk)
    chosen = [Q(base_content_type=kind, object_id__in=pks) for kind, pks in wanted.items()]
    found = [each for q in chosen for each in groups.qs.filter(q)]
    records = {
        (kind, str(record.pk)): record
        for kind, pks in wanted.items()
        for record in _records_of(kind, pks)
    }
    by_record = groupby(found, key=lambda each: (each.base_content_type_id, each.object_id))
    return [(records[key], list(each)) for key, each in by_record if key in records]


def _records_of(kind: int, pks: set[str]) -> QuerySet[Any]:
    model = ContentType.objects.get_for_id(kind).model_class()
    return model._base_manager.filter(pk__in=pks) if model else ContentType.objects.none()
