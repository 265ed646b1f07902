"""Does a place ever go to two people? Many at once, on the verbs; the race has a control.

The control does what the verb does without its lock and without its counter (count, wait for the
others, insert) and must oversell, or the race would prove nothing.
"""

import random
import threading
from functools import partial

import pytest
from django.utils import timezone

from courses import booking, scheduling
from courses.models import Booking, Run
from tests.factories import PostFactory, RunFactory
from tests.servers import at_once

pytestmark = pytest.mark.race
MANY = 24


def people(number):
    return [PostFactory().person for _ in range(number)]


def all_at_once(doings):
    """What each of these did; none of them may fail."""
    done = at_once(len(doings), lambda number: doings[number]())
    assert [each for each in done if isinstance(each, Exception)] == []
    return done


def held(run):
    return Booking.objects.filter(run=run, holds_place=True).count()


def taken(run):
    return Run.objects.get(pk=run.pk).taken


def asking(run, crowd):
    return [partial(booking.request_place, run, person, by=person) for person in crowd]


def test_the_last_places_go_to_exactly_so_many(own_database, rounds):
    crowd = people(MANY)
    for _ in range(rounds):
        run = RunFactory(places=5)
        made = all_at_once(asking(run, crowd))
        assert sorted(b.state for b in made) == ["confirmed"] * 5 + ["waiting"] * (MANY - 5)
        assert (held(run), taken(run), booking.runs_miscounted()) == (5, 5, [])


def test_without_lock_and_counter_the_same_rush_oversells(own_database):
    run, crowd = RunFactory(places=5), people(12)
    counted = threading.Barrier(12)

    def count_then_insert(post):
        free = held(run) < 5
        counted.wait(30)
        Booking.objects.create(
            run=run,
            person=post.person,
            agency=post.agency,
            state="confirmed" if free else "waiting",
            holds_place=free,
            queued_at=timezone.now(),
        )

    all_at_once([partial(count_then_insert, person.posts.get()) for person in crowd])
    assert held(run) > 5


def test_one_person_pressing_often_has_one_booking(own_database, rounds):
    for person in people(rounds):
        run = RunFactory(places=5)
        made = all_at_once(asking(run, [person] * 8))
        assert len({b.pk for b in made}) == 1
        assert taken(run) == 1


def test_booking_cancelling_and_changing_places_at_once(own_database, rounds):
    """Never more than the places, nobody lost or twice, and no free place beside a queue."""
    crowd = people(MANY)
    for attempt in range(rounds):
        run = RunFactory(places=6)
        first = [ask() for ask in asking(run, crowd[:12])]
        doings = asking(run, crowd[12:])
        doings += [partial(booking.withdraw, made, by=made.person) for made in first[::2]]
        doings += [partial(try_places, run, places) for places in (4, 8, 7)]
        random.Random(attempt).shuffle(doings)
        all_at_once(doings)
        run.refresh_from_db()
        live = Booking.objects.live().filter(run=run)
        assert run.taken == held(run) <= run.places
        assert live.count() == len(crowd) - 6 == live.values("person").distinct().count()
        assert run.is_full or not Booking.objects.in_queue_order().filter(run=run).exists()


def try_places(run, places):
    try:
        scheduling.change_places(run, places, by="OFFICE")
    except scheduling.SchedulingRefused:
        return
