"""Change the booking policy, and keep what people were told by the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from courses.models import Booking, BookingPolicy, Run
from courses.rules import charging, deadlines
from history import records
from lms.gathering import A_STATEMENT

if TYPE_CHECKING:
    from agencies.models import Person


@transaction.atomic
def change(policy: BookingPolicy, *, by: Person | str, action: str = "") -> BookingPolicy:
    """Save the policy; dates that people have booked keep the terms that they were told.

    Cancelling stays free for as long as it was, and a place that is given up late or left empty
    costs no more than it did.
    """
    before = BookingPolicy.objects.select_for_update().filter(pk=policy.pk).first()
    if before and (
        policy.free_until_days > before.free_until_days or _may_cost_more(before, policy)
    ):
        _keep_terms(before, policy)
    return records.save(policy, by=by, action=action)


def _may_cost_more(before: BookingPolicy, policy: BookingPolicy) -> bool:
    """Return whether the price of some place may rise; a day of few hours can count as half."""
    names = ("half_day_charge", "day_charge", "half_day_hours")
    return any(getattr(before, name) != getattr(policy, name) for name in names)


def _keep_terms(before: BookingPolicy, policy: BookingPolicy) -> None:
    live = Booking.objects.live().filter(run=OuterRef("pk"))
    coming = Run.objects.not_cancelled().filter(Exists(live), closed_at=None)
    coming = coming.select_related("course").prefetch_related("sessions")
    kept = list(coming.select_for_update(of=["self"]).order_by("pk"))
    for run in kept:
        until = deadlines.free_until(run, before)
        if policy.free_until_days > before.free_until_days and until and until > timezone.now():
            run.free_through = deadlines.last_free_day(until)
        told = charging.price_of_an_empty_place(run, before)
        if charging.price_of_an_empty_place(run, policy) > told:
            run.costs_at_most = told
    Run.objects.bulk_update(kept, ["free_through", "costs_at_most"], batch_size=A_STATEMENT)
