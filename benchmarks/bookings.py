"""Measure bookings per second on one date, against a bare view."""

from statistics import median
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.load import press
from courses.models import Run
from tests.factories import CoursePageFactory, PostFactory, RunFactory
from tests.servers import ServedSite

PLACES, PEOPLE, ROUNDS = 30, 96, 5
LEVELS = (8, 16, 32)
LEAST_OF_BARE, MOST_QUERIES = 0.3, 25
TOKEN = "a" * 32
BARE, OURS = "/bare/{}/", "/my/bookings/new/{}/"


def measure(database_url, folder):
    yield (
        f"## Booking ({PEOPLE} people, signed in, press for {PLACES} places of one date; gunicorn:"
        f" 2 processes, 4 threads; the middle of {ROUNDS} rounds, in turn with the bare view)"
    )
    yield ""
    course = CoursePageFactory().course
    sessions = [signed_in(PostFactory().person) for _ in range(PEOPLE)]
    with ServedSite(
        database_url, folder, DJANGO_SETTINGS_MODULE="benchmarks.settings"
    ).serving() as site:
        for path in (BARE, OURS):
            rush(site, path, course, sessions[:16], 8)
        for clients in LEVELS:
            yield from at_once(site, course, sessions, clients)
    yield f"- {queries(course)} queries a booking, its page and its session included"
    yield f"- Goals: at least {LEAST_OF_BARE} of the bare view, at most {MOST_QUERIES} queries"
    yield ""


def at_once(site, course, sessions, clients):
    loads = {BARE: [], OURS: []}
    for _ in range(ROUNDS):
        for path, found in loads.items():
            found.append(rush(site, path, course, sessions, clients))
    rate = {path: median(load.rate for load in found) for path, found in loads.items()}
    cpu = {path: median(load.cpu_ms for load in found) for path, found in loads.items()}
    yield (
        f"- {clients} clients: {rate[OURS]:.0f} bookings/s ({cpu[OURS]:.1f} ms CPU), bare"
        f" {rate[BARE]:.0f}/s ({cpu[BARE]:.1f} ms): {rate[OURS] / rate[BARE]:.2f} of it by the"
        f" clock, {cpu[BARE] / cpu[OURS]:.2f} by CPU"
    )


def rush(site, path, course, sessions, clients):
    run = RunFactory(course=course, places=PLACES)
    load = press(site, [post(path.format(run.pk), session) for session in sessions], clients)
    assert set(load.statuses) == {302}, site.said()
    taken = Run.objects.get(pk=run.pk).taken
    assert taken == run.bookings.filter(holds_place=True).count() == min(PLACES, len(sessions))
    assert run.bookings.count() == len(sessions)
    return load


def post(path, session):
    body = urlencode({"csrfmiddlewaretoken": TOKEN, "manager_email": "", "confirm": "1"})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
    }

    def request(connection):
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    return request


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


def queries(course):
    """Count the queries of a booking that gets a place, without transaction statements."""
    run, client = RunFactory(course=course, places=PLACES), Client()
    client.force_login(PostFactory().person)
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(OURS.format(run.pk), {"manager_email": "", "confirm": "1"})
    assert answer.status_code == 302
    words = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return sum(not one["sql"].startswith(words) for one in asked.captured_queries)
