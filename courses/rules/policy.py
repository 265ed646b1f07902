"""Change the booking policy, and keep what people were told by the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from courses.models import Booking, BookingPolicy, Run
from courses.rules import deadlines
from history import records
from lms.gathering import A_STATEMENT

if TYPE_CHECKING:
    from agencies.models import Person


@transaction.atomic
def change(policy: BookingPolicy, *, by: Person | str, action: str = "") -> BookingPolicy:
    """Save the policy; dates that people have booked stay free to cancel as long as they were.

    Whoever was told until when cancelling is free is not charged for a day that was free then.
    """
    before = BookingPolicy.objects.select_for_update().filter(pk=policy.pk).first()
    if before and policy.free_until_days > before.free_until_days:
        _keep_free_days(before)
    return records.save(policy, by=by, action=action)


def _keep_free_days(before: BookingPolicy) -> None:
    live = Booking.objects.live().filter(run=OuterRef("pk"))
    coming = Run.objects.not_cancelled().filter(Exists(live), starts_at__gt=timezone.now())
    kept = []
    for run in coming.select_for_update(of=["self"]).order_by("pk"):
        until = deadlines.free_until(run, before)
        if until and until > timezone.now():
            run.free_through = deadlines.last_free_day(until)
            kept.append(run)
    Run.objects.bulk_update(kept, ["free_through"], batch_size=A_STATEMENT)
