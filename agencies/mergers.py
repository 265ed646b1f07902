"""Resolve mergers of agencies, however many followed one another.

Nothing else follows `merged_into`. Recursive queries do it in SQL, so that nothing is stored that
could become stale; `Lineages` does it in Python. A cycle of mergers, which `refuse` prevents, ends
where it began.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import BigIntegerField, CharField, Func, Subquery
from django.utils.functional import cached_property

from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Agency

_INTO = (
    "UNION SELECT merged.merged_into_id FROM agencies_agency merged JOIN lineage ON"
    " merged.id = lineage.id WHERE merged.merged_into_id IS NOT NULL"
)
_FROM = (
    "UNION SELECT merged.id FROM agencies_agency merged JOIN lineage ON"
    " merged.merged_into_id = lineage.id"
)


class MergerRefused(Refused):
    """A merger that is refused; its message is shown to the person."""


# S608 below: the templates are put together of constants; ids are bound as parameters.


class Predecessors(Subquery):
    """Ids of the agencies of a subquery of ids, and of all that were merged into them."""

    template = f"(WITH RECURSIVE lineage(id) AS (%(subquery)s {_FROM}) SELECT id FROM lineage)"  # noqa: S608


class Successors(Subquery):
    """Ids of the agencies of a subquery of ids, and of all that they were merged into."""

    template = f"(WITH RECURSIVE lineage(id) AS (%(subquery)s {_INTO}) SELECT id FROM lineage)"  # noqa: S608


class _Last(Func):
    """Column of the agency that an agency, given by a path to its id, is today; own in a cycle."""

    arity = 1
    template = (
        f"COALESCE((WITH RECURSIVE lineage(id) AS (SELECT %(expressions)s {_INTO})"  # noqa: S608
        " SELECT last.%(column)s FROM agencies_agency last JOIN lineage ON last.id = lineage.id"
        " WHERE last.merged_into_id IS NULL),"
        " (SELECT own.%(column)s FROM agencies_agency own WHERE own.id = %(expressions)s))"
    )


def today(agency: Any) -> Func:
    """Build the id of the agency that `agency`, a path or an OuterRef to an id, is today."""
    return _Last(agency, column="id", output_field=BigIntegerField())


def name_today(agency: str) -> Func:
    """Build the name of the agency that `agency`, a path to an id, is today."""
    return _Last(agency, column="name", output_field=CharField())


def _agencies() -> Any:
    """Return the manager of agencies: their model imports this module."""
    return apps.get_model("agencies", "Agency").objects


class Lineages:
    """Follow mergers in Python among all agencies, or all merged ones, read at the first use."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        self._agencies = agencies

    @cached_property
    def _into(self) -> dict[int, int]:
        return {each.pk: each.merged_into_id for each in self._agencies if each.merged_into_id}

    def of(self, agency: int) -> list[int]:
        """List the agency and those that it was merged into, in order, all by their ids."""
        found = [agency]
        while following := self._into.get(found[-1]):
            if following in found:
                return [agency]
            found.append(following)
        return found

    def today(self, agency: int) -> int:
        return self.of(agency)[-1]

    def are_one(self, one: int, other: int) -> bool:
        """Return whether two agencies are one today; reads nothing if they are equal."""
        return one == other or self.today(one) == self.today(other)


def lineages() -> Lineages:
    """Return the lineages of all agencies, for one query of the merged alone when first used."""
    return Lineages(_agencies().exclude(merged_into=None).only("merged_into").order_by())


def named_on(day: dt.date, agencies: Iterable[int]) -> dict[int, str]:
    """Return by agency (pk) the name of what it was on this day, through mergers made by then."""
    merged = _agencies().exclude(merged_into=None).exclude(merged_on__gt=day)
    then = Lineages(merged.only("merged_into").order_by())
    on_day = {agency: then.today(agency) for agency in agencies}
    found = _agencies().filter(pk__in=set(on_day.values())).order_by()
    names: dict[int, str] = dict(found.values_list("pk", "name"))
    return {agency: names[of_day] for agency, of_day in on_day.items()}


def refuse(agency: Agency, into: Agency) -> None:
    """Raise MergerRefused if the agency cannot be merged into this one, as in a cycle."""
    if into.pk == agency.pk:
        raise MergerRefused("An agency cannot be merged into itself. Choose another.")
    if into.merged_into_id:
        raise MergerRefused(f"{into} is itself merged into another. Choose that.")


def lock_and_refuse(agency: Agency, into: Agency) -> None:
    """Apply `refuse` to what the database holds now; the caller's transaction saves the merger.

    Locks both agencies, so that mergers saved at the same time cannot make a cycle.
    """
    both = _agencies().filter(pk__in=[agency.pk or 0, into.pk]).order_by("pk")
    locked = {each.pk: each for each in both.select_for_update(no_key=True)}
    refuse(agency, locked[into.pk])
