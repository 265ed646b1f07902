"""Limit the emails to a manager whom somebody named, at any address, and nobody confirmed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import parse_rates
from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from agencies.models import Post
from courses.models import Booking
from courses.rules.eligibility import BookingRefused

if TYPE_CHECKING:
    from agencies.models import Person


def refuse_too_many(person: Person, manager_email: str) -> None:
    """Raise BookingRefused if bookings have named this unconfirmed manager as often as they may.

    Each booking sends the manager an email, and cancelling it another. Those of the person count
    first, then generously those of everybody: a team may have one manager.
    """
    address = manager_email.strip().lower()
    if not address or _is_confirmed(address):
        return
    rates = parse_rates(settings.LMS_UNCONFIRMED_MANAGER_RATE)
    since = [timezone.now() - dt.timedelta(seconds=rate.duration) for rate in rates]
    counts = {
        f"rate_{number}": Count(
            "pk",
            filter=Q(queued_at__gt=since[number])
            & (Q(person=person) if rate.per == "user" else Q()),
        )
        for number, rate in enumerate(rates)
    }
    lately = Booking.objects.filter(manager_email=address, queued_at__gt=min(since))
    named = lately.aggregate(**counts)
    if any(named[f"rate_{number}"] >= rate.amount for number, rate in enumerate(rates)):
        raise BookingRefused(
            "We’ve already sent many emails to this manager, and nobody has confirmed their"
            " address. Ask your agency’s lead to confirm it, leave the manager’s email address out,"
            " or try again tomorrow."
        )


def _is_confirmed(address: str) -> bool:
    """Return whether a lead confirmed it as a manager's, or its owner proved it."""
    confirmed = Post.objects.filter(line_manager_email=address)
    if confirmed.exclude(line_manager=None, line_manager_confirmed_at=None).exists():
        return True
    return EmailAddress.objects.filter(email=address, verified=True, user__is_active=True).exists()
