"""What has happened to a course date or a booking, in words, with the names as they are now?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from agencies.models import Person
from courses.models import Booking, Charge, Run
from history.models import Event

MOST = 200
WORDS = {
    "booking.confirmed": "Place confirmed",
    "booking.waiting": "Joined the waiting list",
    "booking.promoted": "Given a place from the waiting list",
    "booking.withdrawn": "Place cancelled",
    "booking.cancelled": "Booking ended: the date was cancelled",
    "booking.access_needs_forgotten": "What they need to take part was deleted",
    "charge.made": "Charge recorded",
    "charge.waived": "Charge waived",
    "charge.reinstated": "Charge stands again: the register was corrected",
    "charge.exported": "Exported for the finance system",
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
    "register.marked": "Register marked",
    "register.closed": "Register signed off",
    "register.absences_told": "Those who did not come were written to",
}


@dataclass(frozen=True)
class Line:
    at: dt.datetime
    what: str
    whom: str
    by: str


def of_run(run: Run) -> list[Line]:
    """The newest first; of the date, its sessions and everybody's bookings on it."""
    people = dict(Booking.objects.filter(run=run).values_list("pk", "person__name"))
    sessions = run.sessions.values_list("pk", flat=True)
    asked = run.delivery_requests.values_list("pk", flat=True)
    of = _about("courses.run", [run.pk]) | _about("courses.session", sessions)
    of |= _about("courses.deliveryrequest", asked)
    return _told(Event.objects.filter(of | _about("courses.booking", people)), people)


def of_booking(booking: Booking) -> list[Line]:
    charges = booking.charges.values_list("pk", flat=True)
    of = _about("courses.booking", [booking.pk]) | _about("courses.charge", charges)
    return _told(Event.objects.filter(of), {booking.pk: booking.person.name})


def of_charge(charge: Charge) -> list[Line]:
    return _told(Event.objects.about(charge), {})


def _about(kind, ids) -> Q:
    return Q(thing_type=kind, thing_id__in=[str(pk) for pk in ids])


def _told(events, people: dict[int, str]) -> list[Line]:
    events = list(events[:MOST])
    by = dict(Person.objects.filter(pk__in={e.by_person for e in events}).values_list("pk", "name"))
    return [
        Line(
            at=event.at,
            what=WORDS.get(event.action, event.action.replace(".", ": ").replace("_", " ")),
            whom=people[int(event.thing_id)] if event.thing_type == "courses.booking" else "",
            by=by.get(event.by_person, "Somebody") if event.by_person else "The system",
        )
        for event in events
    ]
