"""Test that a prerequisite, wherever it is named, leads to its course and says its next date."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Board
from courses.booking import booking
from courses.completion import completing, prerequisites
from courses.models import Booking, Completion
from courses.rules.prerequisites import next_date_in_words, with_next_dates
from lms.formatting import weekday
from lms.models import Mail
from tests.factories import (
    CompletionFactory,
    CoursePageFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def said(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def first():
    """Return a course with a full date and a later one with places."""
    course = CoursePageFactory(course__title="Foundations", course__code="FND").course
    RunFactory(course=course, places=0, starts_at=in_days(10))
    RunFactory(course=course, places=3, starts_at=in_days(20))
    return course


@pytest.fixture
def second(first):
    course = CoursePageFactory(course__title="Supervision", course__code="SUP").course
    course.prerequisites.add(first)
    return course


def day_in(days):
    return weekday(timezone.localdate(in_days(days)))


def leads_on(page):
    return 'href="/courses/fnd/' in page and f"The next date is {day_in(20)}." in page


def of_the_course(client, run, post):
    return client.get("/courses/sup/")


def of_the_form(client, run, post):
    return client.get(f"/my/bookings/new/{run.pk}/")


def of_the_last_press(client, run, post):
    return client.post(f"/my/bookings/new/{run.pk}/", {"confirm": "yes"})


def of_the_booking(client, run, post):
    done = CompletionFactory(person=post.person, course=run.course.prerequisites.get())
    made = booking.request_place(run, post.person, by=post.person)
    done.delete()
    return client.get(f"/my/bookings/{made.pk}/")


def of_the_leads_check(client, run, post):
    client.force_login(PostFactory(agency=post.agency, is_lead=True).person)
    return client.post(f"/agency/dates/{run.pk}/", {"colleagues": [post.pk]})


def of_what_the_lead_did(client, run, post):
    client.force_login(PostFactory(agency=post.agency, is_lead=True).person)
    return client.post(f"/agency/dates/{run.pk}/", {"colleagues": [post.pk], "confirm": "yes"})


PAGES = [
    of_the_course, of_the_form, of_the_last_press, of_the_booking, of_the_leads_check,
    of_what_the_lead_did,
]  # fmt: skip


@pytest.mark.parametrize("ask", PAGES)
def test_every_page_that_names_a_prerequisite_leads_to_it(client, second, ask):
    run, post = RunFactory(course=second), PostFactory()
    client.force_login(post.person)
    page = said(ask(client, run, post))
    assert "Foundations" in page
    assert leads_on(page)


def test_a_booking_by_exception_or_over_names_none(client, second):
    post, run = PostFactory(), RunFactory(course=second)
    made = booking.add_regardless(run, post.person, by="OFFICE", reason="Knows it all.")
    client.force_login(post.person)
    assert "Foundations" not in said(client.get(f"/my/bookings/{made.pk}/"))


def test_the_emails_about_a_completion_that_was_withdrawn_lead_to_the_course(first, second):
    post = PostFactory()
    done = CompletionFactory(person=post.person, course=first)
    booking.request_place(RunFactory(course=second), post.person, by=post.person)
    completing.withdraw(done, by="OFFICE", reason="Marked by mistake.")
    for to in (post.person.email, Board.load().email):
        text = Mail.objects.filter(to=to, text__contains="Foundations").latest("pk").text
        assert "/courses/fnd/" in text
    mail = Mail.objects.get(template="prerequisite_withdrawn")
    assert f"The next date is {day_in(20)}." in mail.text


def test_a_full_date_is_said_where_no_other_is_open(first):
    first.runs.filter(places=3).update(booking_closes_at=timezone.now())
    with_next_dates([first])
    assert next_date_in_words(first).startswith(f"The next date is {day_in(10)}. That date is full")
    first.runs.update(cancelled_at=timezone.now())
    with_next_dates([first])
    assert next_date_in_words(first) == "It has no date that can be booked at present."


def test_the_next_dates_of_many_are_one_query(first, second, django_assert_num_queries):
    with django_assert_num_queries(1):
        with_next_dates([first, second])
    with django_assert_num_queries(0):
        with_next_dates([])


def test_a_course_asks_as_much_for_three_prerequisites_as_for_one(client, second):
    RunFactory(course=second)
    client.force_login(PostFactory().person)
    client.get("/courses/sup/")
    counts = []
    for number in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert leads_on(said(client.get("/courses/sup/")))
        counts.append(len(queries))
        page = CoursePageFactory(course__title=f"Another {number}", course__code=f"A{number}")
        second.prerequisites.add(page.course)
        client.get("/courses/sup/")
    assert len(set(counts)) == 1
    assert not Booking.objects.exists()


def test_withdrawing_many_looks_up_where_it_leads_once(first, second):
    run = RunFactory(course=second, places=None)

    def withdraw(number):
        posts = [PostFactory() for _ in range(number)]
        done = [CompletionFactory(person=post.person, course=first) for post in posts]
        for post in posts:
            booking.request_place(run, post.person, by=post.person)
        with CaptureQueriesContext(connection) as queries:
            completing.withdraw_each(done, "Marked by mistake.", by="OFFICE")
        return sum('FROM "courses_run" ' in query["sql"] for query in queries)

    assert withdraw(1) == withdraw(4)


@pytest.mark.parametrize("what", ["the same again", "another"])
def test_who_was_told_once_is_told_by_night_of_what_is_withdrawn_later(first, second, what):
    post, third = PostFactory(), CoursePageFactory(course__title="Third").course
    second.prerequisites.add(third)
    done = CompletionFactory(person=post.person, course=first)
    other = CompletionFactory(person=post.person, course=third)
    booking.request_place(RunFactory(course=second), post.person, by=post.person)
    completing.withdraw(done, by="OFFICE", reason="Marked by mistake.")
    assert prerequisites.tell_untold() == 0
    if what == "the same again":
        other = CompletionFactory(person=post.person, course=first)
    # By a door that tells nobody.
    Completion.objects.filter(pk=other.pk).update(withdrawn_at=timezone.now())
    assert [prerequisites.tell_untold(), prerequisites.tell_untold()] == [1, 0]
    first_mail, last = Mail.objects.filter(template="prerequisite_withdrawn").order_by("pk")
    assert "Foundations" in first_mail.text
    assert ("Foundations" in last.text, "Third" in last.text) == (
        (True, False) if what == "the same again" else (False, True)
    )
