"""Test that concurrent booking verbs never give one place to two people.

The control does what the verb does without its lock and counter (count, wait for the others,
insert): unless it oversells, the race proves nothing.
"""

import datetime as dt
import random
import threading
from collections import Counter
from functools import partial
from itertools import zip_longest

import pytest
from django.db import transaction
from django.utils import timezone

from agencies.models import Board
from courses.booking import booking, expiry, nightly_checks
from courses.models import Booking, Run
from courses.scheduling import scheduling
from lms import links
from lms.models import Mail
from tests.browsing import Browser
from tests.courses.test_back_office import unchanged
from tests.factories import BookingFactory, PostFactory, RunFactory, VenueFactory
from tests.servers import at_once, while_locked

pytestmark = pytest.mark.race
MANY = 24
LEVELS = [8, 16, 32]


def people(number):
    return [PostFactory().person for _ in range(number)]


def all_at_once(doings):
    """Run these concurrently and return their results; fail if any of them raised."""
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
        assert (held(run), taken(run), nightly_checks.runs_miscounted()) == (5, 5, [])


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
    """Assert no overbooking, nobody lost or booked twice, no free place beside a waiting list."""
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


@pytest.mark.parametrize("many", LEVELS)
def test_all_that_can_be_pressed_at_once_oversells_nothing_and_loses_nobody(
    own_database, rounds, many
):
    crowd = people(many + many // 4)
    for attempt in range(rounds):
        date = BusyDate(crowd[: many * 3 // 4])
        doings = date.doings(crowd[many * 3 // 4 :])[:many]
        date.asked |= {one.args[1] for one in doings if one.func is booking.request_place}
        random.Random(attempt).shuffle(doings)
        all_at_once(doings)
        date.is_as_the_rules_say()


class BusyDate:
    """Run with confirmed places, offers, requests with and without a place, and a waiting list."""

    def __init__(self, crowd, **facts):
        self.asked = set()
        quarter = len(crowd) // 4
        self.run = RunFactory(places=quarter * 2, freed_places="offer", **facts)
        first = self.ask(crowd[: quarter * 3])
        for made in first[:quarter]:
            booking.withdraw(made, by=made.person)
            self.asked.remove(made.person)
        Run.objects.filter(pk=self.run.pk).update(asks_approval=True)
        self.ask(crowd[quarter * 3 :])
        scheduling.change(self.run, places=quarter * 2 + max(1, quarter // 2), by="OFFICE")
        self.bookings = {
            state: list(self.run.bookings.filter(state=state).select_related("person"))
            for state in ("confirmed", "offered", "requested")
        }
        assert all(self.bookings.values())
        self.may_end = set()

    def ask(self, people):
        self.asked |= set(people)
        return [booking.request_place(self.run, person, by=person) for person in people]

    def doings(self, newcomers):
        """Interleave all kinds of action, so that any prefix of the list is a mixture."""
        places = self.run.places
        kinds = [
            asking(self.run, newcomers),
            [self.giving_up(one) for one in self.bookings["confirmed"]],
            [self.by_link(one) for one in self.bookings["offered"]],
            [partial(approves, one) for one in self.bookings["requested"]],
            [partial(try_places, self.run, places + by) for by in (2, -1, 3, 0)],
            [self.declining(one) for one in self.bookings["offered"][::2]],
            [partial(accepts, one) for one in self.bookings["offered"]],
            [partial(approves, one) for one in self.bookings["requested"]],
            [partial(expiry.lapse_offers), partial(expiry.pursue_requests)],
        ]
        # Each round takes one of each kind, until all are used up.
        return [one for row in zip_longest(*kinds) for one in row if one] + asking(
            self.run, [*newcomers, *newcomers]
        )

    def giving_up(self, one):
        self.may_end.add(one.pk)
        return partial(booking.withdraw, one, by=one.person)

    def declining(self, one):
        self.may_end.add(one.pk)
        return partial(refusable, booking.decline_offer, one, by=one.person)

    def by_link(self, one):
        token = links.create(
            "offer", one, sent_to=one.person.email, until=timezone.now() + dt.timedelta(days=1)
        )
        return partial(refusable, accepts_by_link, one, token)

    def is_as_the_rules_say(self):
        run, bookings = Run.objects.get(pk=self.run.pk), Booking.objects.filter(run=self.run)
        assert run.taken == held(run) <= run.limit
        assert nightly_checks.runs_miscounted() == []
        live = list(bookings.live().values_list("person", flat=True))
        assert len(live) == len(set(live))
        ended_now = bookings.filter(pk__in=self.may_end, ended_at__isnull=False)
        gone = set(ended_now.values_list("person", flat=True)) - set(live)
        assert {person.pk for person in self.asked} - set(live) <= gone
        assert run.is_full or not Booking.objects.in_queue_order().filter(run=run).exists()


@pytest.mark.parametrize("state", ["waiting", "requested"])
def test_without_lock_and_counter_accepting_and_approving_oversell(own_database, state):
    """Oversell through offers that hold no place, or a batch that counts free places first."""
    run = RunFactory(places=5)
    waiting = BookingFactory.create_batch(12, run=run, state=state, holds_place=False)
    counted = threading.Barrier(12)

    def count_then_give(one):
        free = run.bookings.confirmed().count() < run.places
        counted.wait(30)
        if free:
            Booking.objects.filter(pk=one.pk).update(state="confirmed", holds_place=True)

    all_at_once([partial(count_then_give, one) for one in waiting])
    assert held(run) > 5


@pytest.mark.parametrize("many", LEVELS)
def test_many_are_approved_at_once_and_no_place_is_given_twice(own_database, rounds, many):
    """Approve each request twice while places become free one by one; no request holds one."""
    crowd = people(many // 2)
    for _ in range(rounds):
        run = RunFactory(places=0, asks_approval=True)
        made = [ask() for ask in asking(run, crowd)]
        doings = [partial(approves, one) for one in made for _ in range(2)]
        doings += [partial(try_places, run, places) for places in (1, 2, 3)]
        all_at_once(doings)
        run.refresh_from_db()
        states = Counter(run.bookings.values_list("state", flat=True))
        assert run.taken == held(run) == run.places == states["confirmed"] > 0
        assert states == {"confirmed": run.places, "waiting": len(crowd) - run.places}
        told = Mail.objects.filter(template="booking_confirmed", about_id__in=[b.pk for b in made])
        assert told.count() == run.places


def test_who_books_while_the_venue_changes_is_told_the_new_one(own_database):
    run, person, new = RunFactory(), PostFactory().person, VenueFactory(name="The new hall")

    def moves():
        Run.objects.filter(pk=run.pk).update(venue=new)

    Board.load()  # creates the settings row: its insert would wait for a lock too
    while_locked(lock_of(run), moves, partial(booking.request_place, run, person, by=person))
    assert "Where: The new hall" in Mail.objects.get().text


def test_a_date_that_is_cancelled_while_it_is_being_changed_stays_as_it_was(own_database, office):
    run, client = RunFactory(), Browser()
    client.force_login(office)
    path = f"/cms/run/edit/{run.pk}/"

    def cancels():
        Run.objects.filter(pk=run.pk).update(cancelled_at=timezone.now())

    fields = client.shown_at(path) | unchanged(run, joining_instructions="Bring lunch.")
    answer = while_locked(lock_of(run), cancels, lambda: client.post(path, fields))
    assert "has just been cancelled or signed off" in answer.text
    assert Run.objects.get(pk=run.pk).joining_instructions == ""


def lock_of(run):
    return partial(Run.objects.lock, run)


def refusable(verb, *of, **said):
    """Return the verb's result, or None if it refused."""
    try:
        return verb(*of, **said)
    except (booking.BookingRefused, scheduling.SchedulingRefused, links.LinkRefused):
        return None


def try_places(run, places):
    return refusable(scheduling.change, run, places=places, by="OFFICE")


def approves(one):
    return refusable(booking.approve, one, by="LINK 1")


def accepts(one):
    return refusable(booking.accept_offer, one, by=one.person)


def accepts_by_link(one, token):
    """Redeem the link and accept the offer, as the page behind the link does."""
    with transaction.atomic():
        Run.objects.lock(one.run)
        link = links.find("offer", token)
        links.redeem(link)
        return booking.accept_offer(one, by=f"LINK {link.pk}")
