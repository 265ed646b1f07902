"""Do by night what time brings: remind those who have not gone on, and end what nobody finishes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

import history
from elearning.learning import notices, standing
from elearning.learning.ending import end, lock
from elearning.models import Attempt, ModuleVersion
from lms import jobs

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Without a press for so long, somebody is reminded, once for each attempt.
REMINDED_AFTER = dt.timedelta(days=14)
# Without a press for so long, a live attempt ends.
UNTOUCHED = dt.timedelta(days=365)
A_NIGHT = 1000
CLOCK = "NIGHTLY"


@jobs.in_words("Remind people of a module that they have begun and not finished")
def tell_unfinished() -> bool:
    """Write to whoever has not gone on with a module for 14 days. Nightly job; idempotent."""
    return jobs.for_each(tell_unfinished, due_for_reminder(), _remind, most=A_NIGHT)


def due_for_reminder() -> QuerySet[Attempt]:
    """Filter to live attempts of open accounts that nobody was reminded of, and that go on."""
    still = Attempt.objects.live().filter(
        told_unfinished_at=None,
        person__is_active=True,
        last_at__lte=timezone.now() - REMINDED_AFTER,
    )
    return still.exclude(pk__in=due_to_lapse().values("pk")).order_by("pk")


def _remind(attempt: Attempt) -> None:
    lock(attempt.person_id)
    found = due_for_reminder().select_related("person", "module", "version").filter(pk=attempt.pk)
    if fresh := found.first():
        major = standing.superseding(fresh.version, list(fresh.module.versions.without_content()))
        notices.unfinished(fresh, standing.last_day(major) if major else None)
        fresh.told_unfinished_at = timezone.now()
        fresh.save(update_fields=["told_unfinished_at"])
        history.record("attempt.reminded", fresh, by=CLOCK)


@jobs.in_words("End attempts at modules that nobody has finished in time")
def lapse() -> bool:
    """End live attempts whose time is over. Nightly job; idempotent."""
    return jobs.for_each(lapse, due_to_lapse(), _lapse, most=A_NIGHT)


def due_to_lapse() -> QuerySet[Attempt]:
    """Filter to live attempts untouched for 12 months, or superseded for longer than 30 days."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    superseding = ModuleVersion.objects.not_withdrawn().filter(
        module=OuterRef("module"),
        number__gt=OuterRef("version__number"),
        is_major=True,
        issued_at__lt=today - dt.timedelta(days=standing.DAYS_TO_FINISH),
    )
    is_over = Q(last_at__lte=timezone.now() - UNTOUCHED) | Exists(superseding)
    return Attempt.objects.live().filter(is_over).order_by("pk")


def _lapse(attempt: Attempt) -> None:
    lock(attempt.person_id)
    if fresh := due_to_lapse().filter(pk=attempt.pk).first():
        end(fresh, Attempt.State.LAPSED, by=CLOCK)
