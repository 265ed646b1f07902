"""Test what a course's page says about requirements, eligibility and waiting."""

import datetime as dt
import re
from itertools import product

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.booking import booking
from courses.models import Evidence, Reserve
from courses.rules import eligibility
from courses.templatetags.moments import time_left
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CompletionFactory,
    CourseFactory,
    CoursePageFactory,
    FeeFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
    RunFactory,
    SectorFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def said(response):
    return " ".join(response.content.decode().split())


def a_course(**facts):
    return CoursePageFactory(course=CourseFactory(**{"code": "SUP"} | facts)).course


def page(client, person=None):
    if person:
        client.force_login(person)
    response = client.get("/courses/sup/")
    return said(response), response.context["needs"]


def met(needs):
    return [(need.words, need.is_met) for need in needs.listed]


def test_a_course_for_everybody_asks_for_nothing(client):
    RunFactory(course=a_course())
    words, needs = page(client, PostFactory().person)
    assert met(needs) == []
    assert "What you need to book" not in words


def test_who_is_not_signed_in_reads_what_it_takes(client):
    course = a_course(charges_fee=True)
    course.for_role_groups.set([RoleGroupFactory(name="Midwives")])
    course.for_sectors.set([SectorFactory(name="Health")])
    RunFactory(course=course, asks_approval=True)
    words, needs = page(client)
    assert met(needs) == [
        ("It is only for Midwives", None),
        ("It is only for agencies of: Health", None),
        (
            "Your manager’s approval. We write to them for it when you book, and a place is held "
            "for 5 working days",
            None,
        ),
        ("Agencies of some sectors pay for attending. Sign in to see if yours does", None),
    ]
    assert "You meet this" not in words
    assert "Before you book" not in words


def test_who_meets_it_is_told_so_and_can_book(client):
    course = a_course()
    course.for_role_groups.set([RoleGroupFactory(name="Midwives")])
    course.for_sectors.set([SectorFactory(name="Health")])
    RunFactory(course=course)
    words, needs = page(client, PostFactory().person)
    assert [is_met for _, is_met in met(needs)] == [True, True]
    assert "You meet this" in words
    assert "Book a place" in words


@pytest.mark.parametrize(
    ("only_for", "sentence"),
    [
        ("for_role_groups", "correct your profession in"),
        ("for_sectors", "If you need it all the same, ask the training office."),
    ],
)
def test_who_does_not_meet_it_reads_what_to_do(client, only_for, sentence):
    course = a_course()
    other = {"for_role_groups": RoleGroupFactory, "for_sectors": SectorFactory}[only_for]
    getattr(course, only_for).set([other(name="Police")])
    run = RunFactory(course=course)
    words, _ = page(client, PostFactory().person)
    assert "Before you book" in words
    assert sentence in words
    assert f"/my/bookings/new/{run.pk}/" not in words


def test_any_of_ones_jobs_will_do(client):
    course = a_course()
    course.for_role_groups.set([RoleGroupFactory(name="Teachers")])
    run = RunFactory(course=course)
    teacher = PostFactory(role_group=RoleGroupFactory(name="Teachers"))
    PostFactory(person=teacher.person)
    words, needs = page(client, teacher.person)
    assert needs.post == teacher
    assert f"/my/bookings/new/{run.pk}/" in words


def test_who_has_no_job_is_shown_where_to_say_it(client):
    RunFactory(course=a_course())
    words, _ = page(client, PersonFactory())
    assert 'href="/welcome/?next=/courses/sup/">Say where you work</a>' in words
    assert "Book a place" in words


def test_a_prerequisite_is_met_missing_or_being_looked_at(client):
    done, sent, missing = (CoursePageFactory().course for _ in range(3))
    RunFactory(course=a_course(prerequisites=[done, sent, missing]))
    person = PostFactory().person
    CompletionFactory(person=person, course=done)
    Evidence.objects.create(
        person=person,
        course=sent,
        title="Like it",
        provider="Others",
        completed_on=timezone.localdate(),
        sent_at=timezone.now(),
    )
    words, needs = page(client, person)
    assert sorted((need.course.pk, need.is_met) for need in needs.listed) == sorted(
        [(done.pk, True), (sent.pk, False), (missing.pk, False)]
    )
    assert "You have sent us proof of training elsewhere." in words
    assert "Book that first, or" in words
    assert missing.page.url in words


def test_the_fee_is_that_of_ones_own_agency(client):
    FeeFactory(sector=SectorFactory(name="Education"))
    RunFactory(course=a_course(charges_fee=True))
    school = AgencyFactory(name="Harbour School", sector=SectorFactory(name="Education"))
    words, _ = page(client, PostFactory(agency=school).person)
    assert "Attending costs Harbour School £80 a day" in words
    health = AgencyFactory(name="City Midwifery")
    words, _ = page(client, PostFactory(agency=health).person)
    assert "Attending is free for City Midwifery" in words


def test_each_date_says_until_when_cancelling_is_free(client):
    course = a_course()
    run = RunFactory(course=course, starts_at=in_days(20))
    RunFactory(course=course, starts_at=in_days(1))
    words, _ = page(client)
    last = timezone.localdate(run.starts_at) - dt.timedelta(days=3)
    later = "Later, or if you do not come, it costs an agency £80."
    assert f"Cancelling is free until the end of {last:%A %-d %B %Y}. {later}" in words
    assert "Cancelling, or not coming, costs an agency £80." in words


def test_who_would_wait_though_places_are_free_reads_why(client):
    course, mine = a_course(), PostFactory(agency__name="City Midwifery")
    capped = RunFactory(course=course, agency_cap=1)
    BookingFactory(run=capped, agency=mine.agency)
    reserved = RunFactory(course=course, places=2)
    Reserve.objects.create(
        run=reserved, sector=SectorFactory(name="Police"), places=2, release_on=in_days(9).date()
    )
    words, _ = page(client, mine.person)
    assert "City Midwifery has its one place on this date already." in words
    assert "The places that are left are kept for other agencies for now." in words
    assert words.count("Join the waiting list<") == 2
    words, _ = page(client, PostFactory(agency__sector=SectorFactory(name="Police")).person)
    assert "Join the waiting list<" not in words


def test_the_page_asks_as_much_for_three_dates_with_shares_as_for_one(client):
    course = a_course(charges_fee=True, prerequisites=[CourseFactory()])
    course.for_role_groups.set([RoleGroupFactory()])
    course.for_sectors.set([SectorFactory()])
    FeeFactory()
    mine = PostFactory()
    client.force_login(mine.person)

    def add_date():
        run = RunFactory(course=course, agency_cap=3, asks_approval=True)
        BookingFactory(run=run, agency=mine.agency)
        BookingFactory(run=run)
        BookingFactory(run=run, state="waiting")
        Reserve.objects.create(
            run=run, sector=SectorFactory(name="Police"), places=2, release_on=in_days(9).date()
        )

    def queries():
        client.get("/courses/sup/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/courses/sup/")
        return len(asked)

    add_date()
    one = queries()
    add_date()
    add_date()

    assert queries() == one


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ({"days": 1, "hours": 3, "minutes": 59}, "1 day and 3 hours left"),
        ({"days": 2}, "2 days left"),
        ({"hours": 1, "minutes": 1}, "1 hour and 1 minute left"),
        ({"minutes": 5}, "5 minutes left"),
        ({"seconds": 40}, "less than a minute left"),
        ({"seconds": 0}, ""),
        ({"days": -1}, ""),
    ],
)
def test_the_time_that_is_left_is_told_in_words(left, words):
    with time_machine.travel(dt.datetime(2027, 6, 1, 9, tzinfo=dt.UTC), tick=False):
        assert time_left(timezone.now() + dt.timedelta(**left)) == words


@pytest.mark.parametrize("unmet", list(product([False, True], repeat=3)), ids=str)
def test_what_the_page_lists_as_unmet_is_what_booking_refuses(client, unmet):
    course, person = a_course(), PostFactory().person
    first, run = CourseFactory(title="Level 1"), RunFactory(course=course)
    course.for_role_groups.set([RoleGroupFactory(name="Police" if unmet[0] else "Midwives")])
    course.for_sectors.set([SectorFactory(name="Police" if unmet[1] else "Health")])
    course.prerequisites.set([first])
    if not unmet[2]:
        CompletionFactory(person=person, booking__run__course=first)
    _, needs = page(client, person)
    assert [need.is_met is False for need in needs.listed] == list(unmet)
    told = ["is for Police", "of these sectors: Police", "to complete Level 1"]
    refused = eligibility.why_refused(run, person)
    if any(unmet):
        assert told[unmet.index(True)] in refused
        with pytest.raises(eligibility.BookingRefused, match=re.escape(refused)):
            booking.request_place(run, person, by=person)
    else:
        assert not refused
        assert booking.request_place(run, person, by=person).state == "confirmed"
