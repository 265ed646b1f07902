"""Test a rush on the served site: of 60 people who press at once for 10 places, 10 get one.

Also with all kinds of action at once, and with the site killed meanwhile. The control is served the
same way, with a button leading to `tests.careless`: unless it oversells, the rush proves nothing.
"""

import datetime as dt
import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from http.client import HTTPConnection
from itertools import zip_longest
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from courses.booking import nightly_checks
from courses.models import Booking, Run
from lms import links
from tests.courses.test_booking_races import LEVELS, BusyDate, people, try_places
from tests.factories import CoursePageFactory, PostFactory, RunFactory
from tests.servers import at_once, wait_until

pytestmark = pytest.mark.race
PEOPLE, PLACES = 60, 10
PATIENCE = 180  # Seconds: longer than a request may wait for the database.
TOKEN = "a" * 32


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


def post(site, path, session="", **fields):
    """Post a form and return the status of the answer."""
    return answer_of(site, path, session, **fields)[0]


def answer_of(site, path, session="", **fields):
    """Post a form and return (status, Location header)."""
    address = urlsplit(site.address)
    with closing(HTTPConnection(address.hostname, address.port, timeout=PATIENCE)) as connection:
        connection.request(
            "POST",
            path,
            urlencode({"csrfmiddlewaretoken": TOKEN} | fields),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
            },
        )
        answer = connection.getresponse()
        answer.read()
    return answer.status, answer.headers["Location"]


def press_book(site, run, session):
    """Press the button on 'Check your answers'."""
    return post(site, f"/my/bookings/new/{run.pk}/", session, manager_email="", confirm="1")


def test_ten_are_confirmed_and_fifty_wait_without_an_error(served_site, rounds):
    course = CoursePageFactory().course
    sessions = [signed_in(PostFactory().person) for _ in range(PEOPLE)]
    for _ in range(rounds):
        run = RunFactory(course=course, places=PLACES)
        statuses = at_once(PEOPLE, lambda n, run=run: press_book(served_site, run, sessions[n]))
        assert statuses == [302] * PEOPLE, served_site.said()
        ten_have_a_place(run)


def ten_have_a_place(run):
    states = sorted(run.bookings.values_list("state", flat=True))
    assert states == ["confirmed"] * PLACES + ["waiting"] * (PEOPLE - PLACES)
    assert Run.objects.get(pk=run.pk).taken == PLACES
    assert nightly_checks.runs_miscounted() == []


def test_without_lock_and_counter_the_same_rush_oversells(careless_site):
    """Let four requests look before any of them books; ten is not a multiple of four."""
    run = RunFactory(course=CoursePageFactory().course, places=PLACES)
    sessions = [signed_in(PostFactory().person) for _ in range(PEOPLE)]
    statuses = at_once(PEOPLE, lambda n: press_book(careless_site, run, sessions[n]))
    assert statuses == [302] * PEOPLE, careless_site.said()
    assert run.bookings.confirmed().count() > PLACES


def test_one_person_on_eight_screens_has_one_booking(served_site):
    run, session = RunFactory(course=CoursePageFactory().course), signed_in(PostFactory().person)
    statuses = at_once(8, lambda n: press_book(served_site, run, session))
    assert statuses == [302] * 8, served_site.said()
    assert Booking.objects.count() == 1


def test_all_that_can_be_pressed_at_once_oversells_nothing_and_loses_nobody(served_site, rounds):
    crowd, course = people(40), CoursePageFactory().course
    sessions = {person.pk: signed_in(person) for person in crowd}
    for many in LEVELS:
        for attempt in range(rounds):
            date = BusyDate(crowd[: many * 3 // 4], course=course)
            newcomers = crowd[many * 3 // 4 : many * 5 // 4]
            doings = served_doings(served_site, date, newcomers, sessions)[:many]
            date.asked |= {one.args[3] for one in doings if one.func is books}
            random.Random(attempt).shuffle(doings)
            answers = at_once(len(doings), lambda n, doings=doings: doings[n]())
            assert set(answers) <= {200, 302}, f"{answers}\n{served_site.said()}"
            date.is_as_the_rules_say()


def books(site, run, session, person):
    return press_book(site, run, session)


def served_doings(site, date, newcomers, sessions):
    """Interleave requests to the site and the office's verbs: any prefix is a mixture."""
    run = date.run
    offers = [(links.create("offer", one, **sent()), one) for one in date.bookings["offered"]]
    approvals = [links.create("approval", one, **sent()) for one in date.bookings["requested"]]
    date.may_end |= {one.pk for one in [*date.bookings["confirmed"], *date.bookings["offered"]]}
    kinds = [
        [partial(books, site, run, sessions[one.pk], one) for one in newcomers],
        [
            partial(post, site, f"/my/bookings/{one.pk}/cancel/", sessions[one.person_id])
            for one in date.bookings["confirmed"]
        ],
        [partial(post, site, f"/offers/{token}/", accept="1") for token, _ in offers],
        [partial(post, site, f"/approvals/{one}/", decision="approve") for one in approvals],
        [partial(changes_places, run, run.places + by) for by in (2, -1, 3, 0)],
        [partial(post, site, f"/offers/{token}/", decline="1") for token, _ in offers[::2]],
        [partial(post, site, f"/approvals/{one}/", decision="approve") for one in approvals],
    ]
    return [one for row in zip_longest(*kinds) for one in row if one]


def sent():
    return {"sent_to": "someone@example.org", "until": timezone.now() + dt.timedelta(days=1)}


def changes_places(run, places):
    try_places(run, places)
    return 200


@pytest.mark.parametrize("killed", ["its processes", "all of it"])
def test_killed_in_the_middle_of_a_rush_what_was_answered_is_there(served_site, killed):
    """Kill processes during a rush; whoever had no answer presses again, as people do."""
    run = RunFactory(course=CoursePageFactory().course, places=PLACES)
    crowd = people(PEOPLE)
    sessions = [signed_in(person) for person in crowd]
    with ThreadPoolExecutor(1) as thread:
        rush = thread.submit(at_once, PEOPLE, lambda n: press_book(served_site, run, sessions[n]))
        # In the main thread: processes that another thread starts end with that thread.
        kill_amid(served_site, run, killed)
        answers = rush.result()
    answered = {crowd[n].pk for n, answer in enumerate(answers) if answer == 302}
    unanswered = [n for n, answer in enumerate(answers) if isinstance(answer, Exception)]
    assert len(answered) + len(unanswered) == PEOPLE, served_site.said()
    assert unanswered, "It was not killed in the middle, which proves nothing."
    assert answered <= set(run.bookings.live().values_list("person", flat=True))
    assert nightly_checks.runs_miscounted() == []

    served_site.wait_until_healthy()
    again = at_once(
        len(unanswered), lambda n: press_book(served_site, run, sessions[unanswered[n]])
    )
    assert again == [302] * len(unanswered), served_site.said()
    ten_have_a_place(run)


def kill_amid(site, run, killed):
    wait_until(lambda: run.bookings.count() >= PEOPLE // 4)
    processes = site.web_processes()
    doomed = [site.web.pid, *processes] if killed == "all of it" else processes
    for pid in doomed:
        with suppress(ProcessLookupError):  # Gone already, with its master.
            os.kill(pid, signal.SIGKILL)
    if killed == "all of it":
        site.web.wait()
        site.start()
