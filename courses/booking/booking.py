"""Give, offer and end places: the verbs that change bookings.

Every verb here locks the run first, so that two people are never told different things about the
same place: on PostgreSQL the row, on SQLite the database (a write transaction begins IMMEDIATE).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from agencies import access, joining
from agencies.models import Post
from agencies.no_email import telling
from courses.booking import approval, transitions, waiting_list
from courses.booking.transitions import Transition
from courses.models import Booking, Run
from courses.notices import notices
from courses.rules import charging, deadlines, manager_emails
from courses.rules.eligibility import (
    BookingRefused,
    job_that_counts,
    job_to_book_from,
    refuse_own_decision,
    refuse_own_manager,
    refuse_second_before_confirmed,
    refuse_second_date,
    refuse_unless_asked,
    refuse_unless_can_end,
    refuse_unless_eligible,
    refuse_unless_may_take_over,
    refuse_unless_offered,
    refuse_unless_open,
    refuse_without_cost_code,
    with_another_place,
)
from courses.rules.quotas import PlaceQuotas
from lms import jobs, links
from lms.mail import outbox, templates

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str

State = Booking.State
# Job that retries for people who were passed over because giving them a place failed.
OFFERS_AGAIN = "courses.booking.expiry.offer_again"


def request_place(
    run: Run,
    person: Person,
    *,
    by: By,
    post: Post | None = None,
    manager_email: str = "",
    access_needs: str = "",
    cost_code: str = "",
) -> Booking:
    """Book a place on the run, or join its waiting list, or ask the manager for approval.

    A mail says which. Idempotent: a live booking is returned as it is. The booking counts for the
    agency of `post`, by default the newest current job. From a job that nobody has confirmed yet
    it is one request at a time, which waits for that. Raises BookingRefused. Source: rules.md,
    'Booking'.
    """
    with _ready_to_confirm(run), transaction.atomic():
        run = Run.objects.lock(run)
        if booking := Booking.objects.live().filter(run=run, person=person).first():
            return booking
        refuse_unless_open(run)
        post = job_to_book_from(person, post)
        if not post.is_confirmed:
            post = _only_request_from(post)
        refuse_unless_eligible(run.course, person, post)
        refuse_second_date(run, person)
        refuse_own_manager(person, manager_email)
        manager_emails.refuse_too_many(person, manager_email)
        refuse_without_cost_code(run, post, cost_code)
        shares = PlaceQuotas(run)
        gets_place = not waiting_list.must_wait(run, shares, post.agency)
        if not gets_place and fill_free_places(run, by=by):
            shares = PlaceQuotas(run)  # Somebody was overlooked, as when an account reopens.
            gets_place = not waiting_list.must_wait(run, shares, post.agency)
        waits_for_job = not post.is_confirmed
        asks = run.asks_approval and not _approves_by_booking(by, person, post)
        granted = State.CONFIRMED if gets_place else State.WAITING
        booking = transitions.add(
            run,
            person,
            post,
            State.REQUESTED if asks or waits_for_job else granted,
            holds_place=gets_place,
            by=by,
            manager_email=(manager_email.strip() or _manager_to_ask(asks, post)).lower(),
            access_needs=access_needs.strip(),
            cost_code=cost_code.strip(),
            waits_for_job=waits_for_job,
            held_until=deadlines.job_hold_ends(run) if waits_for_job else None,
        )
        if waits_for_job:
            notices.job_awaited(booking)
            notices.place_waits_for_job(booking)
        elif asks:
            approval.ask(booking, by=by)
            notices.requested(booking)
        elif gets_place:
            notices.confirmed(booking)
        else:
            notices.waiting(booking, why=shares.why_not(post.agency))
    return booking


def approve(booking: Booking, *, by: By) -> Booking:
    """Approve a request: confirm the place that it held, or keep its turn.

    Idempotent. Raises BookingRefused when it was decided otherwise meanwhile, or when the person
    would approve their own request.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        refuse_own_decision(booking, by)
        if booking.approved_at and booking.is_live:
            return booking
        refuse_unless_asked(run, booking)
        if booking.holds_place:
            refuse_second_date(run, booking.person, counts_offers=False)
        booking.approved_at = timezone.now()
        links.revoke(booking, "approval")
        _grant(run, booking, "booking.approved", by=by, agreed="Your booking is approved.")
    return booking


def confirm_job(booking: Booking, *, by: By) -> Booking:
    """Go on with a request whose job has been confirmed: the place, its turn, or the manager next.

    For `unconfirmed_jobs`. Whoever has a place on another date by now, where the course refuses a
    second, is offered this one. Idempotent; nothing happens once the run has begun.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        if not booking.is_waiting_for_job or run.has_begun:
            return booking
        booking.waits_for_job, booking.held_until = False, None
        booking.save(update_fields=["waits_for_job", "held_until"])
        if run.asks_approval:
            history.record("booking.job_confirmed", booking, by=by)
            approval.ask(booking, by=by)
            notices.requested(booking)
        elif booking.holds_place and with_another_place(run, [booking]):
            booking.offered_until = deadlines.offer_ends(run)
            transitions.transition(booking, State.OFFERED, "booking.job_confirmed", by=by)
            _write_of_place(booking)
        else:
            agreed = f"{booking.agency} has confirmed that you work there."
            _grant(run, booking, "booking.job_confirmed", by=by, agreed=agreed)
    return booking


def refuse_job(booking: Booking, *, by: By, reason: str = "", is_told: bool = False) -> Booking:
    """End a request whose job was refused; its place goes to the next.

    `is_told` says that the mail about the job tells the person. Idempotent.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        if not booking.is_waiting_for_job or run.has_begun:
            return booking
        why = f"The job at {booking.agency} was not confirmed. {reason}"
        transitions.close_bookings(run, [booking], State.REFUSED, by=by, reason=why)
        if not is_told:
            notices.refused(booking)
        fill_free_places(run, by=by)
    return booking


def _grant(run: Run, booking: Booking, action: str, *, by: By, agreed: str) -> None:
    """Confirm the place that a request held, or let it wait at the turn that it kept."""
    held = booking.holds_place
    transitions.transition(booking, State.CONFIRMED if held else State.WAITING, action, by=by)
    if held:
        notices.confirmed(booking)
    elif booking not in fill_free_places(run, by=by):
        notices.waiting(booking, why=PlaceQuotas(run).why_not(booking.agency), agreed=agreed)
    else:
        booking.refresh_from_db()


def refuse(booking: Booking, *, by: By, reason: str) -> Booking:
    """Refuse a request: the person reads why, and its place goes to the next.

    Idempotent. Raises BookingRefused without a reason, and as `approve` does.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        refuse_own_decision(booking, by)
        if booking.state == State.REFUSED:
            return booking
        refuse_unless_asked(run, booking)
        if not reason.strip():
            raise BookingRefused("Say why not: your colleague will read it.")
        transitions.close_bookings(run, [booking], State.REFUSED, by=by, reason=reason)
        notices.refused(booking)
        fill_free_places(run, by=by)
    return booking


def accept_offer(booking: Booking, *, by: By) -> Booking:
    """Confirm the place that was offered to this person. Idempotent.

    Raises BookingRefused once the offer has ended in any other way.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        if booking.state == State.CONFIRMED:
            return booking
        refuse_unless_offered(booking)
        refuse_second_date(run, booking.person, counts_offers=False)
        transitions.transition(booking, State.CONFIRMED, "booking.offer_accepted", by=by)
        links.revoke(booking, "offer")
        notices.confirmed(booking, from_queue=True)
    return booking


def decline_offer(booking: Booking, *, by: By) -> Booking:
    """Decline the offer and give the place to the next on the waiting list. Idempotent."""
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        if booking.state == State.DECLINED:
            return booking
        refuse_unless_offered(booking)
        transitions.close_bookings(run, [booking], State.DECLINED, by=by)
        fill_free_places(run, by=by)
    return booking


def withdraw(booking: Booking, *, by: By, reason: str = "") -> Booking:
    """Cancel a booking; a place it held goes to the first on the waiting list.

    A confirmed place that is given up late is charged to the agency (`deadlines.costs_now`).
    Idempotent. Raises BookingRefused once the run has begun.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        if booking.state == State.WITHDRAWN:
            return booking
        refuse_unless_can_end(run, booking)
        if booking.state == State.CONFIRMED:
            charging.charge_late(booking, by=by)
        notices.withdrawn(booking)
        transitions.close_bookings(run, [booking], State.WITHDRAWN, by=by, reason=reason)
        fill_free_places(run, by=by)
    return booking


def give_back(booking: Booking, *, by: By) -> Booking:
    """End the booking of a closed account without a charge; its place goes to the next.

    Idempotent; nothing happens once the run has begun, when its register decides.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        if not booking.is_live or run.has_begun or booking.person.is_active:
            return booking
        notices.withdrawn(booking, is_charged=False)
        transitions.close_bookings(
            run, [booking], State.WITHDRAWN, by=by, reason="Their account was closed."
        )
        fill_free_places(run, by=by)
    return booking


def substitute(booking: Booking, colleague: Person, *, by: By) -> Booking:
    """Give the place to a colleague of the same agency, without a charge; end this booking.

    Until the run begins. Returns the colleague's booking. Raises BookingRefused.
    """
    with transaction.atomic():
        run, booking = Booking.objects.lock(booking)
        if booking.state == State.SUBSTITUTED and booking.taken_over_by.person_id == colleague.pk:
            return booking.taken_over_by
        post = refuse_unless_may_take_over(run, booking, colleague)
        theirs = Booking.objects.live().filter(run=run, person=colleague).first()
        notices.given_to_colleague(booking, colleague)
        extra = run.extra
        transitions.close_bookings(run, [booking], State.SUBSTITUTED, by=by)
        if not (theirs and theirs.holds_place):
            run.extra = extra  # The place changes hands, so one over the limit stays.
        if theirs:
            theirs.run, theirs.takes_over = run, booking
            # The place stays with its agency, whatever job the colleague had asked from.
            theirs.agency, theirs.role_group = post.agency, post.role_group
            theirs.cost_code = booking.cost_code or theirs.cost_code
            theirs.save(update_fields=["agency", "role_group", "cost_code"])
            links.revoke(theirs, "offer", "approval")
            transitions.transition(theirs, State.CONFIRMED, "booking.took_over", by=by)
        else:
            theirs = transitions.add(
                run,
                colleague,
                post,
                State.CONFIRMED,
                holds_place=True,
                by=by,
                takes_over=booking,
                cost_code=booking.cost_code,
                manager_email=post.line_manager_email,
            )
        notices.confirmed(theirs, given_by=booking.person.name)
        fill_free_places(run, by=by)
    return theirs


def add_regardless(
    run: Run, person: Person, *, by: By, reason: str, post: Post | None = None, **asked: str
) -> Booking:
    """Give a person a place by decision of the office, whatever the rules say; keep the reason.

    A full run has one place more, until a place is given up. Whoever waits, has asked or was
    offered a place keeps that booking, confirmed. Raises BookingRefused.
    """
    with transaction.atomic():
        run = Run.objects.lock(run)
        if not reason.strip():
            raise BookingRefused("Say why this person has a place all the same: it is kept.")
        if run.cancelled_at or run.is_over or run.starts_at is None:
            raise BookingRefused(
                "Nobody can be added to a date that is cancelled, over or unset. Choose another "
                "date."
            )
        booking = Booking.objects.live().filter(run=run, person=person).first()
        if booking and booking.state == State.CONFIRMED:
            return booking
        if booking:
            _confirm_regardless(run, booking, by=by, reason=reason)
        else:
            post = job_that_counts(person, post)
            booking = _add_regardless(run, person, post, by=by, reason=reason, **asked)
        notices.confirmed(booking)
    return booking


def add_who_came(run: Run, post: Post, *, by: By, reason: str) -> Booking:
    """Give a walk-in a place, though the run has begun and may be full.

    For `register.walk_in`, which has locked the run and mails them; `post` says who it is and for
    which agency it counts. A live booking is kept, and confirmed.
    """
    booking = Booking.objects.live().filter(run=run, person=post.person).first()
    if booking is None:
        return _add_regardless(run, post.person, post, by=by, reason=reason)
    if booking.state != State.CONFIRMED:
        _confirm_regardless(run, booking, by=by, reason=reason)
    return booking


def fill_free_places(run: Run, *, by: By) -> list[Booking]:
    """Offer free places to the waiting list, first come first, or confirm them at once.

    The caller has locked the run. A request that keeps its turn holds a place from now on. Nobody
    gets one in the last 2 hours before the run begins, nor once it is cancelled. Whoever it fails
    for keeps their turn and is passed over: the office reads why, and `expiry.offer_again` retries.
    Returns those who were mailed.
    """
    if not run.may_promote or run.is_full:
        return []
    if not (chosen := waiting_list.next_in_turn(run)):
        return []
    try:
        with _undone_if_it_fails(run):
            return _give_and_write(run, chosen, by=by)
    except jobs.DATABASE_IS_AWAY:
        raise
    except Exception:
        return _give_to_each(run, by=by)


def _give_and_write(run: Run, chosen: list[Booking], *, by: By) -> list[Booking]:
    """Give these the free places; return those who wait no longer, and have an email."""
    waited = [booking for booking in chosen if booking.state == State.WAITING]
    _give(run, chosen, by=by)
    for booking in waited:
        _write_of_place(booking)
    return waited


def _give_to_each(run: Run, *, by: By) -> list[Booking]:
    """Give free places one by one, when somebody in the queue cannot be given one."""
    this, written_to = jobs.Round(OFFERS_AGAIN), []
    for booking in waiting_list.eligible_for_place(run).select_related("person", "agency"):
        if run.is_full:
            break
        if not PlaceQuotas(run).may_take(booking.agency):
            continue
        booking.run = run
        try:
            with _undone_if_it_fails(run):
                written_to += _give_and_write(run, [booking], by=by)
        except jobs.DATABASE_IS_AWAY:
            raise
        except Exception as error:
            this.fail(booking, error)
    return written_to


@contextmanager
def _undone_if_it_fails(run: Run) -> Iterator[None]:
    """Roll back what the block writes, the emails that it posted and the run's counter."""
    counted = run.taken, run.extra
    try:
        with transaction.atomic(), outbox.batch():
            yield
    except Exception:
        run.taken, run.extra = counted
        raise


def lapse(run: Run, bookings: Sequence[Booking], *, by: By) -> None:
    """Expire offers that nobody took, or requests that nobody answered.

    The caller has locked the run, has checked that their time is over, and serves the waiting list.
    """
    for booking in bookings:
        notices.lapsed(booking, was_offered=booking.state == State.OFFERED)
    transitions.close_bookings(run, bookings, State.LAPSED, by=by)


def keep_offer(booking: Booking, *, by: By) -> None:
    """Give an offer its whole time again, with a new link and mail, as when no mail could be sent.

    The caller has locked the run. The mail that still waits, with the old deadline, is dropped.
    """
    was = booking.offered_until
    until = deadlines.offer_ends(booking.run)
    booking.offered_until = max(was, until) if was else until
    booking.save(update_fields=["offered_until"])
    outbox.cancel_pending([booking], "place_offered")
    links.revoke(booking, "offer")
    _write_of_place(booking)
    history.record(
        "booking.offer_extended",
        booking,
        by=by,
        was={"until": was.isoformat() if was else None},
        now={"until": booking.offered_until.isoformat()},
    )


def release_hold(booking: Booking, *, by: By) -> None:
    """Release the place held by a request whose time is over; the request keeps its turn.

    The caller has locked the run, and gives the place to the next.
    """
    transitions.transition(
        booking, State.REQUESTED, "booking.hold_released", by=by, holds_place=False
    )


def end_offers_by(run: Run, moment: dt.datetime) -> None:
    """Expire the offers of the run, and their links, at this moment at the latest.

    For scheduling, which has locked the run and moved it ahead.
    """
    offered = Booking.objects.filter(run=run, state=State.OFFERED, offered_until__gt=moment)
    links.expire_each_at(list(offered.only("pk")), "offer", moment=moment)
    offered.update(offered_until=moment)


def end_all(run: Run, *, by: By, reason: str) -> list[Booking]:
    """Cancel every live booking of the run; its places count for nobody.

    For `scheduling.cancel`, which has locked the run and tells the people.
    """
    live = Booking.objects.live().filter(run=run).select_related("person").order_by("pk")
    ended = list(live)
    for booking in ended:
        booking.run = run
    transitions.close_bookings(run, ended, State.CANCELLED, by=by, reason=reason)
    return ended


@contextmanager
def _ready_to_confirm(run: Run) -> Iterator[None]:
    """Warm caches before the run is locked, to hold the lock for as short a time as possible."""
    with templates.cached_context():
        _ = (
            run.course.is_restricted,
            run.venue,
            templates.board(),
            templates.in_use("booking_confirmed"),
        )
        yield


def _add_regardless(
    run: Run, person: Person, post: Post, *, by: By, reason: str, **asked: str
) -> Booking:
    transitions.make_room(run, by=by)
    return transitions.add(
        run,
        person,
        post,
        State.CONFIRMED,
        holds_place=True,
        by=by,
        override_reason=reason.strip()[:240],
        **asked,
    )


def _confirm_regardless(run: Run, booking: Booking, *, by: By, reason: str) -> None:
    if not booking.holds_place:
        transitions.make_room(run, by=by)
    booking.run, booking.override_reason = run, reason.strip()[:240]
    links.revoke(booking, "offer", "approval")
    transitions.transition(booking, State.CONFIRMED, "booking.added_regardless", by=by)


def _give(run: Run, chosen: Sequence[Booking], *, by: By) -> None:
    """Hold a place for each of these requests, and offer one to who waits, or confirm it.

    Whoever has a place on another date, where the course refuses a second, is offered this one:
    they can cancel the other and accept.
    """
    at_once = run.freed_places == Run.FreedPlaces.AT_ONCE and not deadlines.costs_now(run)
    asked_first = with_another_place(run, chosen) if at_once else set()
    until, turns = deadlines.offer_ends(run), []
    for booking in chosen:
        is_given = at_once and booking.person_id not in asked_first
        booking.offered_until = None if is_given else until
        what = (State.OFFERED, "booking.offered")
        if booking.state == State.REQUESTED:
            what = (State.REQUESTED, "booking.place_held")
        elif is_given:
            what = (State.CONFIRMED, "booking.promoted")
        turns.append(Transition(booking, *what, holds_place=True))
    transitions.transition_each(run, turns, by=by)


def _write_of_place(booking: Booking) -> None:
    """Mail somebody who waited that the place is theirs, or is offered to them by a link."""
    if (until := booking.offered_until) is None:
        notices.confirmed(booking, from_queue=True)
    else:
        to = telling.address_for(booking.person, booking)
        token = links.create("offer", booking, sent_to=to, until=until)
        notices.offered(booking, token)


def _only_request_from(post: Post) -> Post:
    """Return the job as it is now; raises BookingRefused if a request from it waits already."""
    joining.lock(post.person)
    post = joining.locked(post)
    if post.is_waiting:
        refuse_second_before_confirmed(post.person)
    elif not post.is_confirmed:  # Refused or withdrawn meanwhile.
        return job_that_counts(post.person, None)
    return post


def _manager_to_ask(asks: bool, post: Post) -> str:
    return post.line_manager_email if asks else ""


def _approves_by_booking(by: By, person: Person, post: Post) -> bool:
    """Return True if a lead books a colleague, which approves the booking."""
    return not isinstance(by, str) and by.pk != person.pk and access.leads(by, post.agency)
