"""Property-based test of the booking rules under any sequence of actions.

Hypothesis takes actions in any order and lets time pass; after each, the rows are compared with the
rules, implemented here a second time. Some hundred actions in `make test`, STEPS of them (10,000)
in `make stress`.
"""

import datetime as dt
import os
from collections import Counter
from dataclasses import dataclass

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from courses.booking import booking, expiry, waiting_list
from courses.booking.booking import BookingRefused
from courses.models import Booking, Reserve, Run
from courses.rules import deadlines
from courses.scheduling import planning, scheduling
from courses.scheduling.scheduling import SchedulingRefused
from history.models import Event
from lms.models import ActionLink, Mail
from tests.factories import AgencyFactory, CompletionFactory, PostFactory, RunFactory, SectorFactory

STEPS = int(os.environ.get("STEPS", "350"))
IN_ONE_GO = 50
MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
BEGINS_IN = dt.timedelta(days=24)
LIVE = {"requested", "confirmed", "waiting", "offered"}
HOLDS = {"confirmed", "offered"}
# Booking states in which a link works, by the link's purpose.
GOOD_WHILE = {"offer": {"offered"}, "approval": {"requested"}, "cancel": LIVE}
WHO = st.integers(0, 7)
made = Counter()


@dataclass(frozen=True)
class Row:
    """Snapshot of a booking's row."""

    pk: int
    person: int
    agency: int
    sector: int
    state: str
    holds: bool
    offered_until: dt.datetime | None
    held_until: dt.datetime | None
    ended_at: dt.datetime | None
    turn: tuple

    @property
    def is_live(self):
        return self.state in LIVE

    @property
    def in_queue(self):
        return self.state == "waiting" or (self.state == "requested" and not self.holds)

    @property
    def can_take(self):
        """True if in the queue and not a request past its deadline."""
        late = self.state == "requested" and self.held_until and self.held_until <= timezone.now()
        return self.in_queue and not late


def rows_of(run):
    fields = ("pk", "person", "agency", "agency__sector", "state", "holds_place", "offered_until",
              "held_until", "ended_at", "priority", "moved_to", "queued_at")  # fmt: skip
    return {
        pk: Row(pk, *facts, (-priority, moved_to or queued_at, pk))
        for pk, *facts, priority, moved_to, queued_at in run.bookings.values_list(*fields)
    }


class Places:
    """Second implementation, from the rules alone, of who gets the free places of a run."""

    def __init__(self, run, reserved, rows):
        self.run, self.reserved = run, reserved
        self.agencies, self.sectors, self.taken = Counter(), Counter(), 0
        for row in rows:
            if row.holds:
                self.take(row)

    def take(self, row):
        self.agencies[row.agency] += 1
        self.sectors[row.sector] += 1
        self.taken += 1

    def may_take(self, agency, sector):
        cap, limit = self.run.agency_cap, self.run.limit
        if cap is not None and self.agencies[agency] >= cap:
            return False
        kept = sum(
            max(0, places - self.sectors[other])
            for other, places in self.reserved.items()
            if other != sector
        )
        return limit is None or limit - self.taken - kept > 0

    def takers(self, rows):
        """Give free places to those who may take one, in queue order; return their ids."""
        found = set()
        for row in sorted(rows, key=lambda row: row.turn):
            if row.can_take and self.may_take(row.agency, row.sector):
                self.take(row)
                found.add(row.pk)
        return found


class OneDate(RuleBasedStateMachine):
    """One run, 8 people of 3 agencies, and every action open to them and to the office."""

    def __init__(self):
        super().__init__()
        self.travel = time_machine.travel(MONDAY, tick=False)
        self.clock = self.travel.start()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.before, self.run = {}, None

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.travel.stop()

    @initialize(
        places=st.sampled_from([0, 1, 2, 2, 3, 4, None]),
        freed=st.sampled_from(["offer", "at_once"]),
        asks=st.booleans(),
        cap=st.sampled_from([None, None, None, 1, 2]),
        reserve=st.sampled_from([0, 0, 0, 1, 2]),
        priority=st.sampled_from(["in_turn", "in_turn", "first_time"]),
    )
    def a_date_is_set(self, places, freed, asks, cap, reserve, priority):
        starts_at = MONDAY + BEGINS_IN
        self.run = RunFactory(
            places=places, freed_places=freed, asks_approval=asks, agency_cap=cap,
            priority_rule=priority, starts_at=starts_at,
        )  # fmt: skip
        health, self.police = SectorFactory(name="Health"), SectorFactory(name="Police")
        agencies = [AgencyFactory(sector=s) for s in (health, health, self.police)]
        self.posts = [PostFactory(agency=agencies[n % 3]) for n in range(8)]
        self.people = [post.person for post in self.posts]
        self.done_before = CompletionFactory(person=self.people[0], course=self.run.course).person
        if reserve:
            release_on = (starts_at - dt.timedelta(days=10)).date()
            self.run.reserves.create(sector=self.police, places=reserve, release_on=release_on)
        self.look()

    # What is pressed

    @rule(who=WHO)
    def asks(self, who):
        person, post = self.people[who], self.posts[who]
        was, before = self.live_of(person), list(self.before.values())
        room = Places(self.now_run, self.reserved, before)
        gets = room.may_take(post.agency_id, post.agency.sector_id)
        gets = gets and not any(r.can_take and room.may_take(r.agency, r.sector) for r in before)
        with self.pressed("asks") as press:
            made = booking.request_place(self.run, person, by=person)
            press.own = {made.pk}
            if was:
                assert made.pk == was.pk
            else:
                state = "requested" if self.now_run.asks_approval else "confirmed"
                assert made.holds_place == gets
                assert made.state == (state if gets or state == "requested" else "waiting")

    @precondition(lambda self: self.some("requested"))
    @rule(who=WHO, agrees=st.booleans())
    def is_decided(self, who, agrees):
        one = self.one("requested", who)
        with self.pressed("decided") as press:
            press.own = {one.pk}
            if agrees:
                press.turned = {one.pk: "waiting"} if not one.holds_place else {}
                booking.approve(one, by="LINK 1")
            else:
                booking.refuse(one, by="LINK 1", reason="Too few of us.")

    @precondition(lambda self: self.some("requested"))
    @rule()
    def many_are_approved(self):
        """Approve all requests one by one, each with its own result, as the office does."""
        for pk in [row.pk for row in self.before.values() if row.state == "requested"]:
            with self.pressed("approved with others") as press:
                press.own = {pk}
                press.turned = {} if self.before[pk].holds else {pk: "waiting"}
                booking.approve(Booking.objects.get(pk=pk), by="OFFICE")

    @precondition(lambda self: self.some("offered"))
    @rule(who=WHO, accepts=st.booleans())
    def answers_an_offer(self, who, accepts):
        one = self.one("offered", who)
        with self.pressed("offer answered") as press:
            press.own = {one.pk}
            verb = booking.accept_offer if accepts else booking.decline_offer
            verb(one, by=one.person)

    @precondition(lambda self: self.some(*LIVE))
    @rule(who=WHO)
    def gives_up(self, who):
        one = self.one(LIVE, who)
        with self.pressed("gives up") as press:
            press.own = {one.pk}
            booking.withdraw(one, by=one.person)

    @precondition(lambda self: self.some("confirmed"))
    @rule(who=WHO, colleague=WHO)
    def gives_the_place_to(self, who, colleague):
        one, other = self.one("confirmed", who), self.people[colleague]
        theirs = self.live_of(other)
        with self.pressed("handed on") as press:
            press.own = {one.pk} | ({theirs.pk} if theirs else set())
            new = booking.substitute(one, other, by=one.person)
            press.own |= {new.pk}
            assert (new.state, new.holds_place) == ("confirmed", True)

    @rule(who=WHO)
    def is_added_regardless(self, who):
        theirs, full = self.live_of(self.people[who]), self.now_run.is_full
        with self.pressed("added regardless") as press:
            new = booking.add_regardless(
                self.run, self.people[who], by="OFFICE", reason="The only one of their team."
            )
            press.own = {new.pk}
            assert new.state == "confirmed"
            more = full and not (theirs and theirs.holds)
            assert Run.objects.get(pk=self.run.pk).extra == self.now_run.extra + more

    @precondition(lambda self: len(self.queue()) > 1)
    @rule(who=WHO, position=st.integers(-1, 9))
    def is_moved_in_the_queue(self, who, position):
        waiting = self.queue()
        moved = waiting[who % len(waiting)]
        order = [pk for pk in waiting if pk != moved]
        order.insert(max(1, position) - 1, moved)
        with self.pressed("moved") as press:
            press.order = order
            waiting_list.move(Booking.objects.get(pk=moved), position, by="OFFICE")
        # Moving separates equal queue times by microseconds: stay ahead of them.
        self.clock.shift(dt.timedelta(milliseconds=1))

    @rule(places=st.one_of(st.none(), st.integers(0, 6)))
    def gets_other_places(self, places):
        with self.pressed("places changed") as press:
            press.limit = places
            scheduling.change(self.run, places=places, by="OFFICE")

    @rule(
        freed=st.sampled_from(["offer", "at_once"]),
        asks=st.booleans(),
        cap=st.sampled_from([None, None, 1, 2, 3]),
        reserve=st.sampled_from([0, 0, 1, 2]),
    )
    def is_shared_out_anew(self, freed, asks, cap, reserve):
        run = self.now_run
        release_on = (run.starts_at - dt.timedelta(days=10)).date()
        rules = {
            "freed_places": freed, "asks_approval": asks, "agency_cap": cap,
            "priority_rule": run.priority_rule,
        }  # fmt: skip
        kept = [planning.RequestedReserve(self.police, reserve, release_on)] if reserve else []
        with self.pressed("shared out anew"):
            scheduling.change(self.run, by="OFFICE", reserves=kept, **rules)

    @precondition(lambda self: len(self.before) > 4)
    @rule(sure=st.integers(0, 9))
    def is_cancelled(self, sure):
        if sure == 0:
            with self.pressed("date cancelled") as press:
                press.own = set(self.before)
                scheduling.cancel(self.run, by="OFFICE", reason="The trainer is ill.")

    @precondition(lambda self: self.before)
    @rule(verb=st.sampled_from(["approve", "refuse", "accept_offer", "decline_offer", "withdraw"]),
          which=st.integers(0, 30))  # fmt: skip
    def pressed_on_anything(self, verb, which):
        """Call a verb on any booking, as from a stale page or a second screen."""
        one = Booking.objects.get(pk=list(self.before)[which % len(self.before)])
        with self.pressed("out of turn") as press:
            press.own = {one.pk}
            if verb == "approve" and one.state == "requested" and not one.holds_place:
                press.turned = {one.pk: "waiting"}
            reason = {"reason": "Not now."} if verb == "refuse" else {}
            getattr(booking, verb)(one, by="OFFICE", **reason)

    @rule(hours=st.sampled_from([0, 1, 7, 24, 49, 120, 170]), minutes=st.integers(0, 59))
    def time_passes(self, hours, minutes):
        self.clock.shift(dt.timedelta(hours=hours, minutes=minutes))
        made["time passes"] += 1

    @rule()
    def it_is_nearly_time(self):
        """Move to less than two hours before the start, when nothing is offered any more."""
        near = self.run.starts_at - dt.timedelta(hours=2, minutes=-1)
        if timezone.now() < near - dt.timedelta(days=10):
            return
        self.clock.move_to(max(near, timezone.now()))
        made["time passes"] += 1

    @rule()
    def the_clock_ticks(self):
        for job in (expiry.lapse_offers, expiry.pursue_requests, expiry.release_reserves):
            with self.pressed(job.__name__) as press:
                press.by_time = True
                while job() is True:
                    pass

    # What must be so

    def pressed(self, name):
        return Press(self, name)

    @invariant()
    def the_rules_hold(self):
        if self.run is None:
            return
        rows, run = rows_of(self.run), Run.objects.get(pk=self.run.pk)
        live = [row for row in rows.values() if row.is_live]
        assert run.taken == sum(row.holds for row in rows.values())
        assert run.limit is None or run.taken <= run.limit
        assert not run.extra or run.taken == run.places + run.extra
        assert len({row.person for row in live}) == len(live)
        for row in rows.values():
            assert (row.ended_at is None) == row.is_live
            assert row.holds == (row.state in HOLDS or (row.state == "requested" and row.holds))
            assert (row.offered_until is not None) == (row.state == "offered")
            assert row.offered_until is None or row.offered_until <= run.starts_at
        if run.cancelled_at:
            assert live == []
        self.only_links_that_hold_can_be_used(rows)
        self.nobody_waits_beside_a_free_place(run, rows)

    def only_links_that_hold_can_be_used(self, rows):
        usable = ActionLink.objects.filter(used_at=None, expires_at__gt=timezone.now())
        can_be_used = {(link.purpose, int(link.about_id)) for link in usable}
        for purpose, pk in can_be_used:
            assert rows[pk].state in GOOD_WHILE[purpose]
        for row in rows.values():
            if row.state == "offered" and row.offered_until > timezone.now():
                assert ("offer", row.pk) in can_be_used
        offers = Mail.objects.filter(template="place_offered", state="queued")
        assert {rows[int(mail.about_id)].state for mail in offers} <= {"offered", "confirmed"}

    def nobody_waits_beside_a_free_place(self, run, rows):
        if run.may_promote:
            assert Places(run, self.reserved, rows.values()).takers(rows.values()) == set()

    # What was

    def look(self):
        self.now_run = Run.objects.get(pk=self.run.pk)
        self.before = rows_of(self.run)
        unreleased = Reserve.objects.unreleased().filter(run=self.run)
        self.reserved = dict(unreleased.values_list("sector", "places"))

    def live_of(self, person):
        return next((r for r in self.before.values() if r.person == person.pk and r.is_live), None)

    def some(self, *states):
        return any(row.state in states for row in self.before.values())

    def one(self, states, who):
        states = {states} if isinstance(states, str) else states
        found = [row.pk for row in self.before.values() if row.state in states]
        return Booking.objects.select_related("person").get(pk=sorted(found)[who % len(found)])

    def queue(self):
        return queue_of(self.before)


class Press:
    """One action under test: what it may change, and what it must not."""

    def __init__(self, date, name):
        self.date, self.name = date, name
        # Ids of bookings acted on; states at the time places were given out, if changed by then;
        # the queue order to expect, if the action sets one.
        self.own, self.turned, self.order, self.by_time = set(), {}, None, False
        self.limit = "as it was"

    def __enter__(self):
        self.date.look()
        self.was, self.run_was = self.date.before, self.date.now_run
        self.last_event = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        return self

    def __exit__(self, kind, error, trace):
        if kind and not issubclass(kind, BookingRefused | SchedulingRefused):
            return False
        self.date.look()
        made[self.name if kind is None else f"{self.name}, refused"] += 1
        if kind:
            assert str(error).endswith(".")
            assert self.date.before == self.was and self.date.now_run.taken == self.run_was.taken
            return True
        now = self.date.before
        self.nobody_is_lost(now)
        self.free_places_went_to_the_first(now)
        self.the_order_is_kept(now)
        self.all_of_it_is_recorded(now)
        return False

    def nobody_is_lost(self, now):
        """Assert that no other person's booking ended and no other person lost their place."""
        assert self.was.keys() <= now.keys()
        assert {pk for pk in now if pk not in self.was} <= self.own
        for pk, was in self.was.items():
            if pk in self.own or now[pk].state == was.state and now[pk].holds == was.holds:
                continue
            change = (was.state, now[pk].state)
            if self.by_time and change in BY_TIME:
                self.came_in_time(was, now[pk])
            else:
                assert was.in_queue and now[pk].holds and change in SERVED

    def came_in_time(self, was, now):
        at = timezone.now()
        if was.state == "offered":
            assert was.offered_until <= at
        elif now.state == "requested":
            assert was.held_until <= at or not was.holds
        else:
            assert was.held_until <= at or self.run_was.starts_at <= at

    def free_places_went_to_the_first(self, now):
        """Assert that freed places went to the queue as it was, in its order and by the rules."""
        run = self.date.now_run
        served = {
            pk for pk, was in self.was.items()
            if was.in_queue and now[pk].holds and (pk not in self.own or pk in self.turned)
        }  # fmt: skip
        if not run.may_promote:
            assert not served
            return
        rows = [self.when_given_out(row, served) for row in now.values()]
        if not (self.by_time and (run.agency_cap is not None or self.date.reserved)):
            assert Places(run, self.date.reserved, rows).takers(rows) == served
        at_once = run.freed_places == "at_once" and not deadlines.costs_now(run)
        for pk in served:
            was = self.turned.get(pk, self.was[pk].state)
            given = "confirmed" if at_once else "offered"
            assert now[pk].state == ("requested" if was == "requested" else given)

    def when_given_out(self, row, served):
        """Return the row as it was when places were given out: those served were still queued."""
        if row.pk not in served:
            return row
        state = self.turned.get(row.pk, self.was[row.pk].state)
        return Row(**{**vars(row), "state": state, "holds": False, "turn": self.was[row.pk].turn})

    def the_order_is_kept(self, now):
        after = queue_of(now)
        if self.order is not None:
            assert after == self.order
            return
        was = queue_of(self.was)
        assert [pk for pk in was if pk in after] == [pk for pk in after if pk in was]
        if self.run_was.priority_rule == "in_turn" and self.name == "asks":
            assert after[: len(was)] == was

    def all_of_it_is_recorded(self, now):
        events = Event.objects.filter(pk__gt=self.last_event).order_by("pk")
        last = {int(e.thing_id): e for e in events if e.thing_type == "courses.booking"}
        told = [e for e in events if e.thing_type == "courses.booking" and "state" in e.now]
        states = {int(e.thing_id): e.now["state"] for e in told}
        for pk, row in now.items():
            was = self.was.get(pk)
            if was is None or (was.state, was.holds) != (row.state, row.holds):
                assert states[pk] == row.state
        if self.run_was.places != self.date.now_run.places:
            assert "run.places_changed" in {e.action for e in events}
        assert last.keys() <= now.keys()


# State changes caused by the queue, and by the passing of time.
SERVED = {("waiting", "offered"), ("waiting", "confirmed"), ("requested", "requested")}
BY_TIME = {("offered", "lapsed"), ("requested", "lapsed"), ("requested", "requested")}


def queue_of(rows):
    return [row.pk for row in sorted(rows.values(), key=lambda r: r.turn) if row.in_queue]


@pytest.mark.long(reason="some hundred actions, each compared with the rules")
@pytest.mark.race
@pytest.mark.django_db
def test_the_rules_hold_whatever_comes_in_whatever_order(request):
    made.clear()
    is_stress, number = "STEPS" in os.environ, 0
    while made.total() < STEPS:
        number += 1
        run_state_machine_as_test(
            seed(number)(OneDate) if not is_stress else OneDate,
            settings=settings(
                max_examples=max(1, min(STEPS, 1000) // IN_ONE_GO),
                stateful_step_count=IN_ONE_GO,
                deadline=None,
                database=None,
                # No shrinking: it takes minutes, and a failing sequence is readable as it is.
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    print(f"{made.total()} steps: {dict(made.most_common())}")
