"""Save venues: whoever was told of a date there is told again when its address changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from courses.models import Run, Venue
from courses.notices import told
from courses.scheduling import telling
from history import records
from lms.mail import outbox

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str

# What a reader is told of a venue.
TOLD = ("name", "address", "travel", "access")


def save(
    venue: Venue, *, by: By, is_correction: bool = False, held_because: str | None = None
) -> Venue:
    """Save a venue and record what changed; its coming dates are compared within a minute.

    The emails are left to `telling.tell_again`, so that the office does not wait for them. A small
    correction (`is_correction`) is entered as known, without email; `held_because` holds the emails
    of each date back, for a training administrator alone. Raises TellingRefused, and then nothing
    has changed.
    """
    with transaction.atomic(), outbox.batch():
        before = Venue.objects.select_for_update().filter(pk=venue.pk).first()
        changed = before and any(getattr(before, n) != getattr(venue, n) for n in TOLD)
        if changed:
            told.adopt(list(dates_to_come(venue).select_related("course", "venue")))
            if is_correction:  # What else waits to be told is no part of it.
                telling.tell_now(dates_to_come(venue).exclude(compare_from=None))
        saved = records.save(venue, by=by)
        if changed:
            _settle(venue, by=by, is_correction=is_correction, held_because=held_because)
            telling.look_again(dates_to_come(venue))
    return saved


def _settle(venue: Venue, *, by: By, is_correction: bool, held_because: str | None) -> None:
    """Enter the change as known on each coming date, or hold its emails back, where asked to.

    A date whose emails are held already stays so, and tells all of it when they are sent.
    """
    if not is_correction and held_because is None:
        return
    for run in dates_to_come(venue).filter(held_at=None).order_by("pk"):
        run = Run.objects.lock(run)
        if not telling.concerned(run):
            continue
        if is_correction:
            telling.accept(run, by=by)
        else:
            telling.hold(run, by=by, reason=held_because or "")


def save_and_tell(
    venue: Venue, *, by: By, is_correction: bool = False, held_because: str | None = None
) -> int:
    """Save a venue and write the emails at once, to see them before they are sent.

    Returns on how many dates somebody is told.
    """
    saved = save(venue, by=by, is_correction=is_correction, held_because=held_because)
    return telling.tell_now(dates_to_come(saved))


def dates_to_come(venue: Venue) -> QuerySet[Run]:
    """Filter to the runs at this venue that are not over."""
    to_come = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    return Run.objects.not_cancelled().filter(to_come, venue=venue)
