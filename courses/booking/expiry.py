"""Jobs that expire offers, pursue requests and release reserves.

Each is safe to run twice, takes a few bookings at a time, and returns True while more is due. The
worker calls them every minute.
"""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

import history
from courses.booking import approval, booking, outage, unconfirmed_jobs
from courses.models import Booking, Reserve, Run
from courses.rules import deadlines
from lms import jobs
from lms.models import JobFailure

CLOCK = "CLOCK"
A_BATCH = 50
State = Booking.State


@jobs.in_words("End an offer whose time is over, and offer the place to the next person")
def lapse_offers() -> bool:
    """Expire offers that were not taken in time and offer their places to the next, run by run."""
    this, over = jobs.Round(lapse_offers), _over()
    ready = this.ready(over.order_by("offered_until", "pk"))
    if first := ready.first():
        this.work(list(ready.filter(run=first.run_id)[:A_BATCH]), _lapse_offers)
    this.forget_settled(over)
    return first is not None


@jobs.in_words("Remind a manager of a request, or pass it on when nobody answers")
def pursue_requests() -> bool:
    """Remind approvers; pass requests from silent managers to the agency's lead; expire the rest.

    A request keeps its place until `held_until`, then its turn alone; when the lead too has been
    silent for as long, or the run has begun, it lapses. A request that waits for a job goes to the
    office, and lapses at `held_until`.
    """
    more = False
    for step, due, do in (
        ("remind", approval.due_for_reminder(), approval.remind),
        (
            "pass on",
            approval.due_to_pass_on().filter(outage.may_expire(*outage.ASKING)),
            pass_on,
        ),
        ("release", _held_too_long(), _release),
        ("lapse", _unanswered_for_good(), _lapse),
        ("settle", unconfirmed_jobs.decided_meanwhile(), unconfirmed_jobs.settle),
        ("put to the office", unconfirmed_jobs.due_for_office(), unconfirmed_jobs.put_to_office),
    ):
        more |= jobs.for_each(pursue_requests, due, do, most=A_BATCH, step=step)
    return more


@jobs.in_words("Release places that were kept for a sector")
def release_reserves() -> bool:
    """Release places kept for a sector when their day has come, to the waiting list first."""
    due = Reserve.objects.to_release().select_related("run")
    return jobs.for_each(release_reserves, due, _release_reserve, most=A_BATCH)


@jobs.in_words("Offer a free place to the next person on the waiting list")
def offer_again() -> bool:
    """Retry for those who were passed over because their place could not be offered."""
    failed = JobFailure.objects.filter(
        job=jobs.path_of(offer_again), about_id=jobs.id_in_text(Booking, OuterRef("pk"))
    )
    due = Booking.objects.in_queue().filter(Exists(failed)).select_related("run")
    return jobs.for_each(offer_again, due, _offer_again, most=A_BATCH)


def _offer_again(waiting: Booking) -> None:
    booking.fill_free_places(Run.objects.lock(waiting.run), by=CLOCK)


def _release_reserve(reserve: Reserve) -> None:
    run = Run.objects.lock(reserve.run)
    now = timezone.now()
    if Reserve.objects.filter(pk=reserve.pk, released_at=None).update(released_at=now):
        history.record("run.reserve_released", run, by=CLOCK, now={"reserve": reserve.pk})
        booking.fill_free_places(run, by=CLOCK)


def _lapse_offers(offers: list[Booking]) -> None:
    """Expire offers, all of one run, and serve its waiting list."""
    run = Run.objects.lock(offers[0].run)
    still = _over().filter(run=run, pk__in=[offer.pk for offer in offers])
    booking.lapse(run, _locked(run, still), by=CLOCK)
    booking.fill_free_places(run, by=CLOCK)


def _over() -> QuerySet[Booking]:
    offered = Booking.objects.filter(state=State.OFFERED, offered_until__lte=timezone.now())
    return offered.filter(outage.may_expire("place_offered")).select_related("run")


def pass_on(request: Booking) -> None:
    """Ask the leads instead of the manager; release a place that was held too long."""
    _release(request)
    approval.pass_to_lead(request)


def _release(request: Booking) -> None:
    run = Run.objects.lock(request.run)
    for late in _locked(run, _held_too_long().filter(pk=request.pk)):
        booking.release_hold(late, by=CLOCK)
        booking.fill_free_places(run, by=CLOCK)


def _lapse(request: Booking) -> None:
    run = Run.objects.lock(request.run)
    booking.lapse(run, _locked(run, _unanswered_for_good().filter(pk=request.pk)), by=CLOCK)
    booking.fill_free_places(run, by=CLOCK)


def _held_too_long():
    requests = Booking.objects.to_approve().filter(holds_place=True)
    return requests.filter(
        outage.may_expire(*outage.ASKING), held_until__lte=timezone.now()
    ).select_related("run")


def _unanswered_for_good():
    """Return requests to lapse: the run has begun, or the last approver's deadline has passed."""
    silent = ~Q(approver_email=F("manager_email")) & Q(approver_asked_at__lte=deadlines.asked_by())
    requests = Booking.objects.filter(state=State.REQUESTED).select_related("run")
    silent &= outage.may_expire(*outage.ASKING)
    unconfirmed = Q(waits_for_job=True, held_until__lte=timezone.now())
    unconfirmed &= outage.may_expire(*outage.OF_JOBS)
    return requests.filter(Q(run__starts_at__lte=timezone.now()) | silent | unconfirmed)


def _locked(run: Run, bookings: QuerySet[Booking]) -> list[Booking]:
    """Return a batch of the bookings as they are now that the run is locked."""
    found = list(bookings.select_related("person", "agency").order_by("pk")[:A_BATCH])
    for booking_now in found:
        booking_now.run = run
    return found
