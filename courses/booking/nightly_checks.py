"""Check the runs' counters by night, and delete access needs that were kept long enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q
from django.utils import timezone

import history
from courses.models import Booking, Run
from courses.notices import notices
from lms import jobs
from lms.models import Mail

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Access needs are of use until the trainers have finished the register.
NEEDS_KEPT = dt.timedelta(days=30)


def runs_miscounted() -> list[tuple[int, int, int]]:
    """List (run, its counter, the places really held) of each run where the two differ.

    Anything but an empty list is a fault of this software.
    """
    held = Count("bookings", filter=Q(bookings__holds_place=True))
    return list(
        Run.objects.annotate(held=held)
        .exclude(taken=F("held"))
        .order_by("pk")
        .values_list("pk", "taken", "held")
    )


@jobs.in_words("Compare each date's number of places taken with its bookings")
def check_counters() -> None:
    """Mail the office, at most once a day, if a run's counter differs from the places held."""
    wrong = runs_miscounted()
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    told = Mail.objects.filter(template="runs_miscounted", created_at__gte=today).exists()
    if wrong and not told:
        notices.runs_miscounted(wrong)


def with_old_access_needs(now: dt.datetime) -> QuerySet[Booking]:
    """Return the bookings whose access needs or pre-course answers were kept for 30 days."""
    over = now - NEEDS_KEPT
    return Booking.objects.filter(
        Q(run__ends_at__lt=over) | Q(run__cancelled_at__lt=over) | Q(ended_at__lt=over)
    ).exclude(access_needs="", pre_course_answers=[])


def forget_access_needs(bookings: Sequence[Booking]) -> None:
    """Delete the access needs and pre-course answers of these bookings, a batch at most."""
    theirs = Booking.objects.filter(pk__in=[booking.pk for booking in bookings])
    theirs.update(access_needs="", pre_course_answers=[])
    forgotten: list[history.Change] = [(booking, {}, {}) for booking in bookings]
    history.record_each("booking.access_needs_forgotten", forgotten, by="NIGHTLY")
