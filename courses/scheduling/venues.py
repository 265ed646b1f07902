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


def save(venue: Venue, *, by: By) -> Venue:
    """Save a venue and record what changed; its coming dates are compared within a minute.

    The emails are left to `telling.tell_again`, so that the office does not wait for them.
    """
    with transaction.atomic(), outbox.batch():
        before = Venue.objects.select_for_update().filter(pk=venue.pk).first()
        changed = before and any(getattr(before, n) != getattr(venue, n) for n in TOLD)
        if changed:
            told.adopt(list(dates_to_come(venue).select_related("course", "venue")))
        saved = records.save(venue, by=by)
        if changed:
            telling.look_again(dates_to_come(venue))
    return saved


def save_and_tell(venue: Venue, *, by: By) -> Venue:
    """Save a venue and write the emails at once, to see them before they are sent."""
    saved = save(venue, by=by)
    telling.tell_now(dates_to_come(saved))
    return saved


def dates_to_come(venue: Venue) -> QuerySet[Run]:
    """Filter to the runs at this venue that are not over."""
    to_come = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    return Run.objects.not_cancelled().filter(to_come, venue=venue)
