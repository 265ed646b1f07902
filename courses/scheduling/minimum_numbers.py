"""List runs below their minimum, tell the office, and record that one goes ahead."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from courses.models import BookingPolicy, Run
from courses.notices import notices
from lms import jobs, working_days
from lms.refused import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str

NIGHTLY = "NIGHTLY"
IN_A_MAIL = 250


class MinimumRefused(Refused):
    """Run that needs no decision; the message is for the office."""


def runs_below_minimum() -> QuerySet[Run]:
    """Filter to undecided runs below their minimum that begin within the policy's working days."""
    return Run.objects.below_minimum().filter(starts_at__lt=end_of_looking_ahead())


def is_below(run: Run) -> bool:
    """Return whether this run is one of `runs_below_minimum`: the time to decide has come.

    A list annotates its runs with `looking_ahead`, so that it is worked out once.
    """
    starts = run.starts_at
    if starts is None or run.cancelled_at or run.has_begun or not run.is_below_minimum:
        return False
    return starts < (getattr(run, "looking_ahead", None) or end_of_looking_ahead())


def go_ahead(run: Run, *, by: By) -> Run:
    """Confirm that a run below its minimum goes ahead, which takes it off the list. Idempotent."""
    with transaction.atomic():
        run = Run.objects.lock(run)
        if run.goes_ahead_at:
            return run
        if run.cancelled_at or run.has_begun:
            raise MinimumRefused(
                "This date is cancelled or has begun, so there is nothing left to decide."
            )
        if not run.is_below_minimum:
            raise MinimumRefused(
                "This date has enough people by now, so it runs and there is nothing to decide."
            )
        run.goes_ahead_at = timezone.now()
        run.save(update_fields=["goes_ahead_at"])
        counts = {"taken": run.taken, "minimum": run.minimum}
        history.record("run.goes_ahead", run, by=by, now=counts)
    return run


@jobs.in_words("Tell the office about a date with too few people")
def tell_office() -> int:
    """Mail the office the runs below their minimum, each once; return how many were listed.

    At most 250 in one mail. Nightly job. Source: rules.md, 'Booking': 15 working days before.
    """
    due = runs_below_minimum().filter(below_told_at=None)
    return jobs.for_all(tell_office, due, _tell_office, size=IN_A_MAIL)


def _tell_office(dates: list[Run]) -> None:
    due = runs_below_minimum().filter(below_told_at=None, pk__in=[run.pk for run in dates])
    runs = list(due.select_for_update(of=["self"]).select_related("course", "venue"))
    if not runs:
        return
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(below_told_at=timezone.now())
    notices.below_minimum(runs)
    told: list[history.Change] = [(run, {}, {"taken": run.taken}) for run in runs]
    history.record_each("run.told_below_minimum", told, by=NIGHTLY)


def end_of_looking_ahead() -> dt.datetime:
    """Return the end of the last of the policy's working days."""
    days = BookingPolicy.load().minimum_days
    last = working_days.later(timezone.localdate(), days)
    return timezone.make_aware(dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min))
