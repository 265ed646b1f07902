"""Ask for approval of bookings: the manager, then the agency's leads, then the office.

Called by the verbs of booking, in their transaction, and by the jobs of expiry; the decision itself
is in booking (`approve`, `refuse`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

import history
from agencies import mergers
from agencies.models import Board, Person, Post
from courses.models import Booking, BookingPolicy, Completion, Run
from courses.notices import notices, told
from courses.rules import cancellation, charging, deadlines
from courses.rules.approvers import (
    MANAGER,
    OFFICE,
    WHY_THEY,
    Approver,
    is_with_manager,
    leads_or_office,
    those_asked,
    those_asked_each,
    who_decides,
)
from lms import links, working_days
from lms.formatting import day, duration, moment, pounds, weekday
from lms.mail import outbox

if TYPE_CHECKING:
    from django.db.models import QuerySet

    By = Person | str

PURPOSE = "approval"
# Actor in history of what happens as time passes: see courses.booking.expiry.
CLOCK = "CLOCK"


def ask(booking: Booking, *, by: By) -> None:
    """Mail a link to who may decide: the manager, else the agency's leads, else the office.

    The request keeps its place or its turn until the end of some working days; a deadline that it
    already has stays. Source: rules.md, 'Booking'.
    """
    booking.held_until = booking.held_until or deadlines.hold_ends()
    _put_to(booking, who_decides(booking), by=by)


@transaction.atomic
def remind(booking: Booking) -> None:
    """Remind whoever was asked, with a new link; only once, however often this runs."""
    request = _unanswered_now(booking)
    if request is None or request.approver_reminded_at:
        return
    request.approver_reminded_at = timezone.now()
    request.save(update_fields=["approver_reminded_at"])
    outbox.enqueue_each(
        those_asked(request),
        lambda approver: notices.approval_reminder(request, **_letter(request, approver)),
    )
    told.keep_asked(request)
    history.record("booking.approval_reminded", request, by=CLOCK)


@transaction.atomic
def pass_to_lead(booking: Booking) -> None:
    """Ask the agency's leads, else the office, instead of a manager who is silent or has left.

    They have as many working days as the manager had. The hold on a place is not extended, and the
    manager's link is revoked.
    """
    request = _unanswered_now(booking)
    if request and is_with_manager(request):
        _put_to(request, leads_or_office(request), by=CLOCK)


@transaction.atomic
def ask_anew(booking: Booking) -> None:
    """Ask again, with the whole time to answer, when the mail that asked could not be sent."""
    request = _unanswered_now(booking)
    if request is None:
        return
    outbox.cancel_pending([request], "approval_asked", "approval_reminder")
    request.held_until = max(request.held_until or timezone.now(), deadlines.hold_ends())
    _put_to(request, those_asked(request), by=CLOCK)
    if outbox.cancel_pending([request], "booking_requested"):
        notices.requested(request)


def tell_changed(
    requests: Sequence[tuple[Booking, str]],
) -> list[Callable[[], object]]:
    """Return the calls that tell whoever decides about these what has changed since, in words.

    One mail each, with a new link; a fixed number of queries for however many requests.
    """
    asked = those_asked_each([request for request, _ in requests])
    return [
        partial(_tell_changed, request, approver, since)
        for request, since in requests
        for approver in asked[request.pk]
    ]


def _tell_changed(request: Booking, approver: Approver, since: str) -> None:
    notices.approval_asked(request, since=since, **_letter(request, approver))
    told.keep_asked(request)


def due_for_reminder() -> QuerySet[Booking]:
    """Return requests whose approver has been silent for some working days, not yet reminded."""
    before = working_days.ago(BookingPolicy.load().approval_reminder_days)
    requests = _unanswered().filter(approver_reminded_at=None, approver_asked_at__lte=before)
    return requests.filter(held_until__gt=timezone.now()).select_related("run")


def due_to_pass_on() -> QuerySet[Booking]:
    """Return requests with a manager who was silent until the deadline, or has left the agency."""
    silent = Q(held_until__lte=timezone.now())
    return _with_manager().filter(silent | _manager_has_left())


def of_managers_who_left() -> QuerySet[Booking]:
    """Return requests with a manager who has left the agency, or whose account is closed."""
    return _with_manager().filter(_manager_has_left())


def with_leads() -> QuerySet[Booking]:
    """Return requests of which neither a manager nor the office was asked last."""
    asked = _unanswered().exclude(approver_email=F("manager_email"))
    return asked.exclude(approver_email=Board.load().email).select_related("run")


@transaction.atomic
def ask_who_leads_now(booking: Booking) -> None:
    """Ask the agency's present leads, else the office, with the whole time to answer."""
    request = _unanswered_now(booking)
    if request and not is_with_manager(request):
        _put_to(request, leads_or_office(request), by=CLOCK)


def _with_manager() -> QuerySet[Booking]:
    with_manager = _unanswered().filter(approver_email=F("manager_email")).select_related("run")
    return with_manager.exclude(approver_email=Board.load().email)


def _manager_has_left() -> Q:
    mine = OuterRef
    worked = Post.objects.confirmed().filter(
        person__emailaddress__email=mine("approver_email"),
        person__emailaddress__verified=True,
    )
    worked = worked.alias(at=mergers.today("agency")).filter(at=mergers.today(mine("agency")))
    closed = Person.objects.filter(is_active=False, emailaddress__email=mine("approver_email"))
    return Q(Exists(closed)) | (Q(Exists(worked)) & ~Q(Exists(worked.current())))


def question(booking: Booking) -> dict[str, str]:
    """Return what an approver needs to know, and no more, for the mail and for the page."""
    run, until = booking.run, deadlines.answer_until(booking)
    return {
        "name": booking.person.name,
        "agency": booking.agency.name,
        "course": run.course.title,
        "date": weekday(run.starts_at) if run.starts_at else "",
        "when": notices.of_date(run)["when"],
        "length": duration(sum(session.minutes for session in run.sessions.all())),
        "place": run.venue.name if run.venue else "Online" if run.link else "",
        "cost": _cost(run, booking),
        "late_cost": cancellation.in_words(run, who="they", whose=booking.agency.name, free="Free"),
        "until": moment(until),
    }


def done_before(booking: Booking) -> str:
    """Say whether the person has completed this course before: for whoever decides."""
    done = Completion.objects.valid().filter(person=booking.person_id, course=booking.run.course_id)
    last = done.order_by("-completed_on").first()
    if last is None:
        return f"{booking.person.name} has not done this course before."
    return f"{booking.person.name} completed this course on {day(last.completed_on)}."


def _cost(run: Run, booking: Booking) -> str:
    fee = charging.fee(run, booking.agency)
    return f"{pounds(fee)}, which we ask {booking.agency} for" if fee else "Nothing"


def _unanswered() -> QuerySet[Booking]:
    requests = Booking.objects.to_approve().exclude(approver_asked_at=None)
    return requests.order_by("approver_asked_at", "pk")


def _unanswered_now(booking: Booking) -> Booking | None:
    """Lock the run and return the request as it is now; None when it was answered meanwhile."""
    run = Run.objects.lock(booking.run)
    requests = _unanswered().select_related("person", "agency")
    found = requests.filter(pk=booking.pk).first()
    if found:
        found.run = run
    return found


def _put_to(booking: Booking, approvers: list[Approver], *, by: By) -> None:
    links.revoke(booking, PURPOSE)
    first = approvers[0]
    if first.role == MANAGER:
        booking.manager_email = first.email
    booking.approver_email = first.email
    booking.approver_asked_at = timezone.now()
    booking.approver_reminded_at = None
    booking.save(
        update_fields=["manager_email", "approver_email", "approver_asked_at",
                       "approver_reminded_at", "held_until"]
    )  # fmt: skip
    outbox.enqueue_each(
        approvers,
        lambda approver: notices.approval_asked(booking, **_letter(booking, approver)),
    )
    told.keep_asked(booking)
    history.record(
        "booking.approval_asked", booking, by=by, now={"of": first.role, "asked": len(approvers)}
    )


def _letter(booking: Booking, approver: Approver) -> dict[str, str]:
    """Build the context of an approver's mail, with a new link that is theirs alone."""
    if approver.role == OFFICE:
        path = reverse("booking:inspect", args=[booking.pk])
    else:
        until = deadlines.answer_until(booking)
        token = links.create(PURPOSE, booking, sent_to=approver.email, until=until)
        path = reverse("courses:approval", args=[token])
    return {
        "to": approver.email,
        "why": WHY_THEY[approver.role].format(person=booking.person, agency=booking.agency),
        "link": links.address(path),
        **question(booking),
    }
