"""Divide lists into pages so that each row is on exactly one of them."""

from __future__ import annotations

from typing import Any

from django.core import paginator
from django.db.models import QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.sql import Query


def in_unique_order(rows: Any) -> Any:
    """End the order of a queryset with its primary key; return what has no such key as it is.

    Rows that tie have no order of their own: PostgreSQL may sort them differently for each page,
    and then one page repeats what another leaves out. The key runs in the direction of the column
    before it, so that one index serves both.
    """
    if not isinstance(rows, QuerySet) or _has_no_key(rows.query):
        return rows
    order = list(rows.query.order_by or (rows.ordered and rows.model._meta.ordering) or ())
    if {"pk", "-pk", "id", "-id"}.intersection(term for term in order if isinstance(term, str)):
        return rows
    return rows.order_by(*order, "-pk" if order and _is_descending(order[-1]) else "pk")


def _has_no_key(query: Query) -> bool:
    """A union, a slice, or groups by values: there the key would be another column to group by."""
    return bool(query.combinator) or query.is_sliced or isinstance(query.group_by, tuple)


def _is_descending(term: Any) -> bool:
    return term.descending if isinstance(term, OrderBy) else str(term).startswith("-")


class UniqueOrder:
    """Make a paginator put its rows in a unique order first."""

    def __init__(self, object_list: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(in_unique_order(object_list), *args, **kwargs)


class Paginator(UniqueOrder, paginator.Paginator):
    """Django's paginator, for rows that may tie."""
