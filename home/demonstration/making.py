"""Fill an empty database with a believable board."""

import datetime as dt
import random

from django.db import transaction
from django.utils import timezone

import history
from agencies.models import Board, Person, Post
from courses.attendance import register
from courses.booking import booking
from courses.completion import awarding
from courses.models import Booking, Completion, Course, Mark, Run, Session, Venue
from home.demonstration import content, editions
from home.demonstration.cascade import make_cascade
from home.demonstration.catalogue import make_catalogue
from home.demonstration.designs import make_design
from home.demonstration.elsewhere import make_courses_elsewhere, make_training_elsewhere
from home.demonstration.evaluations import leave_one_to_answer, make_answers, make_questions
from home.demonstration.modules import make_online_courses
from home.demonstration.partnership import (
    Partnership,
    make_board,
    make_concern_contacts,
    make_personas,
)
from home.demonstration.places import make_places
from home.demonstration.trainers_and_charges import make_charges, make_pool
from home.demonstration.year import Year, at

# Above this many bookings the data is for measuring, and issuing certificates is skipped.
A_BOARD_TO_LOOK_AT = 5000


@transaction.atomic
def make(*, people: int, runs: int, bookings: int, seed: int, today: dt.date) -> None:
    """Make a board of this size, the same for the same seed and day."""
    chance = random.Random(seed)  # noqa: S311
    make_board()
    content.make_pages(today=today)
    partnership = Partnership(chance, today)
    personas = make_personas(partnership)
    office = personas["training administrator"]
    make_concern_contacts(by=office, today=today)
    editions.drafts_under_approval(personas, today)
    courses = make_catalogue(by=office)
    make_design(by=office)
    posts = partnership.people(people)
    trainers = [personas["trainer"], *(post.person for post in posts[:6])]
    year = Year(chance, today, posts[6:] or posts, trainers)
    year.make(courses, runs=runs, bookings=bookings)
    history.record("demonstration.made", Board.load(), by="DEMONSTRATION", now={"seed": seed})
    make_todays_date(personas["trainer"], posts, chance, today)
    tell_of_the_professional(personas["professional"], office, today)
    make_pool(trainers, random.Random(seed))  # noqa: S311
    make_charges(random.Random(seed))  # noqa: S311
    make_places(personas)
    make_cascade(personas, random.Random(seed), today)  # noqa: S311
    make_training_elsewhere(personas, today)
    make_courses_elsewhere(personas, today)
    make_online_courses(personas)
    make_questions()
    leave_one_to_answer(personas["professional"], one_date, confirm, by=office, today=today)
    if bookings <= A_BOARD_TO_LOOK_AT:
        make_answers(random.Random(seed))  # noqa: S311
        for run in Run.objects.exclude(closed_at=None):
            awarding.award_certificates.enqueue(run.pk)
    else:
        Completion.objects.update(told_at=timezone.now())


def make_todays_date(trainer: Person, posts: list[Post], chance, today: dt.date) -> None:
    """Make a register to take: a course that the trainer teaches today, with 14 people expected."""
    run = one_date("IND", at(today, 9, 30), at(today, 11, 0), places=20)
    run.trainers.add(trainer)
    for post in chance.sample(posts, min(14, len(posts))):
        confirm(run, post)


def tell_of_the_professional(person: Person, office: Person, today: dt.date) -> None:
    """Give the professional a record: completed courses, a booking, a place on a waiting list."""
    post = person.posts.get()
    for code, days_ago in (("WT", 140), ("EHS", 60)):
        day = today - dt.timedelta(days=days_ago)
        run = one_date(code, at(day, 9, 30), at(day, 12, 45), places=16)
        attended(run, confirm(run, post), by=office)
    coming = Run.objects.upcoming().with_places_free().order_by("starts_at")
    mine = coming.filter(course__code="UNB").first() or coming.filter(course__code="IND").first()
    if mine:
        manager = post.line_manager_email
        booking.request_place(mine, person, by=person, manager_email=manager)
    full = Run.objects.upcoming().filter(course__code="DA").exclude(places=None).first()
    if full:
        Run.objects.filter(pk=full.pk).update(places=full.taken)
        booking.request_place(full, person, by=person)


def one_date(code: str, starts_at: dt.datetime, ends_at: dt.datetime, *, places: int) -> Run:
    course = Course.objects.get(code=code)
    virtual = course.format == Course.Format.ONLINE
    run = Run.objects.create(
        course=course,
        places=places,
        minimum=6,
        format=course.format or Course.Format.CLASSROOM,
        venue=None if virtual else Venue.objects.first(),
        link="https://meeting.example.org/" + code.lower() if virtual else "",
        starts_at=starts_at,
        ends_at=ends_at,
    )
    Session.objects.create(run=run, starts_at=starts_at, ends_at=ends_at)
    return run


def confirm(run: Run, post: Post) -> Booking:
    moment = min(timezone.now(), run.starts_at) - dt.timedelta(days=20)
    made = Booking.objects.create(
        run=run,
        person=post.person,
        agency=post.agency,
        role_group=post.role_group,
        state=Booking.State.CONFIRMED,
        holds_place=True,
        queued_at=moment,
        confirmed_at=moment,
    )
    run.taken += 1
    run.save(update_fields=["taken"])
    return made


def attended(run: Run, place: Booking, *, by: Person) -> None:
    session = run.sessions.get()
    register.mark(session, {place.pk: register.Attendance(Mark.Kind.PRESENT)}, by=by)
    for completion in register.close(run, by=by):
        awarding.award_certificate(completion, by=by)
