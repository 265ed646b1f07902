"""Paginate lists so that each row is on exactly one page."""

from __future__ import annotations

from typing import Any

from django.core import paginator
from django.db.models import QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.sql import Query


def in_unique_order(rows: Any) -> Any:
    """Append the primary key to a queryset's order; return anything without such a key unchanged.

    PostgreSQL may sort ties differently for each page, and then one page repeats what another
    leaves out. The key takes the direction of the last column, so that one index serves both.
    """
    if not isinstance(rows, QuerySet) or _has_no_key(rows.query):
        return rows
    order = list(rows.query.order_by or (rows.ordered and rows.model._meta.ordering) or ())
    if {"pk", "-pk", "id", "-id"}.intersection(term for term in order if isinstance(term, str)):
        return rows
    return rows.order_by(*order, "-pk" if order and _is_descending(order[-1]) else "pk")


def _has_no_key(query: Query) -> bool:
    """Detect a union, a slice, or groups by values, where the key would be a grouping column."""
    return bool(query.combinator) or query.is_sliced or isinstance(query.group_by, tuple)


def _is_descending(term: Any) -> bool:
    return term.descending if isinstance(term, OrderBy) else str(term).startswith("-")


class UniqueOrder:
    """Paginator mixin that puts its rows in a unique order first."""

    def __init__(self, object_list: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(in_unique_order(object_list), *args, **kwargs)


class Paginator(UniqueOrder, paginator.Paginator):
    """Django's paginator with a unique order of rows."""
