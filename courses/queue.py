"""Who waits for a date, in which order, and who comes before whom?"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from courses.eligibility import BookingRefused
from courses.models import Booking, Completion, Run

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Agency, Person
    from courses.shares import Shares

    By = Person | str

State = Booking.State
MICROSECOND = dt.timedelta(microseconds=1)


def would_wait(run: Run, shares: Shares, agency: Agency) -> bool:
    """Would somebody of this agency who asks now join the queue? Nobody passes who waits."""
    return not shares.may_take(agency) or _somebody_is_first(run, shares)


def takers(run: Run, shares: Shares) -> list[Booking]:
    """Those whose turn it may be, first come first: the caller asks whose agency may have one."""
    waiting = who_could_take(run).select_related("person", "agency")
    all_may = run.free is None or shares.are_limited
    return list(waiting if all_may else waiting[: run.free])


def priority(run: Run, person: Person) -> int:
    """Of somebody who asks for this date now: the higher comes first."""
    if run.priority_rule != Run.PriorityRule.FIRST_TIME:
        return 0
    done = Completion.objects.standing().filter(person=person, course=run.course_id)
    return 0 if done.exists() else 1


def move(booking: Booking, position: int, *, by: By) -> Booking:
    """The booking has this turn in its queue (1 is the first), and the others keep their order.

    Nobody's moment of asking is changed: the turns of all are dealt again. Raises BookingRefused
    for who is in no queue.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        waiting = list(Booking.objects.in_queue_order().filter(run=run))
        if booking not in waiting:
            raise BookingRefused(
                "Only somebody who waits can be moved in the queue. Look at the list again."
            )
        was = waiting.index(booking) + 1
        order = [other for other in waiting if other != booking]
        order.insert(max(1, position) - 1, booking)
        if order != waiting:
            _deal_turns(waiting, order)
            now = order.index(booking) + 1
            history.record(
                "booking.moved_in_queue", booking, by=by, was={"turn": was}, now={"turn": now}
            )
            booking.refresh_from_db()
    return booking


def rank(run: Run) -> None:
    """Those who wait have the priority that the run's rule gives them now.

    For scheduling, which has locked the run and records its change of the rule.
    """
    waiting = list(Booking.objects.in_queue().filter(run=run).select_related("person"))
    for booking in waiting:
        booking.priority = priority(run, booking.person)
    Booking.objects.bulk_update(waiting, ["priority"])


def who_could_take(run: Run) -> QuerySet[Booking]:
    """Who could take a place: whose account is closed keeps nobody from theirs, nor a late hold."""
    waiting = Booking.objects.in_queue_order().filter(run=run, person__is_active=True)
    return waiting.exclude(state=State.REQUESTED, held_until__lte=timezone.now())


def _somebody_is_first(run: Run, shares: Shares) -> bool:
    """Does anyone wait who may have a place, and so comes before a newcomer?"""
    if not shares.are_limited:
        return who_could_take(run).exists()
    return any(shares.may_take(b.agency) for b in who_could_take(run).select_related("agency"))


def _deal_turns(queue: list[Booking], order: list[Booking]) -> None:
    """The turns that the queue has are dealt in the new order; no two are the same moment."""
    turns = [(b.priority, b.moved_to or b.queued_at) for b in queue]
    before = None
    for booking, (priority, moment) in zip(order, turns, strict=True):
        if before and before[0] == priority and moment <= before[1]:
            moment = before[1] + MICROSECOND
        before = priority, moment
        booking.priority, booking.moved_to = priority, moment
    Booking.objects.bulk_update(order, ["priority", "moved_to"])
