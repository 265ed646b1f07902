"""Send participants reminders of their run.

No schedule of reminders is stored: what is due follows from the run's current times, the booking
and the reminders sent (courses.Reminder). So a run that moves takes its reminders along, and one
that is cancelled has none.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from courses.models import Booking, BookingPolicy, Reminder, Run
from courses.notices import notices
from courses.rules import deadlines
from lms import jobs
from lms.mail import outbox

Kind = Reminder.Kind
A_BATCH = 100
RUNS_AT_ONCE = 500
# Time of day in Europe/London.
REMINDS_AT = dt.time(9)
# If no worker was running, a reminder is still sent this late, but no later.
STAYS_DUE_FOR = dt.timedelta(days=2)


@dataclass(frozen=True)
class Due:
    """Kind of reminder due for the bookings of some runs; key of a batch."""

    kind: str
    moment: dt.datetime
    for_day: dt.date


@jobs.in_words("Email people a reminder of their course date")
def remind() -> bool:
    """Send up to 100 due reminders; True while more are due. Periodic job.

    Each kind once for a booking and day of its run. People confirmed after a kind's moment get none
    of it, as the confirmation said it all. Source: rules.md, 'Booking'.
    """
    this, left = jobs.Round(remind), A_BATCH
    for due, runs in _due().items():
        for start in range(0, len(runs), RUNS_AT_ONCE):
            left -= _remind(this, due, runs[start : start + RUNS_AT_ONCE], left)
            if left <= 0:
                return True
    return False


def start_again(run: Run) -> None:
    """Cancel pending reminders of a run that has moved, so that new ones become due.

    For the functions of `scheduling`, which have locked the run.
    """
    confirmed = list(Booking.objects.confirmed().filter(run=run).only("pk"))
    dropped = defaultdict(list)
    for one in outbox.cancel_pending(confirmed, *map(notices.reminder_kind, Kind.values)):
        dropped[one.template].append(int(one.about_id))
    for kind in Kind.values:
        bookings = dropped[notices.reminder_kind(kind)]
        Reminder.objects.filter(kind=kind, booking__in=bookings).delete()


def _due() -> dict[Due, list[int]]:
    """Return the reminders due now, each with its runs (pk)."""
    now, policy = timezone.now(), BookingPolicy.load()
    days = max(policy.first_reminder_days, policy.second_reminder_days, policy.link_hours // 24)
    soon = Run.objects.upcoming().filter(starts_at__lt=now + dt.timedelta(days=days + 1))
    found = defaultdict(list)
    for run in soon.order_by("starts_at", "pk"):
        if due := _due_for(run, now, policy):
            found[due].append(run.pk)
    return found


def _due_for(run: Run, now: dt.datetime, policy: BookingPolicy) -> Due | None:
    """Return only the latest reminder due, unless too late, so that two never go out together."""
    come = [(moment, kind) for moment, kind in moments(run, policy) if moment <= now]
    if not come:
        return None
    moment, kind = max(come)
    if kind != Kind.LINK and now >= moment + STAYS_DUE_FOR:
        return None
    return Due(kind, moment, timezone.localdate(run.starts_at))


def moments(run: Run, policy: BookingPolicy) -> list[tuple[dt.datetime, str]]:
    """List when each kind of reminder of this run is due; a policy of 0 switches a kind off."""
    if run.starts_at is None:
        return []
    day = timezone.localdate(run.starts_at)
    found: list[tuple[dt.datetime, str]] = [
        (_morning(day - dt.timedelta(days=days)), kind)
        for days, kind in (
            (policy.first_reminder_days, Kind.FIRST),
            (policy.second_reminder_days, Kind.SECOND),
        )
        if days
    ]
    if run.link and not run.venue_id and policy.link_hours:
        found.append((run.starts_at - dt.timedelta(hours=policy.link_hours), Kind.LINK))
    return found


def _morning(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, REMINDS_AT))


def _remind(this: jobs.Round, due: Due, runs: list[int], most: int) -> int:
    """Send reminders and return how many; runs locked by others are left for the next minute."""
    ready = this.ready(_unreminded(due)).filter(run__in=runs).order_by("run", "pk")
    written: set[int] = set()
    this.work(list(ready[:most]), lambda bookings: written.update(_write(due, bookings)))
    return len(written)


def _write(due: Due, bookings: list[Booking]) -> list[int]:
    """Write to those of them who are still due and whose run nobody has locked."""
    wanted = {booking.run_id for booking in bookings}
    locked = Run.objects.filter(pk__in=wanted).select_for_update(skip_locked=True)
    ours = list(locked.order_by("pk").values_list("pk", flat=True))
    policy, now = BookingPolicy.load(), timezone.now()
    runs_now = Run.objects.not_cancelled().filter(pk__in=ours).order_by("pk")
    free = {
        run.pk: (run, deadlines.free_until(run))
        for run in runs_now.select_related("course", "venue").prefetch_related("sessions")
        if run.starts_at and _due_for(run, now, policy) == due
    }
    still = _unreminded(due).filter(pk__in=[booking.pk for booking in bookings], run__in=free)
    reminders = []
    for booking in still.select_related("person").order_by("run", "pk"):
        booking.run, free_until = free[booking.run_id]
        notices.reminder(booking, due.kind, free_until=free_until)
        reminders.append(Reminder(booking=booking, kind=due.kind, for_day=due.for_day))
    Reminder.objects.bulk_create(reminders)
    return [reminder.booking_id for reminder in reminders]


def _unreminded(due: Due):
    had = Reminder.objects.filter(booking=OuterRef("pk"), kind=due.kind, for_day=due.for_day)
    confirmed = Booking.objects.confirmed().filter(confirmed_at__lt=due.moment)
    return confirmed.filter(~Exists(had), person__is_active=True)
