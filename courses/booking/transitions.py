"""Create, move and close bookings; keep the run's counter and history in step.

The verbs of `booking` decide, and have locked the run; nobody else calls these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

import history
from agencies.models import Post
from courses.booking import waiting_list
from courses.models import Booking, Run
from courses.notices import notices
from lms import links
from lms.gathering import A_STATEMENT, batch

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str

State = Booking.State
HOLDING = (State.CONFIRMED, State.OFFERED)
# Fields that a transition saves: what it changes, and what a verb has set before it.
TRANSITION_FIELDS = [
    "state", "holds_place", "offered_until", "confirmed_at", "approved_at", "takes_over",
    "override_reason", "waits_for_job",
]  # fmt: skip


@dataclass(frozen=True)
class Transition:
    """Transition of a live booking to another live state, and history's name for that."""

    booking: Booking
    state: str
    action: str
    holds_place: bool | None = None


def add(run: Run, person: Person, post: Post, state: str, *, by: By, **facts) -> Booking:
    """Create a live booking, and count it if it holds a place."""
    now = timezone.now()
    booking = Booking.objects.create(
        run=run,
        person=person,
        agency=post.agency,
        role_group=post.role_group,
        state=state,
        priority=waiting_list.priority(run, person),
        queued_at=now,
        confirmed_at=now if state == State.CONFIRMED else None,
        **facts,
    )
    if booking.holds_place:
        _count(run, +1)
    history.record(f"booking.{state}", booking, by=by, now={"state": state, "run": run.pk})
    return booking


def transition(
    booking: Booking, state: str, action: str, *, by: By, holds_place: bool | None = None
) -> None:
    """Move a live booking to another live state; keep the run's counter and history in step.

    `action` is history's name for it; a confirmed or offered booking holds a place, others where
    `holds_place` says so.
    """
    transition_each(booking.run, [Transition(booking, state, action, holds_place)], by=by)


def transition_each(run: Run, turns: Sequence[Transition], *, by: By) -> None:
    """Transition many bookings of one run, in their order, as `transition` does one."""
    turned = [turn.booking for turn in turns]
    were = [booking.state for booking in turned]
    held = sum(booking.holds_place for booking in turned)
    for turn in turns:
        _transition(turn)
    Booking.objects.bulk_update(turned, TRANSITION_FIELDS, batch_size=A_STATEMENT)
    _count(run, sum(booking.holds_place for booking in turned) - held)
    with batch():
        for turn, was in zip(turns, were, strict=True):
            history.record(
                turn.action, turn.booking, by=by, was={"state": was}, now={"state": turn.state}
            )


def _transition(turn: Transition) -> None:
    booking, state = turn.booking, turn.state
    booking.state = state
    booking.holds_place = state in HOLDING if turn.holds_place is None else turn.holds_place
    booking.offered_until = booking.offered_until if state == State.OFFERED else None
    booking.waits_for_job = booking.waits_for_job and state == State.REQUESTED
    if state == State.CONFIRMED:
        booking.confirmed_at = timezone.now()


def close_bookings(
    run: Run, bookings: Sequence[Booking], state: str, *, by: By, reason: str = ""
) -> None:
    """End bookings: they hold no place, and what was sent about them is revoked."""
    changes = [(b, {"state": b.state}, {"state": state}) for b in bookings]
    held = sum(booking.holds_place for booking in bookings)
    ended = {
        "state": state,
        "holds_place": False,
        "offered_until": None,
        "ended_at": timezone.now(),
        "end_reason": reason.strip()[:240],
    }
    Booking.objects.filter(pk__in=[booking.pk for booking in bookings]).update(**ended)
    for booking in bookings:
        vars(booking).update(ended)
    _count(run, -held)
    links.revoke_many(bookings, "offer", "approval", "cancel")
    notices.taken_back(bookings)
    history.record_each(f"booking.{state}", changes, by=by)


def reopen(run: Run, booking: Booking, was: dict[str, Any], *, by: By) -> None:
    """Make an ended booking what it was, and count its place: merging its account is undone."""
    columns = {column.attname: column for column in Booking._meta.concrete_fields}
    for name, value in was.items():
        setattr(booking, name, columns[name].to_python(value))
    booking.save(update_fields=list(was))
    if booking.holds_place:
        _count(run, +1)
    history.record("booking.put_back", booking, by=by, now={"state": booking.state})


def make_room(run: Run, *, by: By) -> None:
    """Raise the limit of a full run by one place."""
    if run.is_full:
        run.extra += 1
        run.save(update_fields=["extra"])
        history.record(
            "run.over_the_limit", run, by=by, was={"extra": run.extra - 1}, now={"extra": run.extra}
        )


def _count(run: Run, places: int) -> None:
    """Move the run's counter. A place over the limit is gone when any place is given up."""
    if not places:
        return
    run.taken += places
    run.extra -= min(run.extra, max(0, -places))
    run.save(update_fields=["taken", "extra"])
