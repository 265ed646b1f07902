"""Describe giving up a booking: wording by state, cost, and why it is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from courses.models import Booking
from courses.rules import charging, deadlines, eligibility
from lms.formatting import pounds, weekday

if TYPE_CHECKING:
    from django.forms import Form

    from courses.models import BookingPolicy, Run

State = Booking.State


@dataclass(frozen=True)
class CancellationWording:
    """Wording of a confirmation page: question, button and consequences."""

    question: str
    button: str
    follows: str


NO_TURN = "You lose your turn. To wait again, you would join at the end."
OF = {
    State.CONFIRMED: CancellationWording(
        "Do you want to cancel your place?",
        "Cancel my place",
        "If somebody is waiting, they get the place. You cannot undo this: to come after all, you "
        "would need to book again.",
    ),
    State.WAITING: CancellationWording(
        "Do you want to leave the waiting list?", "Leave the waiting list", NO_TURN
    ),
    State.REQUESTED: CancellationWording(
        "Do you want to withdraw your request?",
        "Withdraw my request",
        "We’ll stop asking for a decision. To come after all, you would need to book again.",
    ),
    State.OFFERED: CancellationWording(
        "Do you want to decline this offer?",
        "Decline the offer",
        "The place is free for others. To wait again, you would join at the end.",
    ),
}


OF_JOB = CancellationWording(
    "Do you want to withdraw your request?",
    "Withdraw my request",
    "If a place was kept and somebody is waiting, they get it. You can then ask for a place on "
    "another date.",
)


def wording_for(booking: Booking) -> CancellationWording:
    """Return the wording for a live booking."""
    if booking.is_waiting_for_job:
        return OF_JOB
    return OF[State(booking.state)]


def why_not(booking: Booking) -> str:
    """Return why the booking cannot be given up now; empty when it can."""
    try:
        eligibility.refuse_unless_can_end(booking.run, booking)
    except eligibility.BookingRefused as refusal:
        return str(refusal)
    return ""


def charge(booking: Booking) -> Decimal:
    """Return what giving it up now costs the agency, in GBP; only confirmed places cost."""
    return charging.late_charge(booking) if booking.state == State.CONFIRMED else charging.NOTHING


def given(form: Form) -> dict[str, str]:
    """Return what the person gave with it: the reason, where one was asked."""
    return {"reason": form.cleaned_data["reason"]} if "reason" in form.fields else {}


def free_now(booking: Booking) -> str:
    """Say that giving it up now is free; empty when it costs."""
    if charge(booking):
        return ""
    if booking.state == State.CONFIRMED and (until := deadlines.free_until(booking.run)):
        return free_in_words(until) or "Cancelling is free: you are not charged."
    return "This is free."


def asks_why(booking: Booking) -> bool:
    """Return whether a reason is asked: when it can be given up and that costs."""
    return bool(charge(booking)) and not why_not(booking)


def free_in_words(until: dt.datetime | None, *, free: str = "Cancelling is free") -> str:
    """Say until when cancelling is free: see `deadlines.free_until`; empty once it costs."""
    if until is None or until <= timezone.now():
        return ""
    return f"{free} until the end of {weekday(deadlines.last_free_day(until))}."


def in_words(
    run: Run,
    *,
    who: str = "you",
    whose: str = "your agency",
    free: str = "Cancelling is free",
    policy: BookingPolicy | None = None,
) -> str:
    """Say until when cancelling is free and what it costs later; empty where it never costs."""
    price = charging.price_of_an_empty_place(run, policy)
    until = deadlines.free_until(run, policy)
    if not price or until is None:
        return ""
    if still_free := free_in_words(until, free=free):
        later = f"Later, or if {who} do not come, it costs {whose} {pounds(price)}."
        return f"{still_free} {later}"
    return f"Cancelling, or not coming, costs {whose} {pounds(price)}."


def owed_after(ended: Booking) -> Decimal:
    """Return what a withdrawal has cost the agency, in GBP."""
    late = ended.charges.owed().filter(kind="late").first()
    return late.amount if late else charging.NOTHING


def cost_after(ended: Booking, *, who: str = "You", whose: str = "your agency") -> str:
    """Say after a withdrawal that it is free, or what it has cost."""
    if owed := owed_after(ended):
        return f"It was cancelled late, so {whose} is charged {pounds(owed)}."
    return f"{who} will not be charged."


def said_after(ended: Booking) -> str:
    """Return what has ended, in a sentence, after a withdrawal."""
    course = ended.run.course
    if ended.confirmed_at:
        return f"Your place on {course} is cancelled."
    if ended.waits_for_job or (ended.approver_asked_at and not ended.approved_at):
        return f"Your request for a place on {course} is withdrawn."
    return f"You have left the waiting list of {course}."
