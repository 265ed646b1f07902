"""Keep offers and requests alive while no mail can be sent, and give them their time again after.

Source: rules.md, 'People leave' and 'Deadlines that people must meet': nobody loses a place to a
deadline that we could not tell them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from courses.booking import approval, booking, unconfirmed_jobs
from courses.models import Booking, Run
from lms import jobs
from lms.mail import outages
from lms.models import Mail

if TYPE_CHECKING:
    from django.db.models import QuerySet

CLOCK = "CLOCK"
A_BATCH = 50
# Offers are extended this long before they end, so that none ends between two rounds.
AHEAD = dt.timedelta(minutes=10)
# Kinds of the mails that ask somebody to decide about a request, or to confirm its job.
ASKING = ("approval_asked", "approval_reminder")
OF_JOBS = ("place_waits_for_job",)
State = Booking.State


def may_expire(*kinds: str) -> Q:
    """Build the condition that a booking's time may run out: its run begins, or mail gets through.

    Nothing runs out while the mail server is away, or while it puts off the mail about it.
    """
    begun = Q(run__starts_at__lte=timezone.now())
    return begun if outages.current() else begun | ~Exists(_put_off(kinds))


@jobs.in_words("Extend an offer while no email can be sent")
def keep_offers() -> bool:
    """Extend offers that would end while no mail can be sent, and those that waited in the outbox.

    Periodic job, also run when the mail server is back; returns True while more is due.
    """
    return jobs.for_each(keep_offers, _offers_to_keep(), _keep, most=A_BATCH)


@jobs.in_words("Ask a manager again whom no email could reach")
def ask_again() -> bool:
    """Ask again about requests whose mail waited for the mail server, with the whole time.

    Periodic job, also run when the mail server is back; returns True while more is due.
    """
    return jobs.for_each(ask_again, _requests_to_ask_again(), _ask_again, most=A_BATCH)


def _offers_to_keep() -> QuerySet[Booking]:
    now = timezone.now()
    offers = Booking.objects.filter(state=State.OFFERED, run__starts_at__gt=now)
    offers = offers.filter(run__starts_at__gt=F("offered_until")).select_related("run")
    ending = Q(offered_until__lte=now + AHEAD)
    if outages.current():
        return offers.filter(ending).order_by("offered_until", "pk")
    put_off = Exists(_put_off(["place_offered"]))
    return offers.filter(put_off & ending | _held_up(["place_offered"])).order_by("pk")


def _requests_to_ask_again() -> QuerySet[Booking]:
    requests = Booking.objects.filter(state=State.REQUESTED, run__starts_at__gt=timezone.now())
    requests = requests.select_related("run").order_by("pk")
    held_up = _held_up(ASKING) | _held_up(OF_JOBS)
    return requests.none() if outages.current() else requests.filter(held_up)


def _held_up(kinds: Sequence[str]) -> Q:
    """Build the condition that a booking's mail was written before the last outage ended."""
    outage = outages.last_ended()
    if outage is None:
        return Q(pk__in=[])
    return Q(Exists(_waiting_mail(kinds).filter(created_at__lt=outage.ended_at)))


def _waiting_mail(kinds: Sequence[str]) -> QuerySet[Mail]:
    """Return mails of these kinds about a booking of the outer query that wait to be sent."""
    mails = Mail.objects.queued().filter(template__in=kinds, claimed_by="")
    about = jobs.id_in_text(Booking, OuterRef("pk"))
    return mails.filter(about_type=Booking._meta.label_lower, about_id=about)


def _put_off(kinds: Sequence[str]) -> QuerySet[Mail]:
    """Return those that the mail server has put off."""
    return _waiting_mail(kinds).filter(tries__gt=0)


def _keep(offer: Booking) -> None:
    run = Run.objects.lock(offer.run)
    for still in _offers_to_keep().filter(pk=offer.pk).select_related("person", "agency"):
        still.run = run
        booking.keep_offer(still, by=CLOCK)


def _ask_again(request: Booking) -> None:
    if request.waits_for_job:
        unconfirmed_jobs.ask_anew(request)
    else:
        approval.ask_anew(request)
