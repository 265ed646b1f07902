"""What does time bring to bookings: offers lapse, requests go on, reserves are released?

Each is safe to run twice, takes a few bookings in a transaction, and returns True while more is
due. The worker calls them every minute.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

import history
from courses import approving, booking, deadlines
from courses.models import Booking, Reserve, Run
from lms import mail

CLOCK = "CLOCK"
A_BATCH = 50
State = Booking.State


def lapse_offers() -> bool:
    """What was offered and not taken in time is offered to the next, run by run."""
    now = timezone.now()
    over = Booking.objects.filter(state=State.OFFERED, offered_until__lte=now)
    first = over.order_by("offered_until", "pk").select_related("run").first()
    if first is None:
        return False
    with transaction.atomic(), mail.together():
        run = Run.objects.lock(first.run)
        booking.lapse(run, _locked(run, over.filter(run=run)), by=CLOCK)
        booking.fill_free_places(run, by=CLOCK)
    return True


def pursue_requests() -> bool:
    """Managers are reminded; who is silent gives way to the agency's lead, and the lead to nobody.

    A request keeps its place until `held_until`, then its turn alone; when the lead too has been
    silent for as long, or the date has begun, it lapses.
    """
    for request in approving.due_for_reminder()[:A_BATCH]:
        approving.remind(request)
    for request in approving.due_to_pass_on()[:A_BATCH]:
        _pass_on(request)
    for request in _held_too_long()[:A_BATCH]:
        _release(request)
    for request in _unanswered_for_good()[:A_BATCH]:
        _lapse(request)
    return False


def release_reserves() -> bool:
    """Places kept for a sector are everybody's from their day on, the queue's first."""
    for reserve in Reserve.objects.to_release().select_related("run")[:A_BATCH]:
        with transaction.atomic():
            run = Run.objects.lock(reserve.run)
            now = timezone.now()
            if Reserve.objects.filter(pk=reserve.pk, released_at=None).update(released_at=now):
                history.record("run.reserve_released", run, by=CLOCK, now={"reserve": reserve.pk})
                booking.fill_free_places(run, by=CLOCK)
    return Reserve.objects.to_release().exists()


def _pass_on(request: Booking) -> None:
    with transaction.atomic():
        _release(request)
        approving.pass_to_lead(request)


def _release(request: Booking) -> None:
    with transaction.atomic():
        run = Run.objects.lock(request.run)
        for late in _locked(run, _held_too_long().filter(pk=request.pk)):
            booking.release_hold(late, by=CLOCK)
            booking.fill_free_places(run, by=CLOCK)


def _lapse(request: Booking) -> None:
    with transaction.atomic():
        run = Run.objects.lock(request.run)
        booking.lapse(run, _locked(run, _unanswered_for_good().filter(pk=request.pk)), by=CLOCK)
        booking.fill_free_places(run, by=CLOCK)


def _held_too_long():
    requests = Booking.objects.filter(state=State.REQUESTED, holds_place=True)
    return requests.filter(held_until__lte=timezone.now()).select_related("run")


def _unanswered_for_good():
    """The date has begun, or the agency's lead or the office has been silent as long as may be."""
    silent = ~Q(approver_email=F("manager_email")) & Q(approver_asked_at__lte=deadlines.asked_by())
    requests = Booking.objects.filter(state=State.REQUESTED).select_related("run")
    return requests.filter(Q(run__starts_at__lte=timezone.now()) | silent)


def _locked(run: Run, bookings: QuerySet[Booking]) -> list[Booking]:
    """Some of them, as they are now that the run is ours."""
    found = list(bookings.select_related("person", "agency").order_by("pk")[:A_BATCH])
    for booking_now in found:
        booking_now.run = run
    return found
