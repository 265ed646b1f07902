"""Timelines of runs, bookings, people, charges and evidence: history in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from agencies.models import Person, Post
from courses.models import Booking, Charge, Evidence, Run
from history.models import Event
from lms.models import ActionLink

MOST = 200
BY_LINK = "LINK "
WORDS = {
    "person.added": "Account added",
    "person.invited": "Invited by an agency lead",
    "person.changed": "What the account may do was changed",
    "person.renamed": "Name corrected",
    "person.address_changed": "Address changed",
    "post.joined": "Said where they work",
    "post.confirmed": "Job confirmed",
    "post.refused": "Job not confirmed",
    "post.left": "Job ended",
    "post.corrected": "Job corrected",
    "post.lead": "Made agency lead, or no longer",
    "post.line_manager_named": "Line manager named",
    "post.line_manager_confirmed": "Line manager confirmed",
    "booking.confirmed": "Place confirmed",
    "booking.waiting": "Joined the waiting list",
    "booking.promoted": "Given a place from the waiting list",
    "booking.requested": "Asked for a place, with a manager to approve it",
    "booking.approval_asked": "Somebody was asked to approve",
    "booking.approval_reminded": "Reminded to approve",
    "booking.approved": "Approved",
    "booking.refused": "Not approved",
    "booking.place_held": "A place is kept while the manager decides",
    "booking.hold_released": "The place is kept no longer, the turn is",
    "booking.offered": "Offered a place",
    "booking.offer_accepted": "Offer accepted",
    "booking.declined": "Offer declined",
    "booking.lapsed": "Offer or request expired",
    "booking.substituted": "Place given to a colleague",
    "booking.took_over": "Took over a colleague’s place",
    "booking.added_regardless": "Given a place as an exception",
    "booking.moved_in_queue": "Moved in the waiting list",
    "booking.withdrawn": "Place cancelled",
    "booking.cancelled": "Booking ended: the date was cancelled",
    "booking.pre_course_answered": "Answered the questions before the course",
    "booking.access_needs_forgotten": "What they need, and answered, was deleted",
    "charge.made": "Charge recorded",
    "charge.waived": "Charge waived",
    "charge.reinstated": "Charge stands again: the register was corrected",
    "charge.exported": "Exported for the finance system",
    "evidence.sent": "Training elsewhere sent",
    "evidence.accepted": "Training elsewhere accepted",
    "evidence.refused": "Training elsewhere not accepted",
    "delivery.asked": "Trainer asked to deliver",
    "delivery.yes": "Trainer can deliver",
    "delivery.no": "Trainer cannot deliver",
    "run.trainer_added": "Trainer added",
    "run.trainer_removed": "Trainer taken off",
    "run.pack_sent": "Trainer’s pack sent",
    "run.added": "Date added",
    "run.changed": "Date changed",
    "run.cancelled": "Date cancelled",
    "run.dates_settled": "Times settled",
    "run.places_changed": "Places changed",
    "run.rules_changed": "Rules of who gets a place changed",
    "run.reserves_changed": "Places kept for sectors changed",
    "run.reserve_released": "Places kept for a sector released",
    "run.over_the_limit": "One place more than the limit",
    "run.goes_ahead": "Decided that it runs, below its minimum",
    "run.told_below_minimum": "Office told that it is below its minimum",
    "run.written_to": "Everybody was written to",
    "run.certificates_asked": "All certificates asked for",
    "run.certificates_stopped": "The making of certificates stopped",
    "register.marked": "Register marked",
    "record.shared": "Training record shared by a link",
    "record.share_ended": "Link to the training record ended",
    "register.chosen": "Chosen which of two marks holds",
    "register.unmarked": "‘All present’ taken back",
    "register.walk_in": "Came unbooked, and was added",
    "register.corrected": "Register corrected after it was signed off",
    "completion.given": "Completed",
    "completion.withdrawn": "Completion withdrawn",
    "register.closed": "Register signed off",
    "evaluation.asked": "Those who came were asked how it was",
    "register.absences_told": "Those who did not come were written to",
}


@dataclass(frozen=True)
class TimelineEntry:
    at: dt.datetime
    what: str
    whom: str
    by: str


def of_run(run: Run) -> list[TimelineEntry]:
    """List events of a run, its sessions, delivery requests and bookings, newest first."""
    people = dict(Booking.objects.filter(run=run).values_list("pk", "person__name"))
    sessions = run.sessions.values_list("pk", flat=True)
    asked = run.delivery_requests.values_list("pk", flat=True)
    of = _about("courses.run", [run.pk]) | _about("courses.session", sessions)
    of |= _about("courses.deliveryrequest", asked)
    return _told(Event.objects.filter(of | _about("courses.booking", people)), people)


def of_booking(booking: Booking) -> list[TimelineEntry]:
    charges = booking.charges.values_list("pk", flat=True)
    of = _about("courses.booking", [booking.pk]) | _about("courses.charge", charges)
    return _told(Event.objects.filter(of), {booking.pk: booking.person.name})


def of_person(
    person: Person, courses: dict[int, str], *, posts: Iterable[Post], charges: Iterable[Charge]
) -> list[TimelineEntry]:
    """List events of the account, jobs, charges and bookings; these are named by their course."""
    of = _about("agencies.person", [person.pk]) | _about("courses.booking", courses)
    of |= _about("agencies.post", [post.pk for post in posts])
    of |= _about("courses.charge", [charge.pk for charge in charges])
    return _told(Event.objects.filter(of), courses)


def of_charge(charge: Charge) -> list[TimelineEntry]:
    return _told(Event.objects.about(charge), {})


def of_evidence(evidence: Evidence) -> list[TimelineEntry]:
    return _told(Event.objects.about(evidence), {})


def _about(kind, ids) -> Q:
    return Q(thing_type=kind, thing_id__in=[str(pk) for pk in ids])


def _told(events, people: dict[int, str]) -> list[TimelineEntry]:
    events = list(events[:MOST])
    sent_to = _sent_to(events)
    by = dict(Person.objects.filter(pk__in={e.by_person for e in events}).values_list("pk", "name"))
    return [
        TimelineEntry(
            at=event.at,
            what=WORDS.get(event.action, event.action.replace(".", ": ").replace("_", " ")),
            whom=people.get(int(event.thing_id), "")
            if event.thing_type == "courses.booking"
            else "",
            by=by.get(event.by_person, "Somebody")
            if event.by_person
            else sent_to.get(event.by_process, "The system"),
        )
        for event in events
    ]


def _sent_to(events: list[Event]) -> dict[str, str]:
    """Map the processes of signed links to words that name the addressee: see lms.links."""
    processes = {event.by_process for event in events if event.by_process.startswith(BY_LINK)}
    found = ActionLink.objects.filter(
        pk__in=[process.removeprefix(BY_LINK) for process in processes]
    )
    return {f"{BY_LINK}{link.pk}": f"By link sent to {link.sent_to}" for link in found}
