"""Say what of bookings and dates can wait for a person, and who has it once they are gone.

Requests to managers and leads, the bookings, offers and requests of closed accounts, dates that
trainers were asked to deliver or are to deliver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils import timezone

from agencies import mergers
from agencies.models import Post
from courses.booking import approval, booking, expiry
from courses.models import Booking, DeliveryRequest, Run
from courses.notices import notices
from courses.rules import deadlines
from courses.scheduling import trainers
from lms import jobs
from lms.models import ActionLink, Mail
from lms.registries.leavers import Wait

if TYPE_CHECKING:
    from typing import Any

    from django.db.models import QuerySet

CLOCK = "CLOCK"


class RequestsToManagers(Wait):
    name = "requests_to_managers"
    order = 10
    what = "A booking request that a line manager was asked to approve"
    next = "The agency's leads, else the training office"

    def stranded(self) -> QuerySet[Booking]:
        return approval.of_managers_who_left()

    def pass_on(self, request: Booking) -> None:
        expiry.pass_on(request)


class RequestsToLeads(Wait):
    name = "requests_to_leads"
    order = 20
    what = "A booking request that an agency's leads were asked to approve"
    next = "The agency's other leads, else the training office"

    def stranded(self) -> QuerySet[Booking]:
        """Return requests with leads of whom none holds a link that still decides."""
        now = timezone.now()
        at = mergers.today(OuterRef(OuterRef("agency")))
        leads = Post.objects.of_leads().filter(person__email=OuterRef("sent_to"))
        leads = leads.alias(at=mergers.today("agency")).filter(at=at)
        links = ActionLink.objects.filter(
            purpose=approval.PURPOSE,
            about_type=Booking._meta.label_lower,
            about_id=jobs.id_in_text(Booking, OuterRef("pk")),
            used_at=None,
            expires_at__gt=now,
        )
        asked = approval.with_leads().filter(run__starts_at__gt=now)
        asked = asked.filter(approver_asked_at__gt=deadlines.asked_by())
        return asked.exclude(Exists(links.filter(Exists(leads)))).order_by("pk")

    def pass_on(self, request: Booking) -> None:
        approval.ask_who_leads_now(request)


class BookingsOfClosedAccounts(Wait):
    """Places, turns, offers and requests of closed accounts."""

    name = "bookings_of_closed_accounts"
    order = 30
    what = "A place, a turn, an offer or a request of somebody whose account is closed"
    next = "It ends without a charge, and the place goes to the first who waits"

    def sentence_for(self, many: int) -> str:
        ended = "1 booking ended" if many == 1 else f"{many} bookings ended"
        return f"{ended}, without a charge; a place that was held goes to the next."

    def stranded(self) -> QuerySet[Booking]:
        bookings = Booking.objects.live().filter(person__is_active=False)
        return bookings.filter(run__starts_at__gt=timezone.now()).select_related("run")

    def pass_on(self, made: Booking) -> None:
        booking.give_back(made, by=CLOCK)


class BookingsOfOldJobs(Wait):
    """Bookings for an agency at which the person no longer works."""

    name = "bookings_of_old_jobs"
    order = 35
    what = "A booking for an agency that the person has left"
    next = "The person, who is asked once to say for which job it is"

    def stranded(self) -> QuerySet[Booking]:
        jobs_there = Post.objects.confirmed().filter(person=OuterRef("person"))
        jobs_there = jobs_there.alias(at=mergers.today("agency"))
        jobs_there = jobs_there.filter(at=mergers.today(OuterRef("agency")))
        told = Mail.objects.filter(
            template="booking_of_old_job",
            about_type=Booking._meta.label_lower,
            about_id=jobs.id_in_text(Booking, OuterRef("pk")),
        )
        bookings = Booking.objects.live().filter(
            person__is_active=True, run__starts_at__gt=timezone.now()
        )
        left = bookings.filter(Exists(jobs_there)).exclude(Exists(jobs_there.current()))
        left = left.exclude(Exists(told))
        return left.select_related("person", "agency", "run__course", "run__venue")

    def pass_on(self, made: Booking) -> None:
        notices.of_old_job(made)


class DeliveriesAsked(Wait):
    name = "deliveries_asked"
    order = 40
    what = "A date that a trainer was asked to deliver"
    next = "The training office, which is told that they cannot"

    def stranded(self) -> QuerySet[DeliveryRequest]:
        asked = DeliveryRequest.objects.filter(
            state=DeliveryRequest.State.ASKED, person__is_active=False
        )
        asked = asked.filter(run__cancelled_at=None).exclude(run__starts_at__lte=timezone.now())
        return asked.select_related("run", "person")

    def pass_on(self, request: DeliveryRequest) -> None:
        trainers.answer(request, can=False, by=CLOCK, note=trainers.ACCOUNT_CLOSED)


class DatesToDeliver(Wait):
    name = "dates_to_deliver"
    order = 50
    what = "A date that a trainer is to deliver"
    next = "The training office, which is told that the date has one trainer less"

    def stranded(self) -> QuerySet[Any]:
        coming = Run.objects.not_cancelled().filter(starts_at__gt=timezone.now())
        teaching = Run.trainers.through.objects.filter(person__is_active=False, run__in=coming)
        return teaching.select_related("run", "person")

    def pass_on(self, teaching: Any) -> None:
        trainers.take_off_who_left(teaching.run, teaching.person, by=CLOCK)


WAITS = [
    RequestsToManagers(),
    RequestsToLeads(),
    BookingsOfClosedAccounts(),
    BookingsOfOldJobs(),
    DeliveriesAsked(),
    DatesToDeliver(),
]
