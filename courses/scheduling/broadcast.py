"""Send a message from the office to the participants of a run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils import timezone

import history
from courses.models import Booking, Run
from courses.notices import notices
from lms.mail import outbox, templates
from lms.models import Mail
from lms.refused import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str

# Duplicate-submit guard.
SAME_AGAIN = dt.timedelta(minutes=30)


class BroadcastRefused(Refused):
    """Message that is not sent; the sentence is for the office."""


class Audience(models.TextChoices):
    PLACES = "places", "Those with a place"
    WAITING = "waiting", "Those who wait, are offered a place or wait for their manager"
    EVERYBODY = "everybody", "Both"


def recipients(run: Run, whom: str) -> QuerySet[Booking]:
    live = Booking.objects.live().filter(run=run)
    if whom == Audience.PLACES:
        return live.confirmed()
    return live.exclude(state=Booking.State.CONFIRMED) if whom == Audience.WAITING else live


def send_to_participants(
    run: Run, *, subject: str, message: str, whom: str, by: By
) -> list[Booking]:
    """Send each participant their own mail with this message; return their bookings.

    Raises BroadcastRefused when there is nobody, or when a mail with the same subject went to any
    of them within 30 minutes.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        found = list(recipients(run, whom).select_related("person").order_by("pk"))
        if not found:
            raise BroadcastRefused("There is nobody to write to: choose others.")
        _refuse_twice(found, subject)
        for booking in found:
            booking.run = run
            notices.from_the_office(booking, subject=subject, message=message)
        told = {"whom": str(whom), "people": len(found)}
        history.record("run.written_to", run, by=by, now=told)
    return found


def _refuse_twice(found: list[Booking], subject: str) -> None:
    a_moment_ago = timezone.now() - SAME_AGAIN
    about = {"about_type": Booking._meta.label_lower, "about_id__in": [str(b.pk) for b in found]}
    words = templates.one_line(subject)
    # What goes to whoever tells somebody without an address has it at the end.
    same = Mail.objects.filter(
        models.Q(subject=words) | models.Q(subject__endswith=f": {words}"),
        **about,
        template="from_the_office",
        created_at__gte=a_moment_ago,
    )
    if same.exists():
        raise BroadcastRefused(
            "An email with this subject went to some of them within the last half hour. "
            "If it is another one, give it another subject."
        )
