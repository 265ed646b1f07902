"""Test that a reason is asked at every door by which a place is cancelled late."""

import re

import pytest

from courses.booking import booking
from courses.models import Booking
from lms.models import Mail
from tests.factories import PostFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db
NEEDED = "Say why, in a word or more"


def booked(days):
    post = PostFactory()
    run = RunFactory(starts_at=in_days(days))
    return booking.request_place(run, post.person, by=post.person)


def by_the_person(client, made):
    client.force_login(made.person)
    return f"/my/bookings/{made.pk}/cancel/"


def by_link(client, made):
    client.logout()
    text = Mail.objects.filter(template="booking_confirmed").latest("pk").text
    return re.search(r"/cancel/[\w-]+/", text)[0]


def by_the_lead(client, made):
    client.force_login(PostFactory(is_lead=True, agency=made.agency).person)
    return f"/agency/bookings/{made.pk}/cancel/"


def by_the_office(client, made):
    return f"/cms/booking/cancel/{made.pk}/"


DOORS = [by_the_person, by_link, by_the_lead, by_the_office]


def now(made):
    return Booking.objects.get(pk=made.pk)


@pytest.mark.parametrize("door", DOORS)
def test_a_reason_is_needed_when_it_costs_and_a_word_is_enough(client, office, door):
    made = booked(1)
    address = door(client, made)
    refused = client.post(address, {"reason": " "})
    assert NEEDED in refused.content.decode()
    assert now(made).state == "confirmed"
    client.post(address, {"reason": "Ill"})
    assert (now(made).state, now(made).end_reason) == ("withdrawn", "Ill")


@pytest.mark.parametrize("door", DOORS)
def test_none_is_needed_while_it_is_free(client, office, door):
    made = booked(30)
    address = door(client, made)
    if door is not by_the_office:
        assert "Cancelling is free until the end of" in client.get(address).content.decode()
    client.post(address, {})
    assert now(made).state == "withdrawn"


@pytest.mark.parametrize(("days", "said"), [(1, "is charged £80"), (30, "It costs nothing")])
def test_the_person_reads_afterwards_what_it_costs(client, days, said):
    made = booked(days)
    answer = client.post(by_the_person(client, made), {"reason": "Ill"}, follow=True)
    assert said in answer.content.decode()
