"""Make the fixture's bookings, registers, charges, evidence and certificates, in each state."""

import datetime as dt
import io

from django.utils import timezone
from PIL import Image

from agencies.models import RoleGroup, Sector
from certificates import issuing
from courses import awarding, booking, register, scheduling, training_elsewhere
from courses.models import (
    Booking,
    Charge,
    Course,
    KnownAs,
    Mark,
    Reminder,
    SentMark,
)
from home.demonstration.making import confirm, one_date
from tests.factories import (
    BookingFactory,
    ChargeFactory,
    FeeFactory,
    MaterialFactory,
    PostFactory,
    ReserveFactory,
    RunFactory,
    SectorFactory,
    SentMarkFactory,
)

State = Booking.State
PAST = dt.datetime(2026, 9, 16, 9, 30, tzinfo=dt.UTC)
PAST_END = PAST + dt.timedelta(hours=3)


def make(office, people):
    make_bookings_in_each_state(office)
    make_registers(office)
    make_charges_in_each_state(office)
    make_evidence(office, people["beth.okafor"])
    hand_out()
    keep_some_places(RunFactory(course=Course.objects.get(code="ESC")))


def make_bookings_in_each_state(office):
    """Make a booking in each state, and one with every optional fact."""
    run = RunFactory(course=Course.objects.get(code="ESC"), places=40)
    for state in State:
        BookingFactory(run=run, state=state, **facts_of(state))
    BookingFactory(
        run=run,
        access_needs="A seat near the door",
        cost_code="PO 4711",
        manager_email="manager@solent-health.example.org",
        pre_course_answers=[{"question": "What do you hope for?", "answer": "Practice."}],
        pre_course_at=timezone.now(),
    )
    substitute(run, office)
    booking.add_regardless(run, PostFactory().person, by=office, reason="Asked for by the board")
    cancelled = RunFactory(course=run.course)
    BookingFactory(run=cancelled)
    scheduling.cancel(cancelled, by=office, reason="The trainer is ill.")


def facts_of(state):
    now = timezone.now()
    if state == State.REQUESTED:
        return {"approver_email": "lead@agency.example.org", "approver_asked_at": now}
    if state == State.WAITING:
        return {"priority": 1, "moved_to": now - dt.timedelta(days=2)}
    if state in (State.CONFIRMED, State.OFFERED):
        return {}
    return {"ended_at": now, "end_reason": "Busy that day"}


def substitute(run, office):
    post = PostFactory()
    colleague = PostFactory(agency=post.agency)
    place = BookingFactory(run=run, person=post.person, agency=post.agency)
    booking.substitute(place, colleague.person, by=office)


def make_registers(office):
    """Make conflicting marks of two devices, and a name as used in online meetings."""
    run = RunFactory(course=Course.objects.get(code="EHS"), starts_at=PAST, ends_at=PAST_END)
    session, first = run.sessions.get(), BookingFactory(run=run)
    second = BookingFactory(run=run)
    register.mark(session, {first.pk: register.Attendance(Mark.Kind.LATE, 10)}, by=office)
    SentMarkFactory(booking=first, saw="present", sent_by=office)
    SentMarkFactory(booking=second, state=SentMark.State.TAKEN, sent_by=office)
    Reminder.objects.create(booking=first, kind=Reminder.Kind.FIRST, for_day=PAST.date())
    KnownAs.objects.create(
        person=first.person, words="first's telephone", matched_at=PAST, matched_by=office
    )


def make_charges_in_each_state(office):
    FeeFactory(sector=SectorFactory(name="Colleges"), a_day="95.50")
    told = {"exported_at": PAST, "cost_code": "PO 4712"}
    waived = {"waived_at": timezone.now(), "waiver_reason": "Taken ill"}
    for facts in ({}, told, waived, told | waived, told | waived | {"credited_at": timezone.now()}):
        ChargeFactory(kind=Charge.Kind.ABSENT, amount="80.25", made_at=PAST, **facts)
    ChargeFactory(kind=Charge.Kind.FEE, cost_code="PO 4713")


def make_evidence(office, manager):
    """Make refused evidence: the demonstration's is waiting or was accepted."""
    course = Course.objects.get(code="PMH")
    sent = training_elsewhere.send(
        manager,
        course,
        title="An hour online",
        provider="A website",
        completed_on=PAST.date(),
        file=small_picture(),
        by=manager,
    )
    training_elsewhere.refuse(sent, by=office, reason="It was an hour; ours is a day.")


def small_picture():
    written = io.BytesIO()
    Image.new("RGB", (300, 200), "#fdf8ec").save(written, "PNG")
    written.seek(0)
    return written


def hand_out():
    MaterialFactory(course=Course.objects.get(code="NEG"))


def keep_some_places(run):
    """Reserve places for a sector until a day, and give the course its target groups."""
    ReserveFactory(run=run, sector=Sector.objects.get(name="Schools"))
    run.course.for_sectors.set(Sector.objects.all())
    run.course.for_role_groups.set(RoleGroup.objects.all())


def make_certificates_in_each_state(office):
    """Issue three certificates; correct one and revoke one."""
    run = one_date("UNB", PAST, PAST_END, places=9)
    for name in ("Rhiannon Price", "Jude Okoro", "Małgorzata Nowak"):
        confirm(run, PostFactory(person__name=name))
    session = run.sessions.get()
    places = run.bookings.order_by("pk")
    seen = {place.pk: register.Attendance(Mark.Kind.PRESENT) for place in places}
    register.mark(session, seen, by=office)
    completions = register.close(run, by=office)
    made = [awarding.award_certificate(each, by=office) for each in completions]
    issuing.correct(made[0], by=office, reason="Her name was misspelt.", name="Rhiannon Pryce")
    issuing.revoke(made[1], by=office, reason="He was at another date.")
