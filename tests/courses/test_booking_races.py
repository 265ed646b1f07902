"""Does a place ever go to two people? Many at once, on the verbs; the race has a control.

The control does what the verb does without its lock and without its counter (count, wait for the
others, insert) and must oversell, or the race would prove nothing.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from courses import booking, nightly, scheduling
from courses.models import Booking, Run
from lms.models import Mail
from tests.courses.test_back_office import unchanged
from tests.factories import PostFactory, RunFactory, VenueFactory
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
        assert (held(run), taken(run), nightly.runs_miscounted()) == (5, 5, [])


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


def test_who_books_while_the_venue_changes_is_told_the_new_one(own_database):
    run, person, new = RunFactory(), PostFactory().person, VenueFactory(name="The new hall")

    def moves():
        Run.objects.filter(pk=run.pk).update(venue=new)

    while_locked(run, moves, partial(booking.request_place, run, person, by=person))
    assert "Where: The new hall" in Mail.objects.get().text


def test_a_date_that_is_cancelled_while_it_is_being_changed_stays_as_it_was(own_database, office):
    run, client = RunFactory(), Client()
    client.force_login(office)

    def cancels():
        Run.objects.filter(pk=run.pk).update(cancelled_at=timezone.now())

    fields = unchanged(run, joining_instructions="Bring lunch.")
    answer = while_locked(run, cancels, lambda: client.post(f"/cms/run/edit/{run.pk}/", fields))
    assert "has just been cancelled or signed off" in answer.text
    assert Run.objects.get(pk=run.pk).joining_instructions == ""


def while_locked(run, first, then):
    """What `then` returns, which asks for the run while `first` holds it and is not yet done."""
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            Run.objects.lock(run)
            waits = thread.submit(closing(then))
            time.sleep(1)
            first()
        return waits.result(30)


def closing(do):
    def done():
        try:
            return do()
        finally:
            connections.close_all()

    return done


def try_places(run, places):
    try:
        scheduling.change_places(run, places, by="OFFICE")
    except scheduling.SchedulingRefused:
        return
