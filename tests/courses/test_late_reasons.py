"""Test that a reason is asked at every door by which a place is cancelled late."""

import re

import pytest

from courses.booking import booking
from courses.models import Booking
from lms.models import Mail
from tests.factories import BookingFactory, CoursePageFactory, PostFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db
NEEDED = "Say why, in a word or more"


def booked(days, **facts):
    post = PostFactory()
    run = RunFactory(starts_at=in_days(days), **facts)
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


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("days", "said"), [(1, "is charged £80"), (30, " will not be charged.")])
def test_whoever_cancels_reads_afterwards_what_it_costs(client, office, door, days, said):
    made = booked(days)
    answer = client.post(door(client, made), {"reason": "Ill"}, follow=True)
    assert said in answer.content.decode()


@pytest.mark.parametrize("door", DOORS)
def test_whoever_cancels_reads_before_that_it_is_free(client, office, door):
    made = booked(30)
    assert "ancelling is free until the end of" in client.get(door(client, made)).content.decode()


@pytest.mark.parametrize("state", ["waiting", "requested", "offered"])
def test_giving_up_what_is_no_place_yet_is_free_before_and_after(client, state):
    made = BookingFactory(state=state, run__starts_at=in_days(1))
    client.force_login(made.person)
    address = f"/my/bookings/{made.pk}/cancel/"
    assert "This is free." in client.get(address).content.decode()
    assert "You will not be charged." in client.post(address, follow=True).content.decode()


@pytest.mark.parametrize("door", [by_the_person, by_link])
def test_the_person_is_led_to_other_dates_afterwards(client, door):
    course = CoursePageFactory(course__title="Supervision", course__code="SUP").course
    made = booked(30, course=course)
    page = client.post(door(client, made), follow=True).content.decode()
    assert 'href="/courses/sup/#dates">Other dates of Supervision</a>' in page


@pytest.mark.parametrize(
    ("days", "cost"), [(1, "is charged £80"), (30, "You will not be charged.")]
)
def test_the_page_of_a_cancelled_booking_still_says_why_and_what_it_costs(client, days, cost):
    made = booked(days)
    client.post(by_the_person(client, made), {"reason": "Ill"}, follow=True)
    page = client.get(f"/my/bookings/{made.pk}/").content.decode()
    assert cost in page
    assert ("Reason: Ill" in page) == (days == 1)
