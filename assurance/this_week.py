"""List what needs the training office's attention this week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.admin.ui.components import Component

from agencies.models import Board, ConcernContacts
from assurance import failed_jobs
from courses.models import Booking, BookingPolicy, Evidence, Run
from courses.scheduling import minimum_numbers
from lms.models import JobFailure, Mail

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

MOST = 6
SOON = dt.timedelta(days=2)


@dataclass(frozen=True)
class Part:
    """The first few items of a list, and how many more there are."""

    things: list
    more: int


def of(found: QuerySet) -> Part:
    things = list(found[: MOST + 1])
    more = found.count() - MOST if len(things) > MOST else 0
    return Part(things[:MOST], more)


class ThisWeekPanel(Component):
    name = "this_week"
    template_name = "assurance/this_week.html"
    order = 50

    def get_context_data(self, parent_context):
        return parts(parent_context["request"].user)


def parts(viewer: Person) -> dict[str, object]:
    """Build seven lists, each with the nearest first, and the state of the concern phone numbers.

    "This week" is a week and two days from now, to the minute.
    """
    now = timezone.now()
    runs = Run.objects.registers_of(viewer).select_related("course", "venue")
    evidence = Evidence.objects.visible_to(viewer).undecided().select_related("person", "course")
    return {
        "below": of(runs.filter(pk__in=minimum_numbers.runs_below_minimum())),
        "days": BookingPolicy.load().minimum_days,
        "coming": of(
            runs.upcoming().filter(starts_at__lt=now + dt.timedelta(days=7)).with_waiting()
        ),
        "open_registers": of(runs.not_signed_off()),
        "ending": of(ending(viewer)),
        "evidence": of(evidence.order_by("sent_at", "pk")),
        "contacts": ConcernContacts.load(),
        "undelivered": of(
            Mail.objects.visible_to(viewer)
            .undeliverable()
            .only("pk", "to", "subject", "last_try_at")
        ),
        "failed": failed(viewer),
    }


def failed(viewer: Person) -> Part:
    """List the worker's failures with what to do: whole jobs first, then the oldest."""
    is_of_a_row = Case(When(about_type="", then=0), default=1)
    failures = JobFailure.objects.visible_to(viewer)
    part = of(failures.order_by(is_of_a_row, "first_failed_at", "pk"))
    return Part(failed_jobs.in_words(part.things, viewer), part.more)


def ending(viewer: Person) -> QuerySet[Booking]:
    """List offers and requests ending within two days, and requests for this office to decide.

    Each has `ends_at`: when the place goes to the next person, or is no longer held.
    """
    soon = timezone.now() + SOON
    offers = Q(state=Booking.State.OFFERED, offered_until__lt=soon)
    requests = Q(state=Booking.State.REQUESTED)
    requests &= Q(held_until__lt=soon) | Q(approver_email=Board.load().email)
    bookings = Booking.objects.visible_to(viewer).filter(offers | requests)
    bookings = bookings.annotate(ends_at=Coalesce("offered_until", "held_until"))
    return bookings.select_related("person", "run__course").order_by("ends_at", "pk")
