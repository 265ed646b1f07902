"""Do 60 people who press at once for 10 places, on the site as it is served, get 10 places?

The control is served the same way, with a button that leads to `tests.careless`: it must oversell,
or the rush would prove nothing.
"""

import http.client
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from courses import nightly
from courses.models import Booking, Run
from tests.factories import CoursePageFactory, PostFactory, RunFactory
from tests.servers import ServedSite, at_once

pytestmark = pytest.mark.race
PEOPLE, PLACES = 60, 10
TOKEN = "a" * 32


@pytest.fixture
def careless_site(own_database, data_folder):
    site = ServedSite(own_database, data_folder, DJANGO_SETTINGS_MODULE="tests.careless.settings")
    try:
        site.start()
        yield site
    finally:
        site.stop()


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


def press_book(site, run, session):
    """The button on 'Check your answers'; the status and where it leads."""
    address = urlsplit(site.address)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.request(
        "POST",
        f"/my/bookings/new/{run.pk}/",
        urlencode({"csrfmiddlewaretoken": TOKEN, "manager_email": "", "confirm": "1"}),
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
        },
    )
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_ten_are_confirmed_and_fifty_wait_without_an_error(served_site, rounds):
    course = CoursePageFactory().course
    sessions = [signed_in(PostFactory().person) for _ in range(PEOPLE)]
    for _ in range(rounds):
        run = RunFactory(course=course, places=PLACES)
        statuses = at_once(PEOPLE, lambda n, run=run: press_book(served_site, run, sessions[n]))
        assert statuses == [302] * PEOPLE, served_site.said()
        states = sorted(run.bookings.values_list("state", flat=True))
        assert states == ["confirmed"] * PLACES + ["waiting"] * (PEOPLE - PLACES)
        assert Run.objects.get(pk=run.pk).taken == PLACES
        assert nightly.runs_miscounted() == []


def test_without_lock_and_counter_the_same_rush_oversells(careless_site):
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
