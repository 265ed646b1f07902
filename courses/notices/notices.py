"""Compose and enqueue mails about courses, in the transaction of the action that they report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from agencies.models import Board, Person
from agencies.no_email import telling
from courses.models import Booking, Completion, Evidence, Reminder
from courses.notices import ical, told
from courses.rules import cancellation, charging
from courses.rules.approvers import leads_each
from courses.rules.prerequisites import next_date_in_words, with_next_dates
from lms import links
from lms.formatting import day, moment, pounds
from lms.mail import outbox, templates

if TYPE_CHECKING:
    from certificates.models import Certificate
    from courses.models import Charge, Course, DeliveryRequest, Evaluation, Run, Session

ENDED = {
    "waiting": "You have left the waiting list",
    "requested": "Your request is withdrawn",
    "offered": "You have given up the offer",
}
EVALUATIONS = {
    "end": "evaluation_asked",
    "later": "evaluation_later",
    "manager": "evaluation_of_manager",
}
# Mails without calendar entries by which somebody knows when and where a date is.
TELLS_THE_DATE = {
    "booking_waiting", "booking_requested", "job_awaited", "place_offered", "run_moved",
}  # fmt: skip
LEADS_LIST = "courses:agency_bookings"
MOST_IN_A_MAIL = 100
WAITS = "If you have completed the course, your certificate follows your answers."
NOT_SETTLED = "not settled yet; we will write to you when it is"


def confirmed(booking: Booking, *, from_queue: bool = False, given_by: str = "") -> None:
    """Send the confirmation with joining instructions and calendar, copied to the named manager.

    `given_by` is the name of the colleague who gave up the place.
    """
    how = "You have a place."
    if from_queue:
        how = "A place has become free, and it is yours."
    if given_by:
        how = f"{given_by} has given you their place."
    _write(
        booking,
        "booking_confirmed",
        copied=True,
        entries=True,
        how=how,
        joining_instructions=booking.run.joining_instructions,
        manager_email=booking.manager_email,
        # A manager who is copied must not be able to cancel: the link then requires signing in.
        cancel_link=_signed_in_cancel(booking) if booking.manager_email else _cancel_link(booking),
        pre_course_link=_pre_course_link(booking),
    )


def joining_instructions(booking: Booking) -> None:
    """Send the joining instructions held back until the pre-course questions were answered."""
    _write(
        booking,
        "joining_instructions",
        entries=True,
        joining_instructions=booking.run.joining_instructions,
        cancel_link=_cancel_link(booking),
    )


def waiting(booking: Booking, *, why: str = "", agreed: str = "") -> None:
    """Notify a person on the waiting list; `why` replaces the reason that the run is full.

    `agreed` says, as a sentence, what was decided first.
    """
    why = why or _why_waiting(booking.run)
    words = f"{agreed} {why}".strip()
    _write(booking, "booking_waiting", why=words, cancel_link=_cancel_link(booking))


def withdrawn(booking: Booking, *, is_charged: bool = True) -> None:
    """Confirm a withdrawal, while the booking is still live; cancels calendar entries too."""
    if booking.state != Booking.State.CONFIRMED:
        _write(booking, "booking_left_queue", what_ended=ENDED[booking.state])
        return
    words = "Because it was cancelled late, your agency is charged"
    owed = _late_charge(booking, words) if is_charged else ""
    charge = owed or "You will not be charged."
    _write(booking, "booking_withdrawn", copied=True, entries=False, charge=charge)


def run_cancelled(booking: Booking, *, was_confirmed: bool, reason: str) -> None:
    entries = False if was_confirmed else None
    _write(booking, "run_cancelled", copied=was_confirmed, entries=entries, reason=reason)


def run_moved(
    booking: Booking, *, changed: str = "the times or the place", clash: str = ""
) -> None:
    """Tell somebody booked or waiting what has changed, with calendar entries for a place."""
    context = {"changed": changed, "clash": clash, "cancel_link": _signed_in_cancel(booking)}
    if booking.state == Booking.State.CONFIRMED:
        _write(
            booking,
            "run_moved",
            copied=True,
            entries=True,
            standing="You keep your place, and the attached files change it in your calendar.",
            joining_instructions=booking.run.joining_instructions,
            cancelling=cancellation.in_words(booking.run),
            **context,
        )
    else:
        standing = _keeps(booking)
        if booking.run.link:
            standing += " The link to join is sent to those who have a place."
        hidden = {"link": "", "joining_instructions": "", "cancelling": ""}
        _write(booking, "run_moved", standing=standing, **hidden, **context)


def colleagues_date_changed(
    run: Run, lead: Person, bookings: Sequence[Booking], *, changed: str, reason: str = ""
) -> None:
    """Tell a lead what has become of a date on which they booked colleagues."""
    is_off = run.cancelled_at is not None
    context = of_date(run) | {
        "name": lead.name,
        "what": "Cancelled" if is_off else "Changed",
        "changed": "" if is_off else f"What has changed: {changed}.",
        "reason": reason,
        "people": "\n".join(f"- {booking.person.name}" for booking in bookings),
        "address": links.address(reverse("courses:agency_dates")),
    }
    outbox.enqueue("colleagues_date_changed", to=lead, about=run, context=context)
    for booking in bookings:
        told.keep_booker(booking, lead, is_current=not is_off)


def requested(booking: Booking) -> None:
    """Tell the person that approval was asked for, and until when the place or turn is held."""
    holds = "A place is kept for you" if booking.holds_place else "Your turn is kept"
    kept = f"{holds} until {_held(booking)}."
    _write(booking, "booking_requested", kept=kept, cancel_link=_cancel_link(booking))


def _held(booking: Booking) -> str:
    """Return until when a request is kept: it lapses when the run begins, at the latest."""
    return moment(min(filter(None, (booking.held_until, booking.run.starts_at))))


def job_awaited(booking: Booking) -> None:
    """Tell the person that their agency is asked to confirm their job, and what is kept."""
    _write(
        booking,
        "job_awaited",
        agency=booking.agency.name,
        kept=kept_for_job(booking),
        cancel_link=_cancel_link(booking),
    )


def kept_for_job(booking: Booking) -> str:
    """Say until when a request that waits for a job keeps its place or its turn."""
    holds = "A place is kept for you" if booking.holds_place else "Your turn is kept"
    return f"{holds} until {moment(booking.held_until)}."


def place_waits_for_job(
    booking: Booking,
    *,
    office: bool = False,
    leads: Sequence[Person] | None = None,
    since: str = "",
) -> None:
    """Ask the agency's leads, else the office, to confirm the job for which a place is kept.

    `leads` are those of `approvers.leads_each`, where the caller has asked for many. `since` says
    what has changed since they were asked.
    """
    leads = leads_each([booking])[booking.pk] if leads is None else leads
    asked: list[Person | str] = [] if office else list(leads)
    for to in asked or [templates.board().email]:
        is_lead = isinstance(to, Person)
        address = reverse("agencies:agency" if is_lead else "job:waiting")
        context = {
            "name": booking.person.name,
            "email": booking.person.email_in_words,
            "agency": booking.agency.name,
            "until": moment(booking.held_until),
            "why": "" if is_lead else _why_the_office(booking, bool(leads)),
            "since": since,
            "address": links.address(address),
        }
        context |= {name: of_date(booking.run)[name] for name in ("course", "day", "when")}
        outbox.enqueue(
            "place_waits_for_job", to=to, about=booking, context=context, changed=bool(since)
        )
    told.keep_asked(booking)


def _why_the_office(booking: Booking, has_leads: bool) -> str:
    if has_leads:
        return f"Nobody at {booking.agency} has answered, so we ask you."
    return f"{booking.agency} has no lead, so we ask you."


def refused(booking: Booking) -> None:
    _write(booking, "booking_refused", reason=booking.end_reason)


def offered(booking: Booking, token: str) -> None:
    """Send an offer to be accepted or declined by link, without signing in, until it expires."""
    _write(
        booking,
        "place_offered",
        until=moment(booking.offered_until),
        charge=_late_charge(booking, "If you accept and then cancel, your agency is charged"),
        link=links.address(f"/offers/{token}/"),
    )


def job_changed(booking: Booking, follows: Sequence[str]) -> None:
    """Tell the person, and their manager in copy, for which agency a booking counts now."""
    _write(
        booking,
        "booking_job_changed",
        copied=booking.state == Booking.State.CONFIRMED,
        agency=booking.agency.name,
        follows="\n".join(f"- {each}" for each in follows),
        address=_page(booking, "courses:booking"),
    )


def of_old_job(booking: Booking) -> None:
    """Ask the person for which job a booking is, as they no longer work at its agency."""
    address = _page(booking, "courses:booking_job", of_leads="courses:booking_job")
    _write(booking, "booking_of_old_job", agency=booking.agency.name, address=address)


def _page(booking: Booking, name: str, *, of_leads: str = "") -> str:
    """Return the person's own page of a booking, or what whoever tells them has in its place."""
    if booking.person.email:
        return links.address(reverse(name, args=[booking.pk]))
    theirs = reverse(of_leads, args=[booking.pk]) if of_leads else reverse(LEADS_LIST)
    return _page_for_others(booking, theirs)


def lapsed(booking: Booking, *, was_offered: bool) -> None:
    if booking.waits_for_job:
        _write(booking, "job_request_lapsed", agency=booking.agency.name)
    else:
        _write(booking, "offer_lapsed" if was_offered else "request_lapsed")


def given_to_colleague(booking: Booking, colleague: Person) -> None:
    """Tell who gave up the place, while the booking is still live; cancels the calendar entries."""
    _write(booking, "place_given", copied=True, entries=False, colleague=colleague.name)


def reminder(booking: Booking, kind: str, *, free_until: dt.datetime | None) -> None:
    """Send a reminder of the run, with the link to join."""
    _write(
        booking,
        reminder_kind(kind),
        joining_instructions=booking.run.joining_instructions,
        cancelling=cancellation.free_in_words(free_until),
        cancel_link=_signed_in_cancel(booking),
        pre_course_link=_pre_course_link(booking),
    )


def reminder_kind(kind: str) -> str:
    return f"reminder_{kind}"


def taken_back(bookings: Sequence[Booking]) -> None:
    """Cancel pending offers, questions and reminders about bookings that have ended."""
    asked = ("place_offered", "place_waits_for_job")
    outbox.cancel_pending(bookings, *asked, *map(reminder_kind, Reminder.Kind.values))


def did_not_come(booking: Booking, owed: Charge | None) -> None:
    """Tell the person of their absence and any charge owed; only when the office releases it."""
    charge = f"Your agency is charged {pounds(owed.amount)} for the empty place." if owed else ""
    _write(booking, "did_not_come", copied=True, charge=charge)


def not_absent(booking: Booking, *, reason: str) -> None:
    """Tell somebody who read that they did not come that the register says otherwise now."""
    _write(booking, "not_absent", copied=True, reason=reason)


def came_unbooked(booking: Booking, *, by: Person, is_new: bool) -> None:
    """Tell a walk-in, who may be new to us, where to find their certificate."""
    first_time = (
        f"Sign in with this address, {booking.person.email}, and say where you work. You need no "
        "password: we send a code to this address."
    )
    is_first = is_new and booking.person.email
    _write(booking, "came_unbooked", by=by.name, first_time=first_time if is_first else "")


def completion_withdrawn(booking: Booking, certificate: Certificate | None, *, reason: str) -> None:
    """Tell the person that a register correction withdrew their completion and certificate."""
    revoked = f"Your certificate {certificate.number} is not valid any more." if certificate else ""
    _write(booking, "completion_withdrawn", reason=reason, revoked=revoked)


def prerequisite_withdrawn(bookings: Sequence[Booking], prerequisite: Course) -> None:
    """Tell one person, and the office, of bookings whose course asks for what they lack now."""
    leads_on = templates.memoised(
        ("prerequisite", prerequisite.pk), lambda: _where_it_leads(prerequisite)
    )
    for booking in bookings:
        _write(
            booking,
            "prerequisite_withdrawn",
            copied=booking.state == Booking.State.CONFIRMED,
            **leads_on,
            cancel_link=_signed_in_cancel(booking),
        )
    dates = "\n\n".join(
        f"{each.run.course.title}, {of_date(each.run)['day']}\n"
        f"{links.address(reverse('booking:inspect', args=[each.pk]))}"
        for each in bookings
    )
    context = {
        "name": bookings[0].person.name,
        **leads_on,
        "dates": dates,
    }
    outbox.enqueue(
        "bookings_without_prerequisite",
        to=templates.board().email,
        about=bookings[0],
        context=context,
    )


def _where_it_leads(prerequisite: Course) -> dict[str, str]:
    """Return a prerequisite's title, next date and page; the catalogue where it has no page."""
    with_next_dates([prerequisite])
    page = getattr(prerequisite, "page", None)
    path = page.get_url() if page and page.live else ""
    return {
        "prerequisite": prerequisite.title,
        "next_date": next_date_in_words(prerequisite),
        "prerequisite_link": links.address(path or "/courses/"),
    }


def certificate_ready(completion: Completion, certificate) -> None:
    outbox.enqueue(
        "certificate_ready",
        to=completion.person,
        about=certificate,
        context={
            "name": certificate.name,
            "course": certificate.title,
            "completed_on": day(certificate.completed_on),
            "certificate_number": certificate.number,
            "certificate_link": links.address(f"/my/certificates/{certificate.number}/"),
            "verify_link": certificate.verify_url,
        },
    )


def approval_asked(booking: Booking, *, to: str, since: str = "", **question: str) -> None:
    """Ask an approver to decide about a request, by a link that is theirs alone.

    `since` says what has changed since they were asked.
    """
    context = question | {"since": since}
    outbox.enqueue("approval_asked", to=to, about=booking, context=context, changed=bool(since))


def approval_reminder(booking: Booking, *, to: str, **question: str) -> None:
    outbox.enqueue("approval_reminder", to=to, about=booking, context=question)


def can_you_deliver(request: DeliveryRequest, token: str, *, since: str = "") -> None:
    """Ask a trainer to deliver a run, to be answered by link without signing in.

    `since` says what has changed since they were asked.
    """
    address = links.address(reverse("courses:delivery", args=[token]))
    its = {"name": request.person.name, "address": address, "since": since}
    context = of_date(request.run) | its
    to = request.person
    outbox.enqueue("can_you_deliver", to=to, about=request, context=context, changed=bool(since))
    told.keep_asked_trainer(request.run, to)


def not_to_deliver(request: DeliveryRequest, *, reason: str) -> None:
    """Tell a trainer who was asked to deliver a run, and has not answered, that it is cancelled."""
    context = of_date(request.run) | {"name": request.person.name, "reason": reason}
    outbox.enqueue("not_to_deliver", to=request.person, about=request, context=context)
    told.keep_asked_trainer(request.run, request.person, is_current=False)


def delivery_answered(request: DeliveryRequest) -> None:
    """Send a trainer's answer and note to the training office."""
    context = of_date(request.run) | {
        "name": request.person.name,
        "answer": request.get_state_display().lower(),
        "note": request.note,
        "address": links.address(reverse("trainer:ask", args=[request.run_id])),
    }
    outbox.enqueue("delivery_answered", to=Board.load().email, about=request, context=context)


def put_on(run: Run, trainer: Person) -> None:
    """Tell a trainer that they deliver this run, with calendar entries."""
    _write_to_trainer(run, trainer, "trainer_put_on")


def trainers_date_changed(run: Run, trainer: Person, *, changed: str) -> None:
    _write_to_trainer(run, trainer, "trainer_date_changed", changed=changed)


def trainers_date_cancelled(run: Run, trainer: Person, *, reason: str) -> None:
    _write_to_trainer(run, trainer, "trainer_date_cancelled", is_off=True, reason=reason)


def taken_off(run: Run, trainer: Person) -> None:
    _write_to_trainer(run, trainer, "trainer_taken_off", is_off=True)


def _write_to_trainer(
    run: Run, trainer: Person, kind: str, *, is_off: bool = False, **more: str
) -> None:
    with templates.cached_context():
        entries = told.plan_of_trainer(run, trainer, cancelled=is_off)
        more |= {
            "name": trainer.name,
            "joining_instructions": run.joining_instructions,
            "address": links.address(reverse("courses:pack", args=[run.pk])),
        }
        outbox.enqueue(
            kind,
            to=trainer,
            about=run,
            context=of_date(run) | more,
            attachments=ical.files_of_trainer(run, trainer, entries),
        )
        told.keep_trainer(run, trainer, entries, is_current=not is_off)


def trainer_has_left(run: Run, trainer: Person) -> None:
    """Tell the office that a date has lost a trainer whose account is closed."""
    context = of_date(run) | {
        "name": trainer.name,
        "address": links.address(reverse("trainer:ask", args=[run.pk])),
    }
    outbox.enqueue("trainer_has_left", to=Board.load().email, about=run, context=context)


def trainers_pack(run: Run, trainer: Person) -> None:
    """Send a trainer the numbers and a link to the pack: people's needs never go by mail."""
    people = templates.memoised(
        ("people", run.pk), lambda: Booking.objects.confirmed().filter(run=run).count()
    )
    context = of_date(run) | {
        "name": trainer.name,
        "people": str(people),
        "address": links.address(reverse("courses:pack", args=[run.pk])),
    }
    outbox.enqueue("trainers_pack", to=trainer, about=run, context=context)


def runs_miscounted(wrong: Sequence[tuple[int, int, int]]) -> None:
    """Report runs whose counter is wrong to the office, each as (run pk, counter, places held)."""
    dates = (
        f"Date {run}: counted {counted}, held {held}\n{links.address(f'/cms/run/inspect/{run}/')}"
        for run, counted, held in wrong[:MOST_IN_A_MAIL]
    )
    more = len(wrong) - MOST_IN_A_MAIL
    named = "\n\n".join([*dates, *([f"and {more} more"] if more > 0 else [])])
    outbox.enqueue("runs_miscounted", to=Board.load().email, context={"dates": named})


def below_minimum(runs: Sequence[Run]) -> None:
    """Tell the office of runs below their minimum that need a decision."""
    dates = (
        f"{run.course.title}, {day(run.starts_at)}: {run.taken} booked, {run.minimum} needed\n"
        f"{links.address(reverse('run:inspect', args=[run.pk]))}"
        for run in runs
        if run.starts_at
    )
    address = links.address(reverse("wagtailadmin_home"))
    context = {"dates": "\n\n".join(dates), "address": address}
    outbox.enqueue("below_minimum", to=Board.load().email, context=context)


def from_the_office(booking: Booking, *, subject: str, message: str) -> None:
    """Send one participant a message typed by the office."""
    _write(booking, "from_the_office", subject=subject, message=message)


def training_accepted(evidence: Evidence) -> None:
    _write_of_training(evidence, "training_accepted")


def training_not_accepted(evidence: Evidence) -> None:
    _write_of_training(evidence, "training_not_accepted", reason=evidence.reason)


def evaluation(evaluation: Evaluation, token: str, *, again: bool) -> None:
    """Ask an attendee, or their manager, for an evaluation, by personal link.

    `again` marks a reminder.
    """
    run, person = evaluation.run, evaluation.booking.person
    is_at_end = evaluation.kind == evaluation.Kind.END
    asked = f"We asked you on {day(evaluation.asked_at)}, and have not had your answer yet."
    outbox.enqueue(
        EVALUATIONS[evaluation.kind],
        to=evaluation.sent_to if evaluation.is_of_manager else person,
        about=evaluation,
        again=again,
        context={
            "name": person.name,
            "course": run.course.title,
            "day": day(run.starts_at),
            "again": asked if again else "",
            "link": links.address(reverse("courses:evaluation", args=[token])),
        }
        | ({"waits": WAITS if evaluation.keeps_certificate else ""} if is_at_end else {}),
    )


def training_taken_back(evidence: Evidence) -> None:
    _write_of_training(evidence, "training_taken_back", reason=evidence.reason)


def of_date(run: Run) -> dict[str, str]:
    """Build the mail context of a run: course, day, times, place and link."""
    prefetch_related_objects([run], "sessions")
    venue = run.venue
    where = f"{venue.name}\n{venue.address}" if venue else "online" if run.link else NOT_SETTLED
    return {
        "course": run.course.title,
        "day": day(run.starts_at) if run.starts_at else "times not settled",
        "when": "\n".join(_times(session) for session in run.sessions.all()),
        "where": where,
        "travel": venue.travel if venue else "",
        "access": venue.access if venue else "",
        "link": "" if venue else run.link,
    }


def _times(session: Session) -> str:
    ends = f"{timezone.localtime(session.ends_at):%H:%M}"
    name = f" ({session.name})" if session.name else ""
    return f"{moment(session.starts_at)} to {ends}{name}"


def _why_waiting(run: Run) -> str:
    if run.is_full:
        return "This date is full."
    if not run.may_promote:
        return "It begins so soon that no more places are given out."
    return "Others have waited longer."


def _keeps(booking: Booking) -> str:
    """Say what somebody without a confirmed place keeps when the run moves."""
    if booking.state == Booking.State.OFFERED:
        until = moment(booking.offered_until)
        return f"The place that we offered you is held until {until}: our earlier email says how."
    if booking.is_waiting_for_job and booking.held_until:
        until = moment(booking.held_until)
        return f"We keep your request until {until}, while {booking.agency} confirms your job."
    if booking.holds_place and booking.held_until:
        return f"You keep your request, and the place that is held for it until {_held(booking)}."
    return "You keep your turn."


def _late_charge(booking: Booking, words: str) -> str:
    """Say what cancelling costs now; empty while it is free."""
    amount = charging.late_charge(booking)
    return f"{words} {pounds(amount)}." if amount else ""


def _cancel_link(booking: Booking) -> str:
    """Return a personal link to cancel without signing in, valid until the run begins."""
    until = booking.run.starts_at
    if until is None or until <= timezone.now() or not booking.person.email:
        return _signed_in_cancel(booking)
    token = links.create("cancel", booking, sent_to=booking.person.email, until=until)
    return links.address(reverse("courses:cancel_by_link", args=[token]))


def _signed_in_cancel(booking: Booking) -> str:
    """Return the page on which the person, or whoever tells them, cancels after signing in."""
    if booking.person.email:
        return links.address(reverse("courses:cancel", args=[booking.pk]))
    return _page_for_others(booking, reverse("courses:agency_cancel", args=[booking.pk]))


def _page_for_others(booking: Booking, of_leads: str) -> str:
    """Return a lead's page of a booking of somebody without an address, or the office's."""
    if telling.is_told_by_office(booking.person, booking):
        return links.address(reverse("booking:inspect", args=[booking.pk]))
    return links.address(of_leads)


def _pre_course_link(booking: Booking) -> str:
    """Return the link to the pre-course questions; empty unless they are unanswered."""
    if not booking.owes_answers:
        return ""
    return links.address(reverse("courses:pre_course", args=[booking.pk]))


def _kept_back(booking: Booking) -> dict[str, str]:
    """Blank out all but the venue's name while the pre-course questions are unanswered."""
    if not booking.owes_answers:
        return {}
    told = {"travel": "", "access": "", "link": "", "joining_instructions": ""}
    return told | ({"where": booking.run.venue.name} if booking.run.venue else {})


def _write_of_training(evidence: Evidence, kind: str, **more: str) -> None:
    """Send mail about external training to the person who submitted it."""
    context = {
        "name": evidence.person.name,
        "course": evidence.course.title,
        "training": evidence.title,
        "provider": evidence.provider,
        "completed_on": day(evidence.completed_on),
        "address": links.address(reverse("courses:training_elsewhere")),
    }
    outbox.enqueue(kind, to=evidence.person, about=evidence, context=context | more)


def _write(
    booking: Booking,
    kind: str,
    *,
    copied: bool = False,
    entries: bool | None = None,
    **context: str,
) -> None:
    """Send mail to the person, copied to their manager if `copied`.

    `entries` attaches calendar entries: True adds, False cancels, None leaves them out.
    """
    with templates.cached_context():
        planned = None if entries is None else told.plan(booking, cancelled=not entries)
        outbox.enqueue(
            kind,
            to=booking.person,
            cc=[booking.manager_email] if copied and booking.manager_email else [],
            about=booking,
            context={
                "name": booking.person.name,
                **of_date(booking.run),
                **context,
                **_kept_back(booking),
            },
            attachments=() if planned is None else ical.files_of(booking, planned),
        )
        if planned is not None or kind in TELLS_THE_DATE:
            told.keep_delegate(booking, planned, is_current=entries is not False)
