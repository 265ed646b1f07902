"""Test that a second date of one course is warned of or refused, as the course says."""

import pytest

from courses.booking import booking
from courses.booking.booking import BookingRefused
from courses.models import Booking
from tests.factories import CoursePageFactory, PostFactory, RunFactory, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return CoursePageFactory().course


def booked(course, **run):
    """Return somebody with a booking on one date of the course, and another date of it."""
    person = PostFactory().person
    first = RunFactory(**{"course": course, "starts_at": in_days(40)} | run)
    return booking.request_place(first, person, by=person), RunFactory(course=course)


def test_it_is_warned_of_on_each_page_before_it_is_booked(client, course):
    made, second = booked(course)
    client.force_login(made.person)
    address = f"/my/bookings/new/{second.pk}/"
    for page in (client.get(address), client.post(address, {"manager_email": ""})):
        assert "You are already booked or waiting for this course" in page.content.decode()
    client.post(address, {"manager_email": "", "confirm": "yes"})
    assert Booking.objects.live().filter(person=made.person).count() == 2


def test_it_is_refused_where_the_course_says_so_by_page_and_verb(client, course):
    course.second_date = "refuse"
    course.save()
    made, second = booked(course)
    client.force_login(made.person)
    address = f"/my/bookings/new/{second.pk}/"
    for answers in ({}, {"manager_email": "", "confirm": "yes"}):
        assert "can have one place on this course" in client.post(address, answers).content.decode()
    with pytest.raises(BookingRefused, match="one place on this course"):
        booking.request_place(second, made.person, by=made.person)
    booking.withdraw(made, by=made.person)
    assert booking.request_place(second, made.person, by=made.person).is_live


def test_a_date_that_is_over_or_another_course_is_no_second_date(course):
    course.second_date = "refuse"
    course.save()
    made, second = booked(course)
    made.run.sessions.update(starts_at=in_days(-3), ends_at=in_days(-3, "12:00"))
    type(made.run).objects.filter(pk=made.run_id).update(starts_at=in_days(-3))
    assert booking.request_place(second, made.person, by=made.person).is_live
    elsewhere = RunFactory()
    assert booking.request_place(elsewhere, made.person, by=made.person).is_live


def test_the_office_can_make_an_exception(course, office):
    course.second_date = "refuse"
    course.save()
    made, second = booked(course)
    added = booking.add_regardless(second, made.person, by=office, reason="Two teams.")
    assert added.state == "confirmed"
