"""Test the course catalogue (search, filters, pages) and the dates on a course's page."""

import datetime as dt

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Booking, Course, CoursePage
from protocols.models import Topic
from tests.factories import (
    BookingFactory,
    CompletionFactory,
    CourseFactory,
    CoursePageFactory,
    LevelFactory,
    PersonFactory,
    RunFactory,
    VenueFactory,
    in_days,
    the_catalogue,
)

pytestmark = pytest.mark.django_db


def titles(response):
    return [course.title for course in response.context["courses"]]


def said(response):
    """Return the page's text with white space collapsed."""
    return " ".join(response.content.decode().split())


def in_catalogue(title="Supervision", **course):
    return CoursePageFactory(course=CourseFactory(title=title, **course)).course


def topic(name, **fields):
    return Topic.objects.create(name=name, slug=name.lower().replace(" ", "-"), **fields)


def test_shows_every_course_that_is_offered_with_a_page(client):
    in_catalogue("Supervision")
    in_catalogue("Neglect")
    in_catalogue("No longer taught", is_offered=False)
    CourseFactory(title="Without a page")
    CoursePage.objects.filter(course=in_catalogue("Withdrawn")).update(live=False)

    response = client.get("/courses/")

    assert titles(response) == ["Neglect", "Supervision"]
    assert "2 courses" in said(response)


def test_says_so_when_there_is_no_course(client):
    the_catalogue()

    assert "The catalogue has no courses at present." in said(client.get("/courses/"))


@pytest.mark.parametrize(
    "words", ["supervision", "think SUPER", "spv", "midwives", "listen well", "reflective"]
)
def test_finds_words_wherever_they_stand(client, words):
    course = in_catalogue(
        "Supervision: time to think",
        code="SPV",
        audience="Midwives and their managers",
        outcomes="Listen well.",
    )
    course.topics.add(topic("Reflective practice"))
    in_catalogue("Neglect")

    response = client.get("/courses/", {"q": words})

    assert titles(response) == ["Supervision: time to think"]
    assert "1 course found" in said(response)


@pytest.mark.parametrize("words", ["exploited", "exploits child", "“exploit”"])
def test_finds_other_forms_of_a_word_as_the_search_of_the_site_does(client, words):
    in_catalogue("Exploitation of children")
    in_catalogue("Neglect")
    call_command("update_search", verbosity=0)

    assert titles(client.get("/courses/", {"q": words})) == ["Exploitation of children"]


def test_nothing_found_says_what_to_try(client):
    in_catalogue()

    response = client.get("/courses/", {"q": "zebra"})

    assert titles(response) == []
    assert "No courses found" in said(response)
    assert "Try fewer words, or another topic or date." in said(response)


def test_a_topic_covers_its_narrower_ones(client):
    wide = topic("Pregnancy")
    in_catalogue("Unborn baby", topics=[topic("Concealed pregnancy", parent=wide)])
    in_catalogue("Neglect", topics=[topic("Neglect")])

    assert titles(client.get("/courses/", {"topic": "pregnancy"})) == ["Unborn baby"]
    assert titles(client.get("/courses/", {"topic": "neglect"})) == ["Neglect"]


def test_filters_by_format_and_level(client):
    specialist = LevelFactory(name="Specialist")
    in_catalogue("Both", kind=Course.Kind.BRIEFING, format="", level=specialist)
    in_catalogue("Only the format", kind=Course.Kind.BRIEFING, format="")
    in_catalogue("Only the level", level=specialist)

    response = client.get("/courses/", {"format": "briefing", "level": specialist.pk})

    assert titles(response) == ["Both"]


@time_machine.travel("2027-01-10 12:00 +0000", tick=False)
def test_filters_by_month_in_local_time(client):
    # In London it is already April when this begins; in UTC it is the last hour of March.
    april = dt.datetime(2027, 3, 31, 23, 30, tzinfo=dt.UTC)
    RunFactory(course=in_catalogue("In April"), starts_at=april)
    RunFactory(course=in_catalogue("In May"), starts_at=april + dt.timedelta(days=31))
    in_catalogue("Never")

    assert titles(client.get("/courses/", {"when": "2027-03"})) == []
    assert titles(client.get("/courses/", {"when": "2027-04"})) == ["In April"]
    assert titles(client.get("/courses/", {"when": "next-3-months"})) == ["In April"]


def test_filters_by_places_free(client):
    RunFactory(course=in_catalogue("Free"), places=1)
    RunFactory(course=in_catalogue("No limit"), places=None)
    RunFactory(course=in_catalogue("Full"), places=0)
    RunFactory(course=in_catalogue("Closed"), booking_closes_at=timezone.now())
    RunFactory(course=in_catalogue("Cancelled"), cancelled_at=timezone.now())

    assert titles(client.get("/courses/", {"places": "on"})) == ["Free", "No limit"]


def test_the_next_date_is_of_those_that_were_asked_for(client):
    course = in_catalogue()
    RunFactory(course=course, places=0, starts_at=in_days(10))
    free = RunFactory(course=course, places=3, starts_at=in_days(20))

    (found,) = client.get("/courses/", {"places": "on"}).context["courses"]

    assert found.next_date == free


@time_machine.travel("2027-03-20 12:00 +0000", tick=False)
def test_the_next_date_is_told_in_local_time(client):
    summer = dt.datetime(2027, 4, 6, 8, 30, tzinfo=dt.UTC)
    RunFactory(course=in_catalogue(), starts_at=summer)

    assert "Tue 6 Apr 2027, 09:30" in said(client.get("/courses/"))


@pytest.mark.parametrize(
    ("run", "waiting", "words"),
    [
        ({"places": 3}, 0, "3 places left"),
        ({"places": 1}, 0, "1 place left"),
        ({"places": None}, 0, "Places for everybody"),
        ({"places": 0}, 0, "Full"),
        ({"places": 0}, 4, "Full, 4 waiting"),
        ({"places": 3}, 2, "2 waiting"),
        ({"places": 3, "booking_closes_at": in_days(-1)}, 0, "Not open for booking"),
    ],
)
def test_says_in_words_how_many_places_are_left(client, run, waiting, words):
    run = RunFactory(course=in_catalogue(code="SUP"), **run)
    BookingFactory.create_batch(waiting, run=run, state=Booking.State.WAITING)

    assert f">{words}<" in said(client.get("/courses/"))
    assert f">{words}<" in said(client.get("/courses/sup/"))


def test_a_course_without_dates_ahead_says_so(client):
    RunFactory(course=in_catalogue(code="SUP"), starts_at=in_days(-1))

    assert "No dates at present" in said(client.get("/courses/"))
    assert "No dates at present" in said(client.get("/courses/sup/"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"topic": "zzz"}, "No course of ours has the topic ‘zzz’, so this is left out."),
        ({"format": "zzz"}, "We teach in no format called ‘zzz’, so this is left out."),
        ({"level": "zzz"}, "No course of ours has the level ‘zzz’, so this is left out."),
        ({"when": "2027-99"}, "‘2027-99’ is not one of the months, so this is left out."),
        ({"q": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_a_filter_that_is_not_understood_is_said_and_left_out(client, asked, sentence):
    in_catalogue("Supervision")
    in_catalogue("Neglect")

    response = client.get("/courses/", {"format": "classroom"} | asked)

    assert response.status_code == 200
    assert sentence in said(response)
    assert titles(response) == ["Neglect", "Supervision"]


@pytest.mark.parametrize("page", ["0", "-1", "99", "zzz", "1" * 5000, "\x00"])
def test_any_page_number_shows_a_page(client, page):
    in_catalogue()

    assert titles(client.get("/courses/", {"page": page})) == ["Supervision"]


def test_twenty_courses_a_page(client):
    for number in range(21):
        in_catalogue(f"Course {number:02}")

    first, second = client.get("/courses/?q=course"), client.get("/courses/?q=course&page=2")

    assert [len(titles(first)), titles(second)] == [20, ["Course 20"]]
    assert "21 courses found" in said(first)
    assert 'href="?q=course&amp;page=2"' in said(first)


def test_htmx_gets_the_results_alone(client):
    in_catalogue()

    response = client.get("/courses/", headers={"HX-Request": "true", "HX-Target": "results"})

    assert [t.name for t in response.templates][0] == "courses/_catalogue_results.html"
    assert "<html" not in said(response)
    # Without Vary, going back could show the cached fragment instead of the page.
    assert "HX-Target" in response["Vary"]


def test_links_to_the_page_of_the_course(client):
    in_catalogue(code="SUP")

    assert 'href="/courses/sup/"' in said(client.get("/courses/"))


@pytest.mark.parametrize("asked", ["/courses/", "/courses/?q=course&places=on&when=next-3-months"])
def test_the_catalogue_asks_as_much_for_three_courses_as_for_one(client, asked):
    def add_course():
        course = in_catalogue(
            f"Course {Course.objects.count()}", topics=[topic(f"T{timezone.now()}")]
        )
        BookingFactory(run=RunFactory(course=course), state=Booking.State.WAITING)
        RunFactory(course=course)

    def queries():
        client.get(asked)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(asked)
        return len(queries)

    add_course()
    one = queries()
    add_course()
    add_course()

    assert queries() == one
    assert one <= 12


def test_the_course_page_tells_what_the_course_is(client):
    needed = in_catalogue("Foundations", code="FND")
    course = in_catalogue(
        code="SUP",
        hours="1.5",
        renewal_months=36,
        outcomes="Listen well.\n\nAsk early.",
        prerequisites=[needed],
        topics=[topic("Supervision")],
    )
    RunFactory(course=course, venue=VenueFactory(name="Fratton Hub"))

    page = said(client.get("/courses/sup/"))

    for words in (
        "<dd>1.5 hours</dd>",
        "<dd>Classroom</dd>",
        "<dd>Group 2</dd>",
        "<dd>Recommended after 36 months</dd>",
        "<li>Listen well.</li><li>Ask early.</li>",
        'href="/courses/fnd/">Foundations</a>',
        'href="/courses/?topic=supervision">Supervision</a>',
        "Fratton Hub",
    ):
        assert words in page


def test_the_course_page_shows_each_session_of_a_date(client):
    course = in_catalogue(code="SUP")
    days = [
        (in_days(10, "09:30"), in_days(10, "12:00")),
        (in_days(17, "09:30"), in_days(17, "12:00")),
        (in_days(17, "13:00"), in_days(17, "16:00")),
    ]
    run = RunFactory(course=course, sessions=days)
    run.sessions.update(name="Part")

    page = said(client.get("/courses/sup/"))

    for starts_at, _ in days[:2]:
        day = f"{starts_at:%A} {starts_at.day} {starts_at:%B %Y}"
        assert f"{day}, 09:30 to 12:00 (part)" in page
    assert "</li> <li>13:00 to 16:00 (part)</li>" in page


def test_the_course_page_shows_only_dates_ahead(client):
    course = in_catalogue(code="SUP")
    RunFactory(course=course, starts_at=in_days(-2))
    RunFactory(course=course, cancelled_at=timezone.now())
    ahead = RunFactory(course=course)
    RunFactory()

    assert client.get("/courses/sup/").context["dates"] == [ahead]


def test_the_link_to_join_is_only_for_those_who_have_a_place(client):
    run = RunFactory(course=in_catalogue(code="SUP"), venue=None, link="https://meet.example.org/x")

    page = said(client.get("/courses/sup/"))

    assert "Online: you get the link when you have a place" in page
    assert run.link not in page


def test_a_date_offers_a_place_or_a_turn_or_says_why_not(client):
    course = in_catalogue(code="SUP")
    free, full = RunFactory(course=course), RunFactory(course=course, places=0)
    closed = RunFactory(course=course, booking_closes_at=in_days(-1))

    page = said(client.get("/courses/sup/"))

    assert f'href="/my/bookings/new/{free.pk}/">Book a place<' in page
    assert f'href="/my/bookings/new/{full.pk}/">Join the waiting list<' in page
    assert f'href="/my/bookings/new/{closed.pk}/"' not in page
    assert "Booking for this date has closed. Choose another date of the course." in page


def test_the_viewer_sees_their_own_booking_and_nobody_elses(client):
    course = in_catalogue(code="SUP")
    mine, other = BookingFactory(run__course=course), BookingFactory(run__course=course)
    client.force_login(mine.person)

    response = client.get("/courses/sup/")

    assert [run.mine for run in response.context["dates"]] == [mine, None]
    assert f'href="/my/bookings/{mine.pk}/"' in said(response)
    assert f'href="/my/bookings/new/{mine.run_id}/"' not in said(response)
    assert f'href="/my/bookings/new/{other.run_id}/"' in said(response)


def test_the_viewer_is_told_which_prerequisite_is_missing(client):
    needed = in_catalogue("Foundations", code="FND")
    held = in_catalogue("Held", code="HELD")
    course = in_catalogue(code="SUP", prerequisites=[needed, held])
    run = RunFactory(course=course)
    person = PersonFactory()
    CompletionFactory(person=person, booking__run__course=held)
    client.force_login(person)

    response = client.get("/courses/sup/")

    assert response.context["needs"].missing == [needed]
    assert 'Complete this first: <a class="govuk-link" href="/courses/fnd/">' in said(response)
    assert f'href="/my/bookings/new/{run.pk}/"' not in said(response)


def test_the_course_page_asks_as_much_for_three_dates_as_for_one(client):
    needed = in_catalogue("Foundations", code="FND")
    course = in_catalogue(code="SUP", prerequisites=[needed])
    person = PersonFactory()
    client.force_login(person)

    def add_date():
        run = RunFactory(course=course)
        BookingFactory(run=run, person=person)
        BookingFactory(run=run, state=Booking.State.WAITING)

    def queries():
        client.get("/courses/sup/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/courses/sup/")
        return len(queries)

    add_date()
    one = queries()
    add_date()
    add_date()
    course.prerequisites.add(in_catalogue("Another"), in_catalogue("And another"))

    assert queries() == one
