"""Waiting list of a run: who waits, in which order, and who may have a place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from courses.models import Booking, Completion, Run
from courses.rules.eligibility import BookingRefused
from courses.rules.quotas import PlaceQuotas
from lms.gathering import A_STATEMENT

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Agency, Person

    By = Person | str

State = Booking.State
MICROSECOND = dt.timedelta(microseconds=1)


def must_wait(run: Run, shares: PlaceQuotas, agency: Agency) -> bool:
    """Return True if a newcomer of this agency must wait: its quota is full or others are first."""
    return not shares.may_take(agency) or _somebody_is_first(run, shares)


def next_in_turn(run: Run) -> list[Booking]:
    """List those who can have the free places: first come first, within their agency's quota."""
    shares, chosen = PlaceQuotas(run), []
    for booking in _next_in_line(run, shares):
        if shares.may_take(booking.agency):
            shares.take(booking.agency)
            booking.run = run
            chosen.append(booking)
    return chosen


def priority(run: Run, person: Person) -> int:
    """Return the priority of somebody who asks for this run now: the higher comes first."""
    return _priorities(run, [person.pk])[person.pk]


def move(booking: Booking, position: int, *, by: By) -> Booking:
    """Move a booking to this turn on the waiting list (1 is the first); others keep their order.

    The turns of all are dealt again, and `queued_at` stays. Raises BookingRefused for a booking
    that does not wait.
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


def recompute_priority(run: Run) -> None:
    """Recompute the priority of those who wait by the run's rule as it is now.

    For scheduling, which has locked the run and records its change of the rule.
    """
    waiting = list(Booking.objects.in_queue().filter(run=run))
    priorities = _priorities(run, [booking.person_id for booking in waiting])
    for booking in waiting:
        booking.priority = priorities[booking.person_id]
    Booking.objects.bulk_update(waiting, ["priority"], batch_size=A_STATEMENT)


def _priorities(run: Run, people: Sequence[int]) -> dict[int, int]:
    """Map people (ids) to 1 if the rule prefers newcomers to the course and they are; else to 0."""
    if run.priority_rule != Run.PriorityRule.FIRST_TIME:
        return dict.fromkeys(people, 0)
    done = Completion.objects.valid().filter(person__in=people, course=run.course_id)
    return dict.fromkeys(people, 1) | dict.fromkeys(done.values_list("person", flat=True), 0)


def _next_in_line(run: Run, shares: PlaceQuotas) -> list[Booking]:
    """List those whose turn it may be, first come first, whatever their agency's quota."""
    waiting = eligible_for_place(run).select_related("person", "agency")
    all_may = run.free is None or shares.are_limited
    return list(waiting if all_may else waiting[: run.free])


def eligible_for_place(run: Run) -> QuerySet[Booking]:
    """Return who could take a place, leaving out closed accounts and requests past their hold."""
    waiting = Booking.objects.in_queue_order().filter(run=run, person__is_active=True)
    return waiting.exclude(state=State.REQUESTED, held_until__lte=timezone.now())


def _somebody_is_first(run: Run, shares: PlaceQuotas) -> bool:
    """Return True if somebody waits who may have a place, and so comes before a newcomer."""
    if not shares.are_limited:
        return eligible_for_place(run).exists()
    return any(shares.may_take(b.agency) for b in eligible_for_place(run).select_related("agency"))


def _deal_turns(queue: list[Booking], order: list[Booking]) -> None:
    """Deal the turns of the waiting list in the new order; no two are the same moment."""
    turns = [(b.priority, b.moved_to or b.queued_at) for b in queue]
    before = None
    for booking, (priority, moment) in zip(order, turns, strict=True):
        if before and before[0] == priority and moment <= before[1]:
            moment = before[1] + MICROSECOND
        before = priority, moment
        booking.priority, booking.moved_to = priority, moment
    Booking.objects.bulk_update(order, ["priority", "moved_to"], batch_size=A_STATEMENT)
