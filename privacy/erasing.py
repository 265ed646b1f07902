"""Find what was kept long enough, as a dry run, and erase it in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone

import history
from lms import jobs
from lms.jobs.nightly import STARTS_AT
from lms.privacy.record_types import ErasedInTime, record_types
from lms.refused import Refused
from privacy.models import Retention


class NotSwitchedOn(Refused):
    """Refusal to erase a record type that the board has not switched on."""


@dataclass(frozen=True)
class Due:
    """Rows due of one record type: how many, of how many people, and since when."""

    record_type: ErasedInTime
    is_on: bool
    rows: int
    people: int | None
    oldest: dt.datetime | None


def erased_in_time() -> list[ErasedInTime]:
    """Return the record types of which rows are erased by themselves."""
    return [each for each in record_types if isinstance(each, ErasedInTime)]


def due(day: dt.date) -> list[Due]:
    """Return what the night of this day would erase of each record type; change nothing."""
    on = switched_on()
    return [due_of(each, day, is_on=each.name in on) for each in erased_in_time()]


def due_of(record_type: ErasedInTime, day: dt.date, *, is_on: bool) -> Due:
    """Return what the night of this day would erase of one record type."""
    night = timezone.make_aware(dt.datetime.combine(day, STARTS_AT))
    counts: dict[str, Any] = {"rows": Count("pk"), "oldest": Min(record_type.oldest)}
    if record_type.people:
        counts["people"] = Count(record_type.people, distinct=True)
    found = record_type.due(night).order_by().aggregate(**counts)
    return Due(record_type, is_on, found["rows"], found.get("people"), found["oldest"])


def next_night() -> dt.date:
    """Return the day of the next nightly run."""
    now = timezone.localtime()
    return now.date() if now.time() < STARTS_AT else now.date() + dt.timedelta(days=1)


def switched_on() -> set[str]:
    """Return the names of the record types that are erased: promised, or switched on."""
    chosen = Retention.objects.filter(is_on=True).values_list("record_type", flat=True)
    return {each.name for each in erased_in_time() if each.always} | set(chosen)


@jobs.in_words("Erase what was kept long enough")
def erase_what_is_due() -> int:
    """Erase what is due of every record type that is switched on; return how many rows. Nightly.

    A record type that fails as a whole keeps no other waiting: its error is raised at the end.
    """
    done, first = 0, None
    on = switched_on()
    for record_type in erased_in_time():
        if record_type.name not in on:
            continue
        try:
            done += apply(record_type)
        except jobs.DATABASE_IS_AWAY:
            raise
        except Exception as error:
            first = first or error
    if first:
        raise first
    return done


def apply(record_type: ErasedInTime, *, size: int = jobs.A_BATCH) -> int:
    """Erase what is due of this record type, in batches of one transaction; return how many rows.

    Raises NotSwitchedOn. May run twice: what is erased is due no longer.
    """
    if record_type.name not in switched_on():
        raise NotSwitchedOn(f"{record_type.title}: nobody has switched on that they are erased.")
    now = timezone.now()
    do = partial(_erase, record_type, now)
    rows = record_type.due(now).only("pk")
    return jobs.for_all(erase_what_is_due, rows, do, size=size, step=record_type.name)


def _erase(record_type: ErasedInTime, now: dt.datetime, rows: Sequence[Any]) -> None:
    """Erase those of a batch that are due still, and record how many, under the type's lock."""
    kept, _ = Retention.objects.select_for_update().get_or_create(record_type=record_type.name)
    if not (record_type.always or kept.is_on):
        return
    still = list(record_type.due(now).filter(pk__in=[row.pk for row in rows]).only("pk"))
    if still:
        record_type.erase(still)
        history.record("retention.erased", kept, by="NIGHTLY", now={"rows": len(still)})
