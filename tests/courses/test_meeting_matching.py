"""Test matching meeting attendees to bookings by address and name, without guessing."""

import datetime as dt

import pytest

from courses.attendance.imports import matching
from courses.attendance.imports.matching import (
    AS_BEFORE,
    BY_ADDRESS,
    BY_NAME,
    LEADS,
    MACHINE,
    TRAINER,
)
from courses.attendance.imports.people import Attendee
from courses.attendance.imports.times import Stay
from courses.models import MeetingAlias
from tests.factories import BookingFactory, PersonFactory, RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return RunFactory(trainers=[PersonFactory(name="Tess Trainer", email="tess@board.example.org")])


def booked(run, name, **fields):
    return BookingFactory(run=run, person__name=name, **fields)


def hours(first, last):
    day = dt.datetime(2026, 10, 14, tzinfo=dt.UTC)
    return Stay(day + dt.timedelta(hours=first), day + dt.timedelta(hours=last))


def matched(run, *attendees):
    attendees = [Attendee(a, "", (hours(9, 12),)) if isinstance(a, str) else a for a in attendees]
    return [(made.booking, made.how) for made in matching.match(matching.Booked(run), attendees)]


def remembered(run, by, attendee, chosen):
    register = matching.Booked(run)
    matches = matching.match(register, [attendee])
    matching.remember(register, matches, {0: chosen}, by=by)
    return list(MeetingAlias.objects.values_list("words", "person"))


def test_by_an_address_that_is_proven(run):
    ann = booked(run, "Ann Ash", person__email="ann@x.example.org")
    booked(run, "Bob Birch", person__email="bob@x.example.org", person__is_verified=False)
    found = matched(
        run,
        Attendee("Somebody", "ann@x.example.org"),
        Attendee("Somebody", "bob@x.example.org"),
    )
    assert found == [(ann.pk, BY_ADDRESS), (None, "")]


def test_an_address_counts_before_a_name(run):
    ann = booked(run, "Ann Ash", person__email="ann@x.example.org")
    booked(run, "Bob Birch")
    assert matched(run, Attendee("Bob Birch", "ann@x.example.org")) == [(ann.pk, BY_ADDRESS)]


def test_the_address_of_somebody_who_is_not_booked_is_not_whom_the_name_says(run):
    booked(run, "Ann Ash")
    PersonFactory(name="Ann Ash", email="other.ann@x.example.org")
    assert matched(run, Attendee("Ann Ash", "other.ann@x.example.org")) == [(None, "")]


@pytest.mark.parametrize(
    ("on_register", "in_meeting"),
    [
        ("Ann Ash", "ann  ASH"),
        ("Ann Ash", "Ash, Ann"),
        ("Ann Ash", "Ann Ash (she/her)"),
        ("Ann Ash", "Ann Ash (Guest)"),
        ("Ann Ash", "Ash, Ann (External)"),
        ("Ann Ash", "Ann's iPad (Ann Ash)"),
        ("Ann Ash", "Ann Ash [they/them]"),
        ("Zoë Ünal", "Zoe Unal"),
        ("Søren Łukasz", "soren lukasz"),
        ("Siân O’Brien-Rees", "Sian O'Brien Rees"),
        ("فاطمہ خان", "فاطمہ خان"),
    ],
)
def test_by_a_name_however_it_is_written(run, on_register, in_meeting):
    booking = booked(run, on_register)
    booked(run, "Bob Birch")
    assert matched(run, in_meeting) == [(booking.pk, BY_NAME)]


@pytest.mark.parametrize(
    "in_meeting", ["Ann", "Ann Asher", "A Ash", "Ann Ash, Ann Birch", "", "()"]
)
def test_what_is_only_like_a_name_is_asked(run, in_meeting):
    booked(run, "Ann Ash")
    assert matched(run, in_meeting) == [(None, "")]


def test_two_people_of_one_name_are_never_guessed(run):
    one, other = booked(run, "Sam Sorrel"), booked(run, "Sam SORREL")
    assert matched(run, "Sam Sorrel", "Sorrel, Sam") == [(None, ""), (None, "")]
    by_address = Attendee("Sam Sorrel", other.person.email)
    assert matched(run, by_address) == [(other.pk, BY_ADDRESS)]
    assert one.pk != other.pk


def test_where_two_have_a_name_each_stay_is_asked_by_itself(run):
    booked(run, "Sam Sorrel"), booked(run, "Sam Sorrel")
    booked(run, "Ann Ash")
    sam = Attendee("Sam Sorrel", "", (hours(9, 12), hours(9, 10)))
    ann = Attendee("Ann Ash", "", (hours(9, 10), hours(11, 12)))
    apart = matching.told_apart(matching.Booked(run), [sam, ann])
    assert [(one.name, one.stays) for one in apart] == [
        ("Sam Sorrel", (hours(9, 12),)),
        ("Sam Sorrel", (hours(9, 10),)),
        ("Ann Ash", (hours(9, 10), hours(11, 12))),
    ]


def test_their_labels_tell_them_apart(run):
    one = booked(run, "Sam Sorrel", agency__name="Police")
    two = booked(run, "Sam Sorrel", agency__name="Health")
    three = booked(run, "Sam Sorrel", agency=two.agency, person__email="sam3@x.example.org")
    labels = matching.Booked(run).labels()
    assert (labels[one.pk], labels[three.pk]) == (
        "Sam Sorrel, Police",
        "Sam Sorrel, Health (sam3@x.example.org)",
    )


def test_trainers_hosts_and_machines_are_left_out_but_not_who_is_booked(run):
    booked(run, "Ann Ash")
    hosts = booked(run, "Hal Host")
    found = matched(
        run,
        Attendee("T", "tess@board.example.org"),
        "Tess Trainer",
        Attendee("Olive Office", "", leads=True),
        Attendee("Hal Host", "", leads=True),
        "Otter.ai Notetaker",
        "Meeting notifier",
    )
    assert found == [
        (None, TRAINER),
        (None, TRAINER),
        (None, LEADS),
        (hosts.pk, BY_NAME),
        (None, MACHINE),
        (None, MACHINE),
    ]


def test_who_was_chosen_is_known_next_time_by_address_and_by_name(run):
    trainer = run.trainers.get()
    ann = booked(run, "Ann Ash")
    by_address = Attendee("iPad", "ann@home.example.com")
    by_name = Attendee("Ann from Health", "")
    assert matched(run, by_address, by_name) == [(None, ""), (None, "")]
    assert remembered(run, trainer, by_address, ann.pk) == [("ann@home.example.com", ann.person_id)]
    remembered(run, trainer, by_name, ann.pk)
    another_date = RunFactory()
    again = BookingFactory(run=another_date, person=ann.person)
    found = [(again.pk, AS_BEFORE), (again.pk, AS_BEFORE)]
    assert matched(another_date, by_address, by_name) == found


@pytest.mark.parametrize(
    "name", ["iPad", "Ann", "Galaxy S21", "Zoom User", "447700900123", "x y" * 99]
)
def test_a_name_that_anybody_may_have_is_not_remembered(run, name):
    ann = booked(run, "Ann Ash")
    assert remembered(run, run.trainers.get(), Attendee(name, ""), ann.pk) == []


def test_a_name_of_two_who_are_booked_is_not_remembered(run):
    sam = booked(run, "Sam Sorrel")
    booked(run, "Sam Sorrel")
    assert remembered(run, run.trainers.get(), Attendee("Sam Sorrel", ""), sam.pk) == []


def test_what_was_remembered_of_one_does_not_hide_another_of_that_name(run):
    trainer, ann = run.trainers.get(), booked(run, "Ann Ash")
    MeetingAlias.objects.create(
        person=ann.person, words="annie oak", matched_at=hours(1, 2).start, matched_by=trainer
    )
    assert matched(run, "Annie Oak") == [(ann.pk, AS_BEFORE)]
    booked(run, "Annie Oak")
    assert matched(run, "Annie Oak") == [(None, "")]


def test_what_was_remembered_wrongly_is_forgotten(run):
    trainer, ann, bob = run.trainers.get(), booked(run, "Ann Ash"), booked(run, "Bob Birch")
    shared = Attendee("Reception", "desk@x.example.org")
    remembered(run, trainer, shared, ann.pk)
    assert remembered(run, trainer, shared, bob.pk) == [("desk@x.example.org", bob.person_id)]
    assert remembered(run, trainer, shared, None) == []


def test_what_was_matched_without_asking_is_not_remembered(run):
    ann = booked(run, "Ann Ash")
    assert remembered(run, run.trainers.get(), Attendee("Ann Ash", ""), ann.pk) == []


def test_matching_asks_as_many_questions_for_three_as_for_one(run, django_assert_num_queries):
    for name in ("Ann", "Bob", "Cat"):
        booked(run, name)
    attendees = [Attendee(f"P{n}", f"p{n}@x.example.org") for n in range(30)]
    with django_assert_num_queries(6):
        matching.match(matching.Booked(run), attendees)
