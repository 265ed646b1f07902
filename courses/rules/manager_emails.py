"""Limit the emails to a manager whom somebody named, at any address, and nobody confirmed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import Rate, parse_rates
from django.conf import settings
from django.utils import timezone

from agencies.models import Post
from courses.models import Booking
from courses.rules.eligibility import BookingRefused
from lms.web.rate_limits import mailbox_of

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
    rates, now = parse_rates(settings.LMS_UNCONFIRMED_MANAGER_RATE), timezone.now()
    lately = _named_since(now - dt.timedelta(seconds=max(r.duration for r in rates)), address)

    def named(rate: Rate) -> int:
        since = now - dt.timedelta(seconds=rate.duration)
        return sum(at > since and (rate.per != "user" or by == person.pk) for by, at in lately)

    if any(named(rate) >= rate.amount for rate in rates):
        raise BookingRefused(
            "We’ve already sent many emails to this manager, and nobody has confirmed their"
            " address. Ask your agency’s lead to confirm it, leave the manager’s email address out,"
            " or try again tomorrow."
        )


def _named_since(since: dt.datetime, address: str) -> list[tuple[int, dt.datetime]]:
    """Return for whom and when bookings named this mailbox, with whatever tag behind a plus."""
    mailbox = mailbox_of(address)
    at_domain = f"@{mailbox.rpartition('@')[2]}"
    rows = Booking.objects.filter(queued_at__gt=since, manager_email__endswith=at_domain)
    found = rows.order_by().values_list("manager_email", "person", "queued_at")
    return [(by, at) for named, by, at in found if mailbox_of(named) == mailbox]


def _is_confirmed(address: str) -> bool:
    """Return whether a lead confirmed it as a manager's, or its owner proved it."""
    confirmed = Post.objects.filter(line_manager_email=address)
    if confirmed.exclude(line_manager=None, line_manager_confirmed_at=None).exists():
        return True
    return EmailAddress.objects.filter(email=address, verified=True, user__is_active=True).exists()
