"""Remind agencies to confirm their cascade; stop and resume these reminders."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

import history
from agencies.models import Person
from lms import jobs
from lms.mail import outbox
from protocols import reminder_days
from protocols.cascade import notices
from protocols.cascade.dissemination import CascadeRefused, lock
from protocols.models import Dissemination, ProtocolPolicy
from protocols.reminder_days import NIGHTLY, morning_of


@transaction.atomic
def stop_chasing(dissemination: Dissemination, *, reason: str, by: Person) -> None:
    """Stop reminding this agency; it may still confirm."""
    dissemination = lock([dissemination])[dissemination.pk]
    if dissemination.state in ("confirmed", "stopped"):
        raise CascadeRefused(
            f"{dissemination.agency} is not asked any more as it is: there is nothing to stop."
        )
    if not reason.strip():
        raise CascadeRefused("Say why it is asked no more.")
    dissemination.stopped_at, dissemination.stopped_reason = timezone.now(), reason.strip()
    dissemination.save(update_fields=["stopped_at", "stopped_reason"])
    history.record("dissemination.chasing_stopped", dissemination, by=by)


@transaction.atomic
def ask_again(dissemination: Dissemination, *, by: Person) -> None:
    """Resume reminders that the board had stopped, from the next reminder day on."""
    dissemination = lock([dissemination])[dissemination.pk]
    if dissemination.is_confirmed or not dissemination.stopped_at:
        raise CascadeRefused(
            f"{dissemination.agency} has confirmed it, or is asked as it is: there is nothing to"
            " ask again."
        )
    was = {"stopped_at": dissemination.stopped_at.isoformat()}
    dissemination.stopped_at, dissemination.stopped_reason = None, ""
    dissemination.save(update_fields=["stopped_at", "stopped_reason"])
    _refuse_unless_asked(dissemination)
    history.record("dissemination.asked_again", dissemination, by=by, was=was)


def _refuse_unless_asked(dissemination: Dissemination) -> None:
    if dissemination.stopped_at:
        raise CascadeRefused(f"{dissemination.agency} is not asked any more: ask it again first.")
    if not Dissemination.objects.asked_still().filter(pk=dissemination.pk).exists():
        raise CascadeRefused(
            f"{dissemination.edition} was withdrawn, or {dissemination.agency} has a newer version:"
            " it need not confirm this one."
        )


@transaction.atomic
def remind(dissemination: Dissemination, *, by: Person) -> None:
    """Remind the agency now, whatever its reminder days, but at most once a day."""
    today = timezone.localdate()
    dissemination = lock([dissemination])[dissemination.pk]
    if dissemination.is_confirmed:
        raise CascadeRefused(f"{dissemination.agency} has confirmed it: nobody need be reminded.")
    _refuse_unless_asked(dissemination)
    if dissemination.chased_on == today:
        raise CascadeRefused(f"{dissemination.agency} has been reminded today. Try again tomorrow.")
    if not notices.who_sees_to([dissemination])[dissemination.pk]:
        raise CascadeRefused(f"{dissemination.agency} has nobody to ask. Name somebody first.")
    _chased([dissemination], today, by=by)


@jobs.in_words("Remind an agency to confirm that it passed a protocol on")
def chase() -> int:
    """Remind each agency that is due, once a day; return how many were reminded.

    Reminder days come before, on and regularly after the deadline (ProtocolPolicy), until the
    agency confirms or the board stops; a missed night is made up for on the next. Nightly job;
    idempotent. A person responsible for more than a thousand agencies may get several mails about
    one edition.
    """
    today, policy = timezone.localdate(), ProtocolPolicy.load()
    soon = policy.reminders.last_deadline(today)
    asked = Dissemination.objects.asked_still().filter(deadline_on__lte=soon)
    this, chased = jobs.Round(chase), []
    for edition in asked.order_by("edition").values_list("edition", flat=True).distinct():
        for batch in this.batches(asked.filter(edition=edition).select_related("agency")):
            due = [one for one in batch if is_due(one, today, policy)]
            reachable = _without_unreachable(this, due)
            this.work(reachable, lambda some: chased.append(_chase(some, today, policy)))
    return sum(chased)


def _without_unreachable(this: jobs.Round, due: list[Dissemination]) -> list[Dissemination]:
    """Record as failed those whose recipients cannot be mailed; return the others.

    Agencies with nobody to ask are not reminded, and say so.
    """
    readers = notices.who_sees_to(due)
    bad = [
        one for one in due if readers[one.pk] and not any(map(outbox.can_reach, readers[one.pk]))
    ]
    for one in bad:
        this.fail(one, outbox.AddressRefused())
    return [one for one in due if one not in bad and readers[one.pk]]


def _chase(disseminations: list[Dissemination], today: dt.date, policy: ProtocolPolicy) -> int:
    """Remind of these, which are of one edition; return how many were still due once locked."""
    locked = lock(disseminations)
    # Query again under the lock: an agency may have confirmed since.
    still = Dissemination.objects.asked_still().filter(pk__in=list(locked))
    due = [locked[pk] for pk in still.order_by("pk").values_list("pk", flat=True)]
    due = [one for one in due if is_due(one, today, policy)]
    _chased(due, today, by=NIGHTLY)
    return len(due)


def _chased(due: list[Dissemination], today: dt.date, *, by: Person | str) -> None:
    Dissemination.objects.filter(pk__in=[one.pk for one in due]).update(chased_on=today)
    changes: list[history.Change] = [(one, {}, {"on": today.isoformat()}) for one in due]
    history.record_each("dissemination.chased", changes, by=by)
    notices.notify_readers(due, "protocol_chased", not_before=morning_of(today, by))


def is_due(one: Dissemination, today: dt.date, policy: ProtocolPolicy) -> bool:
    """Return whether a reminder day has passed since it was sent or last reminded."""
    return reminder_days.is_due(one.sent_at, one.chased_on, one.deadline_on, today, policy)
