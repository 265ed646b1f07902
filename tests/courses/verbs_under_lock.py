"""Builders for every verb that locks a run and works on many people.

`VERBS` maps names to builders: each makes `number` people of each kind that the verb treats
differently, and returns the call.
"""

import datetime as dt
import uuid

from django.test import Client
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from courses.attendance import counting, offline, register
from courses.attendance.imports import marks as imports_marks
from courses.attendance.imports.people import Attendee
from courses.attendance.imports.reports import MeetingReport
from courses.attendance.imports.times import Stay
from courses.attendance.marking import Attendance
from courses.attendance.offline import OfflineMark
from courses.booking import booking, expiry, waiting_list
from courses.completion import run_certificates
from courses.evaluation import evaluation
from courses.models import Booking, Charge, Evaluation, MeetingAlias, Run
from courses.notices import told
from courses.rules.ledger import REGISTER_CORRECTED
from courses.scheduling import (
    broadcast,
    reminders,
    scheduling,
)
from courses.scheduling import (
    trainers as scheduling_trainers,
)
from tests.browsing import Browser
from tests.courses.crowds import (
    as_it_is,
    charged,
    gave_up_late_before,
    marked,
    over,
    people,
    signed_off,
    taught,
    to_come,
    with_certificates,
)
from tests.courses.test_back_office import unchanged
from tests.factories import (
    CompletionFactory,
    CourseFactory,
    DomainFactory,
    EvaluationFactory,
    PersonFactory,
    PostFactory,
    QuestionFactory,
    ReserveFactory,
    RunFactory,
    SectorFactory,
    TrainerFactory,
    VenueFactory,
    in_days,
)

VERBS = {}
OFFICE = "OFFICE"


def verb(build):
    VERBS[build.__name__] = build
    return build


def press(client, address, sent=None):
    """Post to a button's address and expect a redirect."""
    assert client.post(address, sent).status_code == 302


# After the course


@verb
def close(number):
    run, trainer = taught(number), PersonFactory()
    return lambda: register.close(as_it_is(run), by=trainer)


@verb
def sign_off(number):
    run, client = taught(number), Client()
    trainer = PersonFactory()
    run.trainers.add(trainer)
    client.force_login(trainer)
    return lambda: press(client, f"/register/{run.pk}/sign-off/", {"sure": "yes"})


@verb
def correct(number):
    run, trainer = signed_off(), PersonFactory()
    came = charged(with_certificates(marked(people(run, number), "present")), Charge.Kind.FEE)
    absent = charged(marked(people(run, number), "absent"), Charge.Kind.ABSENT)
    corrected = {"waived_at": timezone.now(), "waiver_reason": REGISTER_CORRECTED}
    again = charged(marked(people(run, number), "absent"), Charge.Kind.FEE, **corrected)
    charged(again, Charge.Kind.ABSENT)
    away_again = charged(marked(people(run, number), "present"), Charge.Kind.ABSENT, **corrected)
    seen = dict.fromkeys([b.pk for b in came + away_again], Attendance("absent"))
    seen |= dict.fromkeys([b.pk for b in absent + again], Attendance("present"))
    sessions = dict.fromkeys(run.sessions.all(), seen)
    return lambda: register.correct_sessions(as_it_is(run), sessions, by=trainer, reason="A slip")


@verb
def correct_who_counted_as_complete(number):
    run, trainer = signed_off(), PersonFactory()
    counted = with_certificates(marked(people(run, number), "late", minutes_missed=60))
    Booking.objects.filter(pk__in=[each.pk for each in counted]).update(
        complete_because="Did it later", counted_at=timezone.now(), counted_by=trainer
    )
    seen = {each.pk: Attendance("absent") for each in counted}
    sessions = dict.fromkeys(run.sessions.all(), seen)
    return lambda: register.correct_sessions(as_it_is(run), sessions, by=trainer, reason="A slip")


@verb
def count_as_complete(number):
    run, trainer = signed_off(), PersonFactory()
    run.trainers.add(trainer)
    [one, *_] = marked(people(run, number), "late", minutes_missed=200)
    return lambda: counting.count_as_complete(one, by=trainer, reason="Did it later")


@verb
def release_notices(number):
    run, trainer = signed_off(), PersonFactory()
    marked(people(run, number), "absent", is_automatic=True)
    charged(marked(people(run, number), "absent"), Charge.Kind.ABSENT)
    marked(gave_up_late_before(people(run, number)), "absent", is_automatic=True)
    return lambda: register.release_absence_notices(as_it_is(run), by=trainer)


# Before the course


@verb
def move(number):
    """Move a run six days earlier while places are free for the queue."""
    run = to_come(number)
    was = scheduling.times_of(run)
    for session in run.sessions.all():
        session.starts_at -= dt.timedelta(days=6)
        session.ends_at -= dt.timedelta(days=6)
        session.save()
    Run.objects.filter(pk=run.pk).update(places=5 * number - 1)
    return lambda: scheduling.settle_dates(as_it_is(run), by=OFFICE, was=was)


@verb
def move_what_many_were_asked_about(number):
    """Move a run about which managers, leads, whoever confirms a job and trainers were asked."""
    run = RunFactory(starts_at=in_days(30), places=None)
    asked_at = {"state": "requested", "approver_asked_at": timezone.now()}
    requests = people(run, number, **asked_at)
    for each in requests:
        each.approver_email = each.manager_email
        each.save(update_fields=["approver_email"])
    led = people(run, number, approver_email="lead@example.org", **asked_at)
    of_jobs = people(run, number, state="requested", waits_for_job=True, held_until=in_days(20))
    for each in led + of_jobs[1:]:
        PostFactory(agency=each.agency, is_lead=True)
    for each in requests + led + of_jobs:
        told.keep_asked(each)
    pool = [trainer.person for trainer in TrainerFactory.create_batch(number)]
    scheduling_trainers.ask(run, pool, by=OFFICE)
    was = scheduling.times_of(run)
    for session in run.sessions.all():
        session.starts_at += dt.timedelta(days=6)
        session.ends_at += dt.timedelta(days=6)
        session.save()
    return lambda: scheduling.settle_dates(as_it_is(run), by=OFFICE, was=was)


@verb
def change_venue_and_places_in_the_office(number):
    run, client = to_come(number), Browser()
    client.force_login(PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS]))
    address = f"/cms/run/edit/{run.pk}/"
    sent = client.shown_at(address)
    sent |= unchanged(run, venue=VenueFactory().pk, places=5 * number - 1)
    return lambda: press(client, address, sent)


@verb
def cancel(number):
    run = to_come(number)
    return lambda: scheduling.cancel(as_it_is(run), by=OFFICE, reason="Snow")


@verb
def raise_places(number):
    run = to_come(number)
    return lambda: scheduling.change(run, places=5 * number, by=OFFICE)


@verb
def raise_places_that_are_offered(number):
    run = to_come(number, freed_places="offer")
    return lambda: scheduling.change(run, places=5 * number, by=OFFICE)


@verb
def raise_places_when_cancelling_costs(number):
    run = to_come(number, days=2)
    gave_up_late_before(list(run.bookings.filter(state="waiting")))
    return lambda: scheduling.change(run, places=5 * number, by=OFFICE)


@verb
def lower_places(number):
    run = to_come(number)
    Run.objects.filter(pk=run.pk).update(places=5 * number + 1)
    return lambda: scheduling.change(run, places=5 * number, by=OFFICE)


@verb
def raise_the_cap_of_an_agency(number):
    run = to_come(number, agency_cap=1)
    Run.objects.filter(pk=run.pk).update(places=5 * number)
    return lambda: scheduling.change(run, places=5 * number, agency_cap=2, by=OFFICE)


@verb
def give_up_a_reserve(number):
    run = to_come(number)
    ReserveFactory(run=run, sector=SectorFactory(name="Education"), places=2 * number)
    Run.objects.filter(pk=run.pk).update(places=5 * number)
    return lambda: scheduling.change(run, places=5 * number, reserves=[], by=OFFICE)


@verb
def put_first_who_never_came(number):
    run = to_come(number)
    for each in run.bookings.filter(state="waiting"):
        CompletionFactory(person=each.person, course=run.course)
    first = {"places": 3 * number, "priority_rule": Run.PriorityRule.FIRST_TIME}
    return lambda: scheduling.change(run, by=OFFICE, **first)


@verb
def withdraw(number):
    run = to_come(number, days=2)
    Run.objects.filter(pk=run.pk).update(places=5 * number)
    gives_up = run.bookings.confirmed().first()
    return lambda: booking.withdraw(gives_up, by=gives_up.person)


@verb
def request_place(number):
    """Request a place for a newcomer while free places have not yet gone to the queue."""
    run, person = to_come(number), PostFactory().person
    Run.objects.filter(pk=run.pk).update(places=5 * number, asks_approval=True)
    return lambda: booking.request_place(as_it_is(run), person, by=person)


@verb
def approve_one_of_many(number):
    run = to_come(number)
    Run.objects.filter(pk=run.pk).update(places=5 * number)
    request = run.bookings.filter(state="requested", holds_place=False).first()
    return lambda: booking.approve(request, by=OFFICE)


@verb
def lapse_offers(number):
    run = to_come(number)
    run.bookings.filter(state="offered").update(offered_until=timezone.now())
    return expiry.lapse_offers


@verb
def release_reserve(number):
    run = to_come(number)
    ReserveFactory(
        run=run, sector=SectorFactory(name="Education"), places=1, release_on=timezone.localdate()
    )
    Run.objects.filter(pk=run.pk).update(places=5 * number)
    return expiry.release_reserves


@verb
def move_in_the_queue(number):
    last = to_come(number).bookings.in_queue_order().last()
    return lambda: waiting_list.move(last, 1, by=OFFICE)


@verb
def write_to_everybody(number):
    run = to_come(number)
    words = {"subject": "Lunch", "message": "Bring it.", "whom": broadcast.Audience.EVERYBODY}
    return lambda: broadcast.send_to_participants(run, by=OFFICE, **words)


@verb
def remind(number):
    run = RunFactory(starts_at=in_days(9), places=None)
    people(run, number, queued_at=in_days(-9))
    return reminders.remind


@verb
def ask_trainers(number):
    run = RunFactory()
    trainers = [trainer.person for trainer in TrainerFactory.create_batch(number)]
    scheduling_trainers.ask(run, trainers[:1], by=OFFICE)
    return lambda: scheduling_trainers.ask(as_it_is(run), trainers, by=OFFICE)


@verb
def send_packs(number):
    trainers = PersonFactory.create_batch(number)
    RunFactory(starts_at=timezone.now() + dt.timedelta(hours=2), trainers=trainers)
    return scheduling_trainers.send_packs


# The register, while it is kept


@verb
def mark(number):
    run, trainer = over(), PersonFactory()
    marked(people(run, number), "absent")
    said_now = {each.pk: Attendance("present") for each in marked(people(run, number), "absent")}
    rest = [each.pk for each in people(run, number)]
    session = run.sessions.first()
    return lambda: register.mark(session, said_now, by=trainer, rest=rest)


@verb
def mark_each(number):
    """Mark person by person: of some the mark is taken, of others refused."""
    run, trainer = over(), PersonFactory()
    met, seen = marked(people(run, number), "absent"), people(run, number)
    wanted = {each.pk: Attendance("present") for each in [*met, *seen]}
    gone = {each.pk: Attendance("present") for each in people(over(), number)}
    rest = [each.pk for each in people(run, number)]
    session, expected = run.sessions.first(), dict.fromkeys([*wanted, *gone], "")
    return lambda: register.mark_each(
        session, wanted | gone, expected=expected, rest=rest, by=trainer
    )


@verb
def receive_sent_marks(number):
    run, trainer = over(), PersonFactory()
    run.trainers.add(trainer)
    session = run.sessions.first()
    marks = [
        OfflineMark(uuid.uuid4(), session.pk, each.pk, Attendance("present"), "", timezone.now())
        for each in people(run, number) + marked(people(run, number), "absent")
    ]
    return lambda: offline.receive(run, marks, by=trainer)


def reported(run, number):
    """Import a report in which each attendee has a name remembered for somebody else."""
    trainer = PersonFactory()
    bookings = marked(people(run, number), "absent", is_automatic=True)
    stays = tuple(Stay(session.starts_at, session.ends_at) for session in run.sessions.all())
    names = [f"Someone Else {each.pk}" for each in bookings]
    for name, each in zip(names, bookings, strict=True):
        MeetingAlias.objects.create(
            person=each.person, words=name.lower(), matched_at=timezone.now(), matched_by=trainer
        )
    report = MeetingReport(tuple(Attendee(name, "", stays) for name in names))
    who = {at: bookings[at - 1].pk for at in range(number)}
    return lambda: imports_marks.mark_register(run, report, who, by=trainer, reason="The report")


@verb
def import_a_report(number):
    return reported(over(), number)


@verb
def import_a_report_after_signing_off(number):
    return reported(signed_off(), number)


@verb
def make_all_certificates(number):
    run, office = signed_off(), PersonFactory(is_superuser=True)
    for each in marked(people(run, number), "present"):
        CompletionFactory(person=each.person, booking=each, agency=each.agency)
    return lambda: run_certificates.make_all(run, by=office)


# Months later


@verb
def ask_months_later(number):
    QuestionFactory(at_end=False, later=True)
    QuestionFactory(at_end=False, of_manager=True)
    course = CourseFactory(later_months=3)
    run = RunFactory(course=course, starts_at=in_days(-95), closed_at=in_days(-94), places=None)
    for each in marked(people(run, number), "present"):
        each.person.posts.update(
            line_manager_email=each.manager_email, line_manager_confirmed_at=timezone.now()
        )
    for each in marked(people(run, number), "present"):
        PostFactory(person__email=each.manager_email, agency=each.agency)
    for each in marked(people(run, number), "present"):
        DomainFactory(agency=each.agency, name=f"at{each.pk}.example.org")
        each.manager_email = PersonFactory(email=f"boss@at{each.pk}.example.org").email
        each.save()
    for each in marked(people(run, number), "present"):
        left = PostFactory(person__email=each.manager_email, agency=each.agency)
        left.ends_on = timezone.localdate() - dt.timedelta(days=1)
        left.save()
    marked(people(run, number), "present")
    return evaluation.invite_later


@verb
def remind_of_evaluations(number):
    run = signed_off()
    for each in marked(people(run, number), "present"):
        asked_at = timezone.now() - dt.timedelta(days=6)
        EvaluationFactory(booking=each, kind=Evaluation.Kind.END, asked_at=asked_at)
    return evaluation.remind
