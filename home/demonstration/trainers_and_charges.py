"""Make the demonstration's fees, charges and pool of trainers.

Written in bulk, like its year: the domain functions would refuse past dates.
"""

import datetime as dt
import random

from django.utils import timezone

from agencies.models import Person, Sector
from courses.models import (
    Booking,
    BookingPolicy,
    Charge,
    Course,
    DeliveryRequest,
    Fee,
    Mark,
    Run,
    Trainer,
)
from courses.rules import charging

SECTORS_THAT_PAY = ("Schools", "Early years")
COURSES_THAT_CHARGE = ("DA", "UNB")
CHARGES_BEHIND, EXPORTED_BEHIND = 90, 35
REASONS = ["Taken ill on the morning", "Called to court", "School closed for snow"]
NOTES = ["Not on Fridays.", "Needs two weeks’ notice.", "Prefers the north of the city.", ""]
NO = DeliveryRequest.State.NO, "On leave that week"
YES = DeliveryRequest.State.YES, "Happy to. Please book the projector."
ASKED = DeliveryRequest.State.ASKED, ""


def make_charges(chance: random.Random) -> None:
    """Create fees by sector and recent charges: most owed, older ones exported, some waived."""
    BookingPolicy.load()
    for sector in Sector.objects.filter(name__in=SECTORS_THAT_PAY):
        Fee.objects.create(sector=sector)
    Course.objects.filter(code__in=COURSES_THAT_CHARGE).update(charges_fee=True)
    since = timezone.now() - dt.timedelta(days=CHARGES_BEHIND)
    bookings = Booking.objects.filter(run__closed_at__gte=since)
    bookings = bookings.select_related("run__course", "agency").order_by("-run__closed_at", "pk")
    kinds = Charge.Kind
    charges = [
        *(_charge(each, kinds.ABSENT) for each in bookings.did_not_come()[:18]),
        *(_charge(each, kinds.LATE) for each in bookings.filter(state="withdrawn")[:7]),
        *(_charge(each, kinds.FEE) for each in _who_pays(bookings)[:14]),
    ]
    exported_at = timezone.now() - dt.timedelta(days=EXPORTED_BEHIND)
    for charge in charges:
        _age(charge, exported_at, chance)
    Charge.objects.bulk_create(charges)


def make_pool(trainers: list[Person], chance: random.Random) -> None:
    """Create a pool of trainers with their subjects, and some answers for the next dates."""
    courses = list(Course.objects.on_dates().filter(is_offered=True).order_by("pk"))
    for number, person in enumerate(dict.fromkeys(trainers)):
        trainer = Trainer.objects.create(
            person=person, notes=NOTES[number % len(NOTES)], is_available=number != 5
        )
        trainer.subjects.set(chance.sample(courses, min(len(courses), 5 + number % 3)))
    for run in Run.objects.upcoming().order_by("starts_at")[5:9]:
        delivering = set(run.trainers.values_list("pk", flat=True))
        able = Trainer.objects.filter(subjects=run.course_id).exclude(person__in=delivering)
        for trainer, (state, note) in zip(able, (NO, ASKED, YES), strict=False):
            _answer(run, trainer.person, state, note)


def _who_pays(bookings):
    came = Mark.objects.filter(kind__in=Mark.CAME).values("booking")
    return bookings.confirmed().filter(
        pk__in=came, run__course__charges_fee=True, agency__sector__name__in=SECTORS_THAT_PAY
    )


def _charge(booking: Booking, kind: str) -> Charge:
    attends = kind == Charge.Kind.FEE
    run = booking.run
    return Charge(
        booking=booking,
        agency=booking.agency,
        kind=kind,
        amount=charging.fee(run, booking.agency)
        if attends
        else charging.price_of_an_empty_place(run),
        cost_code=f"PO {4100 + booking.pk % 700}" if attends else "",
        made_at=run.closed_at,
    )


def _age(charge: Charge, exported_at: dt.datetime, chance: random.Random) -> None:
    """Mark an old charge as exported, in one batch; waive some of the others."""
    if charge.made_at < exported_at:
        charge.exported_at = exported_at
    elif charge.kind != Charge.Kind.FEE and chance.random() < 0.3:
        charge.waived_at = min(timezone.now(), charge.made_at + dt.timedelta(days=2))
        charge.waiver_reason = chance.choice(REASONS)


def _answer(run: Run, person: Person, state: str, note: str) -> None:
    asked_at = timezone.now() - dt.timedelta(days=6)
    DeliveryRequest.objects.create(
        run=run,
        person=person,
        state=state,
        asked_at=asked_at,
        answered_at=asked_at + dt.timedelta(days=1) if note else None,
        note=note,
    )
    if state == DeliveryRequest.State.YES:
        run.trainers.add(person)
