"""Status of a booking: why somebody waits, who was asked, what giving it up costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agencies.models import Board
from courses.booking import changing_job, unconfirmed_jobs
from courses.evaluation import pre_course
from courses.models import Booking
from courses.models.bookings import WAITS_FOR_JOB
from courses.rules import approvers, cancellation, charging, eligibility
from courses.rules.quotas import PlaceQuotas

if TYPE_CHECKING:
    from decimal import Decimal

    from courses.models import Course, Run

State = Booking.State


@dataclass(frozen=True)
class StateWords:
    """Words and colour of a state: about the person, to them, and as the title of their page."""

    label: str
    own: str
    title: str
    colour: str = "grey"


def _words_of(state: Booking.State) -> StateWords:
    label, held = str(state.label), "A place is held for you"
    return {
        State.CONFIRMED: StateWords(label, "You have a place", "Your place is confirmed", "green"),
        State.WAITING: StateWords(label, label, "You are on the waiting list", "yellow"),
        State.REQUESTED: StateWords(label, label, "We have asked for approval", "yellow"),
        State.OFFERED: StateWords(label, held, held, "yellow"),
    }.get(state, StateWords(label, label, label))


@dataclass(frozen=True)
class MissedWords:
    """Words about a request, an offer or a turn whose date has begun: to them, to the office."""

    title: str
    own: str
    office: str


NO_PLACE = MissedWords(
    "There was no place for you on this date",
    "No place became free before it began.",
    "No place became free",
)
HAD_NO_PLACE = "You had no place on this date"
MISSED = {
    State.REQUESTED: MissedWords(
        HAD_NO_PLACE, "Nobody approved your request before it began.", "Not approved in time"
    ),
    State.OFFERED: MissedWords(
        HAD_NO_PLACE,
        "You did not accept the place that we offered before it began.",
        "Offer not accepted in time",
    ),
}
MISSED_JOB = MissedWords(
    HAD_NO_PLACE,
    "Nobody confirmed where you work before it began.",
    "Job not confirmed in time",
)


def missed_words_of(booking: Booking) -> MissedWords | None:
    """Return the words about a live booking without a place whose date has begun, else None."""
    state = State(booking.state)
    if state == State.CONFIRMED or not (booking.is_live and booking.run.has_begun):
        return None
    return MISSED_JOB if booking.is_waiting_for_job else MISSED.get(state, NO_PLACE)


STATE_WORDS = {state: _words_of(state) for state in State}
OF_JOB = StateWords(WAITS_FOR_JOB, WAITS_FOR_JOB, "We have asked for a place for you", "yellow")


def words_of(booking: Booking) -> StateWords:
    """Return the words of a booking's state; a request may wait for a job or for approval."""
    return OF_JOB if booking.is_waiting_for_job else STATE_WORDS[State(booking.state)]


@dataclass(frozen=True)
class BookingStatus:
    """Facts about a booking that a page shows besides its state."""

    why_wait: str = ""
    asked: str = ""
    late_charge: Decimal = charging.NOTHING
    cancelling: str = ""
    colleague: str = ""
    asks_scales: bool = False
    has_left: bool = False


def status_of(booking: Booking) -> BookingStatus:
    """Collect what the page of a booking shows besides its state."""
    return replace(_status_of(booking), has_left=changing_job.has_left(booking))


def _status_of(booking: Booking) -> BookingStatus:
    run = booking.run
    if booking.state == State.WAITING:
        return BookingStatus(why_wait=why_waiting(run, booking))
    if booking.state == State.REQUESTED:
        return BookingStatus(
            why_wait="" if booking.holds_place else why_waiting(run, booking),
            asked=who_was_asked(booking),
        )
    if booking.state in (State.OFFERED, State.CONFIRMED):
        return BookingStatus(
            late_charge=charging.late_charge(booking),
            cancelling=cancellation.in_words(run),
            asks_scales=not pre_course.why_refused(booking) and not booking.owes_answers,
        )
    if booking.state == State.SUBSTITUTED:
        return BookingStatus(colleague=booking.taken_over_by.person.name)
    return BookingStatus()


def prerequisites_missing(booking: Booking) -> list[Course]:
    """List what its course asks for first and the record does not show, with the next dates.

    Nothing once it is over, or where the office has made an exception.
    """
    if not booking.is_live or booking.run.has_begun or booking.override_reason:
        return []
    return eligibility.prerequisites_missing(booking.run.course, booking.person)


def why_waiting(run: Run, booking: Booking) -> str:
    """Return why a booking waits, as a sentence; '' where only its turn on the list says so."""
    if run.is_full:
        return "All places on this date are taken."
    return PlaceQuotas(run).why_not(booking.agency)


def who_confirms(booking: Booking) -> str:
    """Say in a few words who is asked to confirm the job for which a request waits."""
    if unconfirmed_jobs.is_with_office(booking):
        return "the training office"
    return f"whoever leads training at {booking.agency}"


def who_was_asked(booking: Booking) -> str:
    """Say in a few words who was asked; nobody but the manager is named by their address."""
    if booking.is_waiting_for_job:
        return f"{who_confirms(booking)} to confirm that you work at {booking.agency}"
    if approvers.is_with_manager(booking):
        return f"your manager at {booking.approver_email}"
    if booking.approver_email == Board.load().email:
        return "the training office"
    return f"whoever leads training at {booking.agency}"
