"""Test that a second date of one course is warned of or refused, as the course says."""

import pytest
from django.db import transaction
from django.test import Client

from courses.booking import booking
from courses.booking.booking import BookingRefused
from courses.models import Booking, Run
from lms import links
from lms.models import Mail
from tests.factories import (
    BookingFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

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


def waiting_on_two_dates(course, state, **second):
    """Return a booking of this state on the second date, of who has a place on the first."""
    course.second_date = "refuse"
    course.save()
    made, _ = booked(course)
    run = RunFactory(course=course, places=1, **second)
    holds = {"holds_place": True} if state == "requested" else {}
    return made, BookingFactory(
        run=run, person=made.person, agency=made.agency, state=state, **holds
    )


def accept(theirs):
    return booking.accept_offer(theirs, by=theirs.person)


def approve(theirs):
    return booking.approve(theirs, by=PersonFactory())


def press_accept(theirs):
    client = Client()
    client.force_login(theirs.person)
    client.post(f"/my/bookings/{theirs.pk}/offer/", {"accept": "yes"})


def approve_by_link(theirs):
    lead = PostFactory(agency=theirs.agency, is_lead=True).person
    token = links.create("approval", theirs, sent_to=lead.email, until=in_days(5))
    Client().post(f"/approvals/{token}/", {"decision": "approve"})


def accept_by_link(theirs):
    token = links.create("offer", theirs, sent_to=theirs.person.email, until=in_days(5))
    Client().post(f"/offers/{token}/", {"accept": "yes"})


# Every door by which somebody who has asked already gets a place: the state, and the press.
DOORS = {
    "accept": ("offered", accept),
    "accept in My learning": ("offered", press_accept),
    "accept by link": ("offered", accept_by_link),
    "approve": ("requested", approve),
    "approve by link": ("requested", approve_by_link),
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_gives_a_second_place(course, door):
    state, press = DOORS[door]
    made, theirs = waiting_on_two_dates(course, state)
    if state == "offered":
        Booking.objects.filter(pk=theirs.pk).update(offered_until=in_days(3))
        theirs.refresh_from_db()
    if door in ("accept", "approve"):
        with pytest.raises(BookingRefused, match="one place on this course"):
            press(theirs)
    else:
        press(theirs)
    theirs.refresh_from_db()
    assert theirs.state == state
    # Without the first, the second is theirs.
    booking.withdraw(made, by=made.person)
    press(theirs)
    theirs.refresh_from_db()
    assert theirs.state == "confirmed"


def test_a_free_place_is_offered_rather_than_given_to_who_has_one_on_another_date(course):
    _, theirs = waiting_on_two_dates(course, "waiting", freed_places="at_once")
    other = BookingFactory(run=theirs.run, state="waiting")
    Run.objects.filter(pk=theirs.run_id).update(places=2)
    run = Run.objects.get(pk=theirs.run_id)
    with transaction.atomic():
        booking.fill_free_places(Run.objects.lock(run), by="CLOCK")
    theirs.refresh_from_db()
    other.refresh_from_db()
    assert (theirs.state, other.state) == ("offered", "confirmed")
    assert theirs.offered_until and not other.offered_until
    letters = {mail.to: mail.template for mail in Mail.objects.order_by("pk")}
    assert letters[theirs.person.email] == "place_offered"
    assert letters[other.person.email] == "booking_confirmed"


def test_a_colleague_who_has_a_place_on_another_date_cannot_take_over(course):
    course.second_date = "refuse"
    course.save()
    made, second = booked(course)
    giver = BookingFactory(run=second, agency=made.agency)
    with pytest.raises(BookingRefused, match="does not meet what this course asks for"):
        booking.substitute(giver, made.person, by=giver.person)
    booking.withdraw(made, by=made.person)
    assert booking.substitute(giver, made.person, by=giver.person).state == "confirmed"
