"""Timelines of runs, bookings, people, charges and evidence: history in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from agencies.models import Person, Post
from courses.models import Booking, Charge, Evidence, Run
from history import actions
from history.models import Event
from lms.models import ActionLink

MOST = 200
BY_LINK = "LINK "


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
            what=actions.in_words(event.action),
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
