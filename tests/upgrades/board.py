"""Fill the fixture: a small board on 30 November 2026, with pending work.

A smaller demonstration, and what it lacks: at least one row of every model, and bookings,
certificates, charges and mail in each of their states.
"""

import datetime as dt
import logging

import time_machine
from django.core.management import call_command
from django.utils import timezone

from agencies.models import Person
from courses import booking, register
from courses.models import Mark, Run
from home.demonstration.making import make as make_demonstration
from lms import minutely
from lms.models import Chore, Night, WorkerBeat
from tests.factories import BookingFactory, PostFactory, RunFactory
from tests.upgrades import board_courses, board_protocols, board_staff

DAY = dt.date(2026, 11, 30)
WORDS_SCHEDULED = "Winter dates"


def at(hour, minute=0):
    """Return a time on DAY in London, which in November is UTC."""
    return dt.datetime.combine(DAY, dt.time(hour, minute), dt.UTC)


def make():
    logging.disable(logging.ERROR)
    with time_machine.travel(at(7), tick=False) as clock:
        make_demonstration(people=30, runs=18, bookings=90, seed=11, today=DAY)
        # These sign in, which invented people may not.
        Person.objects.exclude(email__startswith="person").update(is_invented=False)
        people = {person.email.partition("@")[0]: person for person in Person.objects.all()}
        office, editor = people["dan.mercer"], people["sian.prosser"]
        board_staff.make(office, people["amina.yusuf"])
        board_courses.make(office, people)
        board_protocols.make_first_versions(editor)
        clock.move_to(at(8))
        board_protocols.make_next_versions(editor, people["graham.tilley"])
        work_off()
        board_courses.make_certificates_in_each_state(office)
        board_staff.make_mail_in_each_state(office)
        work_off()
        clock.move_to(at(9))
        board_staff.sign_in(people["amina.yusuf"], office)
        clock.move_to(at(11, 40))
        work_off()
        leave_work(clock, office, people)


def work_off():
    """Send due mail, run tasks and run the periodic jobs that are due."""
    call_command("worker", batch=True, verbosity=0)
    while minutely.run_next("A WORKER"):
        pass
    call_command("worker", batch=True, verbosity=0)


def leave_work(clock, office, people):
    """Leave work undone, as a worker stopped at 11:45 would."""
    Night.objects.create(day=DAY)
    WorkerBeat.objects.create(worker_id="stopped-before-noon", beat_at=timezone.now())
    clock.move_to(at(11, 45))
    sign_off(office, people["ruth.penhaligon"])
    board_protocols.schedule(people["sian.prosser"], WORDS_SCHEDULED, at(12))
    upcoming = RunFactory(course=Run.objects.filter(course__code="IND").first().course)
    booking.request_place(upcoming, people["amina.yusuf"], by=people["amina.yusuf"])
    Chore.objects.update(due_at=at(12, 10))
    Chore.objects.filter(path="protocols.scheduling.publish_due").update(due_at=at(12))


def sign_off(office, trainer):
    """Close the register of this morning's date, whose certificates are requested but not made."""
    course = Run.objects.filter(course__code="SUP").first().course
    run = RunFactory(course=course, starts_at=at(9, 30), ends_at=at(11, 30), trainers=[trainer])
    run.refresh_from_db()
    places = [BookingFactory(run=run, person=each.person, agency=each.agency) for each in three()]
    BookingFactory(run=run)  # Not marked, and so absent.
    seen = {place.pk: register.Attendance(Mark.Kind.PRESENT) for place in places}
    register.mark(run.sessions.get(), seen, by=trainer)
    register.close(run, by=trainer)


def three():
    return [PostFactory(person__name=name) for name in ("Ffion Ellis", "Zoë Núñez", "Ọlá Adébáyọ̀")]
