"""Nightly jobs of bookings: check the runs' counters, and delete access needs."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, F, Q
from django.utils import timezone

import history
from courses.models import Booking, Run
from courses.notices import notices
from lms import jobs
from lms.models import Mail

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


@jobs.in_words("Delete what somebody needed at a course that is over")
def forget_access_needs() -> int:
    """Delete access needs and pre-course answers 30 days after the end; return from how many."""
    over = timezone.now() - NEEDS_KEPT
    old = Booking.objects.filter(
        Q(run__ends_at__lt=over) | Q(run__cancelled_at__lt=over) | Q(ended_at__lt=over)
    ).exclude(access_needs="", pre_course_answers=[])
    return jobs.for_all(forget_access_needs, old.only("pk"), _forget_access_needs)


def _forget_access_needs(bookings: list[Booking]) -> None:
    theirs = Booking.objects.filter(pk__in=[booking.pk for booking in bookings])
    theirs.update(access_needs="", pre_course_answers=[])
    forgotten: list[history.Change] = [(booking, {}, {}) for booking in bookings]
    history.record_each("booking.access_needs_forgotten", forgotten, by="NIGHTLY")
