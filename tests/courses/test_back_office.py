"""Test how the training office manages runs and bookings in the admin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from courses.models import Booking, Course, Level, Run, Session, Venue
from history.models import Event
from lms.models import Mail
from tests.factories import (
    BookingFactory,
    CourseFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    VenueFactory,
    in_days,
)
from tests.sheets import read_csv, read_xlsx

pytestmark = pytest.mark.django_db
LISTS = ["/cms/run/", "/cms/booking/", "/cms/course/", "/cms/venue/", "/cms/level/"]


def typed(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def session_fields(*sessions, was=0):
    """Build the sessions formset's POST data from (id or "", starts, ends[, removed]) tuples."""
    fields = {"sessions-TOTAL_FORMS": len(sessions), "sessions-INITIAL_FORMS": was}
    for number, (pk, starts_at, ends_at, *removed) in enumerate(sessions):
        fields |= {
            f"sessions-{number}-id": pk,
            f"sessions-{number}-name": "",
            f"sessions-{number}-starts_at": typed(starts_at),
            f"sessions-{number}-ends_at": typed(ends_at),
        }
        if removed:
            fields[f"sessions-{number}-DELETE"] = "on"
    return fields


def run_fields(**more):
    fields = {"venue": "", "link": "", "joining_instructions": "", "places": 12, "minimum": 4}
    fields |= {"trainers": "", "booking_opens_at": "", "booking_closes_at": "", "agency_cap": ""}
    fields |= {"freed_places": "at_once", "priority_rule": "in_turn", "asks_approval": ""}
    # As the page says that shows who gets an email, before it is saved.
    return fields | reserve_fields() | {"emails": "send"} | more


def reserve_fields(*reserves, was=0):
    """Build the reserves formset's POST data from (sector, places, release day) tuples."""
    fields = {"reserves-TOTAL_FORMS": len(reserves), "reserves-INITIAL_FORMS": was}
    for number, (sector, places, release_on, *removed) in enumerate(reserves):
        fields |= {
            f"reserves-{number}-sector": sector.pk,
            f"reserves-{number}-places": places,
            f"reserves-{number}-release_on": release_on.isoformat(),
        }
        if removed:
            fields[f"reserves-{number}-DELETE"] = "on"
    return fields


def new_run(**more):
    sessions = session_fields(("", in_days(20), in_days(20, "16:00")))
    return run_fields(course=CourseFactory().pk, venue=VenueFactory().pk) | sessions | more


def unchanged(run, **more):
    session = run.sessions.get()
    sessions = session_fields((session.pk, session.starts_at, session.ends_at), was=1)
    return run_fields(venue=run.venue_id, places=run.places, minimum=0) | sessions | more


def words(answer):
    return answer.content.decode()


# Lists


@pytest.mark.parametrize("page", LISTS)
def test_lists_open_search_and_export(client, office, page):
    BookingFactory(run__course__title="Found", person__name="Anna Found", run__venue__name="Found")
    for query in ("", "?q=found", "results/?q=found"):
        assert client.get(page + query).status_code == 200, query
    for kind in ("csv", "xlsx"):
        assert b"".join(client.get(f"{page}?export={kind}"))


@pytest.mark.parametrize("page", ["/cms/run/", "/cms/booking/", "/cms/course/"])
def test_the_same_number_of_queries_with_one_row_and_three(client, office, page):
    def asked(address):
        with CaptureQueriesContext(connection) as queries:
            b"".join(client.get(address))
        return len(queries)

    BookingFactory(state="waiting")
    client.get(page)
    addresses = (page, page + "?export=csv")
    once = [asked(address) for address in addresses]
    BookingFactory(state="waiting")
    BookingFactory(state="waiting")
    assert [asked(address) for address in addresses] == once


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_reads_its_rows_once_in_pieces(client, office, kind):
    BookingFactory()
    with CaptureQueriesContext(connection) as queries:
        b"".join(client.get(f"/cms/booking/?export={kind}"))
    assert len([q for q in queries if 'FROM "courses_booking"' in q["sql"]]) == 1


def test_dates_are_found_by_course_state_and_whether_they_are_to_come(client, office):
    RunFactory(course__title="Coming", minimum=3, starts_at=in_days(5))
    later = RunFactory(course__title="Later", minimum=3, starts_at=in_days(60))
    RunFactory(course__title="Gone by", starts_at=in_days(-9))
    RunFactory(course__title="Signed", starts_at=in_days(-9), closed_at=in_days(-8))
    RunFactory(course__title="Dropped", cancelled_at=timezone.now())
    titles = ["Coming", "Later", "Gone by", "Signed", "Dropped"]

    def shown(query):
        rows = read_csv(client.get(f"/cms/run/?export=csv&{query}")).by_heading()
        return {row["Course"] for row in rows} & set(titles)

    assert shown("") == set(titles)
    assert shown("state=below") == {"Coming"}
    assert "are needed. Decide whether" not in words(client.get(f"/cms/run/inspect/{later.pk}/"))
    assert words(client.get("/cms/run/")).count("Below the minimum") == 2  # with the filter
    assert shown("state=open") == {"Gone by"}
    assert shown("state=signed") == {"Signed"}
    assert shown("state=cancelled") == {"Dropped"}
    assert shown("period=past") == {"Gone by", "Signed"}
    assert shown("q=comi") == {"Coming"}
    course = Course.objects.get(title="Signed")
    assert shown(f"course={course.pk}") == {"Signed"}


def test_a_date_to_come_is_shown_with_its_day_not_as_just_now(client, office):
    RunFactory(starts_at=in_days(40))
    page = words(client.get("/cms/run/"))
    assert f"{timezone.localtime(in_days(40)):%-d %B %Y}, 09:30" in page and "ust now" not in page


def test_bookings_are_found_by_state_agency_sector_course_day_and_name(client, office):
    one = BookingFactory(person__name="Anna", agency__sector__name="Health")
    BookingFactory(
        person__name="Bert", state="waiting", agency__sector__name="Police",
        run__starts_at=in_days(90),
    )  # fmt: skip

    def shown(query):
        rows = read_csv(client.get(f"/cms/booking/?export=csv&{query}")).by_heading()
        return {row["Person"] for row in rows}

    assert shown("") == {"Anna", "Bert"}
    for query in (
        "state=confirmed",
        f"agency={one.agency_id}",
        f"agency__sector={one.agency.sector_id}",
        f"run__course={one.run.course_id}",
        f"until={in_days(60).date()}",
        "q=ann",
        f"q={one.person.email}",
    ):
        assert shown(query) == {"Anna"}, query
    assert shown(f"since={in_days(60).date()}") == {"Bert"}


def test_spreadsheets_of_bookings_have_our_time_and_calculate_nothing(client, office):
    starts_at = timezone.datetime(2027, 7, 1, 8, 30, tzinfo=timezone.get_fixed_timezone(0))
    BookingFactory(person__name="=1+1", agency__name="@evil", run__starts_at=starts_at)
    [row] = read_xlsx(client.get("/cms/booking/?export=xlsx")).rows
    assert (row[0], row[2], row[8]) == ("'=1+1", "'@evil", "Confirmed")
    assert row[7].isoformat() == "2027-07-01T09:30:00"


# Dates


def test_a_new_date_can_be_booked_and_has_its_trainer(client, office):
    trainer = PersonFactory(email="ruth@example.org")
    answer = client.post("/cms/run/new/", new_run(trainers="Ruth@example.org\n"))
    run = Run.objects.get()
    assert answer["Location"] == f"/cms/run/inspect/{run.pk}/"
    assert (run.places, run.minimum, run.taken) == (12, 4, 0)
    assert (run.starts_at, run.ends_at) == (in_days(20), in_days(20, "16:00"))
    assert (list(run.trainers.all()), run.why_not_bookable) == ([trainer], "")
    events = Event.objects.about(run).values_list("action", "by_person")
    assert set(events) == {("run.added", office.pk), ("run.dates_settled", office.pk)}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"venue": ""}, "A classroom course needs a venue."),
        ({"trainers": "nobody@example.org"}, "Nobody who may sign in has this address"),
        ({"minimum": 13}, "The minimum cannot be more than the places."),
        ({"places": -1}, "greater than or equal to 0"),
        ({"link": "nonsense"}, "Enter a valid URL"),
        (
            {"booking_opens_at": "2030-02-02T10:00", "booking_closes_at": "2030-02-01T10:00"},
            "Booking must close after it opens.",
        ),
        (session_fields(("", in_days(9), in_days(8))), "The end must be after the start."),
        (session_fields(("", in_days(-9), in_days(-8))), "This has already begun"),
        (session_fields(), "Give at least one session"),
        (
            session_fields(
                ("", in_days(9), in_days(9, "12:00")), ("", in_days(9, "11:00"), in_days(10))
            ),
            "Two sessions overlap.",
        ),
    ],
)
def test_what_cannot_be_gets_a_sentence_and_makes_no_date(client, office, wrong, sentence):
    answer = client.post("/cms/run/new/", new_run(**wrong))
    assert sentence in words(answer)
    assert (Run.objects.count(), Session.objects.count()) == (0, 0)


def test_a_virtual_classroom_needs_its_link(client, office):
    course = CourseFactory(format=Course.Format.ONLINE)
    assert "needs the link" in words(client.post("/cms/run/new/", new_run(course=course.pk)))
    client.post(
        "/cms/run/new/", new_run(course=course.pk, venue="", link="https://meet.example.org/1")
    )
    assert Run.objects.get().link == "https://meet.example.org/1"


def test_a_date_of_a_classroom_course_may_be_online(client, office):
    page = words(client.get("/cms/run/new/"))
    assert "As its course says" in page and "Classroom and online" not in page
    sent = new_run(format="online", venue="", link="https://meet.example.org/1")
    client.post("/cms/run/new/", sent)
    run = Run.objects.get()
    assert (run.format, run.course.format) == ("online", "classroom")
    assert "Virtual classroom" in words(client.get(f"/cms/run/inspect/{run.pk}/"))
    client.post(f"/cms/run/edit/{run.pk}/", unchanged(run, venue=VenueFactory().pk))
    assert Run.objects.get().format == "classroom"


def test_a_course_is_taught_or_a_briefing_and_listed_by_format(client, office):
    CourseFactory(title="Hall")
    CourseFactory(title="Screen", format=Course.Format.ONLINE)
    CourseFactory(title="Short", kind=Course.Kind.BRIEFING, format="")
    for value, title in (("classroom", "Hall"), ("virtual", "Screen"), ("briefing", "Short")):
        rows = read_csv(client.get(f"/cms/course/?export=csv&format={value}")).by_heading()
        assert [(row["Title"], row["Format"]) for row in rows] == [
            (title, dict(Course.format_choices())[value])
        ]
    page = words(client.get("/cms/course/new/"))
    assert "E-learning and a date" not in page and "Classroom and online" not in page


def test_a_briefing_needs_a_venue_or_a_link(client, office):
    course = CourseFactory(kind=Course.Kind.BRIEFING, format="")
    answer = client.post("/cms/run/new/", new_run(course=course.pk, venue=""))
    assert "A briefing needs a venue or a link. Give one of them." in words(answer)
    assert not Run.objects.exists()


def test_a_date_that_moves_is_told_to_those_who_are_booked(client, office):
    booking = BookingFactory()
    run, session = booking.run, booking.run.sessions.get()
    moved = session_fields((session.pk, in_days(31), in_days(31, "15:00")), was=1)
    client.post(f"/cms/run/edit/{run.pk}/", unchanged(run) | moved)
    run.refresh_from_db()
    assert (run.starts_at, run.ends_at) == (in_days(31), in_days(31, "15:00"))
    assert [mail.to for mail in Mail.objects.filter(template="run_moved")] == [booking.person.email]


def test_a_new_place_is_told_too_and_nothing_changed_is_not(client, office):
    run = BookingFactory().run
    page = f"/cms/run/edit/{run.pk}/"
    client.post(page, unchanged(run))
    assert not Mail.objects.exists()
    client.post(page, unchanged(run, venue=VenueFactory(name="The Guildhall").pk))
    assert "The Guildhall" in Mail.objects.get(template="run_moved").text
    assert Event.objects.about(run).filter(action="run.changed").count() == 1


def test_places_are_never_fewer_than_are_taken_and_more_serve_the_queue(client, office):
    run = RunFactory(places=1)
    BookingFactory(run=run)
    waits = BookingFactory(run=run, state="waiting")
    page = f"/cms/run/edit/{run.pk}/"
    refused = client.post(page, unchanged(run, places=0, venue=VenueFactory().pk))
    assert "1 place is taken, so there cannot be fewer." in words(refused)
    assert Run.objects.get().venue_id == run.venue_id
    client.post(page, unchanged(run, places=2))
    waits.refresh_from_db()
    assert (waits.state, Run.objects.get().taken) == ("confirmed", 2)


def test_a_session_that_people_booked_is_not_removed(client, office):
    run = BookingFactory().run
    session = run.sessions.get()
    fields = session_fields(
        (session.pk, session.starts_at, session.ends_at, "removed"),
        ("", in_days(40), in_days(40, "12:00")),
        was=1,
    )
    answer = client.post(f"/cms/run/edit/{run.pk}/", unchanged(run) | fields)
    assert "People are booked, so a session cannot be removed" in words(answer)
    assert list(run.sessions.all()) == [session]


def test_a_session_whose_register_has_marks_is_not_removed(client, office):
    mark = MarkFactory()
    session, run = mark.session, mark.session.run
    fields = session_fields(
        (session.pk, session.starts_at, session.ends_at, "removed"),
        ("", in_days(40), in_days(40, "12:00")),
        was=1,
    )
    answer = client.post(f"/cms/run/edit/{run.pk}/", unchanged(run) | fields)
    assert "A session whose register has marks cannot be removed. Keep it." in words(answer)
    assert list(run.sessions.all()) == [session]


@pytest.mark.parametrize("over", ["cancelled_at", "closed_at"])
def test_what_is_cancelled_or_signed_off_is_not_changed(client, office, over):
    run = RunFactory(**{over: timezone.now()})
    answer = client.post(f"/cms/run/edit/{run.pk}/", unchanged(run, places=99))
    assert answer["Location"] == f"/cms/run/inspect/{run.pk}/"
    assert Run.objects.get().places == 10


def test_a_date_that_is_cancelled_while_somebody_changes_it_stays_as_it_is(client, office):
    run, checked = RunFactory(), []

    def meanwhile(execute, sql, *rest):
        """Cancel as the verb locks the date: the first time that it is read after the check."""
        if "courses_session" in sql:
            checked.append(sql)
        elif checked and 'FROM "courses_run"' in sql:
            Run.objects.filter(cancelled_at=None).update(cancelled_at=timezone.now())
        return execute(sql, *rest)

    path = f"/cms/run/edit/{run.pk}/"
    fields = client.shown_at(path) | unchanged(run, places=99)
    with connection.execute_wrapper(meanwhile):
        answer = client.post(path, fields)
    assert "cannot be changed. Go back and look at it again." in words(answer)
    assert Run.objects.get().places == 10


def test_the_page_of_a_date_shows_everybody_and_what_happened(client, office):
    run = RunFactory(starts_at=in_days(-3), sessions=[(in_days(-3), in_days(-3, "16:00"))])
    MarkFactory(booking=BookingFactory(run=run, person__name="Anna", access_needs="Hearing loop"))
    BookingFactory(run=run, state="waiting", person__name="Wim Waits")
    page = words(client.get(f"/cms/run/inspect/{run.pk}/"))
    for said in ("Anna", "Hearing loop", "Present", "Wim Waits", f"/register/{run.pk}/"):
        assert said in page
    assert "Nothing has been recorded yet." in page


def test_the_page_of_a_date_asks_the_same_of_the_database_for_one_and_for_three(client, office):
    run = RunFactory()

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/cms/run/inspect/{run.pk}/")
        return len(queries)

    def two():
        BookingFactory(run=run)
        BookingFactory(run=run, state="waiting")

    two()
    asked()
    once = asked()
    two()
    two()
    assert asked() == once


def test_cancelling_a_date_asks_for_a_reason_and_tells_everybody(client, office):
    run = RunFactory()
    booking, waits = BookingFactory(run=run), BookingFactory(run=run, state="waiting")
    page = f"/cms/run/cancel/{run.pk}/"
    assert "Cancel this date" in words(client.get(page))
    client.post(page, {"reason": ""})
    assert Run.objects.get().cancelled_at is None
    client.post(page, {"reason": "The trainer is ill.", "emails": "send"})
    assert Run.objects.get().cancelled_at is not None
    assert {b.state for b in Booking.objects.all()} == {"cancelled"}
    told = {mail.to for mail in Mail.objects.filter(template="run_cancelled")}
    assert told == {booking.person.email, waits.person.email}
    assert "Ola Office" in words(client.get(f"/cms/run/inspect/{run.pk}/"))


def test_the_office_books_a_place_for_somebody(client, office):
    run, post = RunFactory(), PostFactory(person__name="Tess Telephone")
    page = f"/cms/run/book/{run.pk}/"
    assert "Nobody has this address" in words(client.post(page, {"email": "no@example.org"}))
    client.post(page, {"email": post.person.email, "access_needs": "A ramp"})
    booking = Booking.objects.get()
    assert (booking.person, booking.state, booking.access_needs) == (
        post.person, "confirmed", "A ramp",
    )  # fmt: skip
    assert Event.objects.about(booking).get().by_person == office.pk
    begun = RunFactory(starts_at=in_days(-1))
    refused = client.post(f"/cms/run/book/{begun.pk}/", {"email": post.person.email})
    assert "already begun" in words(refused)


def test_those_who_did_not_come_are_written_to_when_the_office_says_so(client, office):
    run = RunFactory(starts_at=in_days(-3), closed_at=in_days(-2))
    MarkFactory(booking=BookingFactory(run=run, person__name="Abel Absent"), kind="absent")
    assert "Abel Absent" in words(client.get(f"/cms/run/absences/{run.pk}/"))
    assert not Mail.objects.exists()
    client.post(f"/cms/run/absences/{run.pk}/")
    client.post(f"/cms/run/absences/{run.pk}/")
    assert Mail.objects.filter(template="did_not_come").count() == 1


# Bookings


def test_the_office_cancels_a_booking_and_the_place_goes_to_the_first_who_waits(client, office):
    run = RunFactory(places=1)
    booking, waits = BookingFactory(run=run), BookingFactory(run=run, state="waiting")
    page = f"/cms/booking/cancel/{booking.pk}/"
    assert client.get(page).status_code == 200
    client.post(page, {"reason": "Rang to say so"})
    booking.refresh_from_db()
    waits.refresh_from_db()
    assert (booking.state, booking.end_reason, waits.state) == (
        "withdrawn", "Rang to say so", "confirmed",
    )  # fmt: skip
    again = words(client.get(f"/cms/booking/inspect/{booking.pk}/"))
    assert "Place cancelled" in again and "Cancel this booking" not in again


def test_a_booking_on_a_date_that_began_is_not_cancelled(client, office):
    booking = BookingFactory(run__starts_at=in_days(-1))
    answer = client.post(f"/cms/booking/cancel/{booking.pk}/", {"reason": ""})
    assert "has begun" in words(answer)
    booking.refresh_from_db()
    assert booking.state == "confirmed"


# Courses, levels, venues


def test_courses_levels_and_venues_are_kept_here(client, office):
    client.post("/cms/level/new/", {"name": "Specialist", "position": 3})
    client.post(
        "/cms/venue/new/", {"name": "Hall", "address": "1 High St", "travel": "", "access": ""}
    )
    fields = {
        "title": "Neglect", "code": "NEG", "version": 1, "summary": "In a sentence.",
        "audience": "All.", "outcomes": "See it.", "level": Level.objects.get().pk, "hours": "3.5",
        "kind": "taught", "format": "classroom", "renewal_months": "", "runs_a_year_intended": 2,
        "is_offered": "on", "asks_evaluation": "on", "later_months": 3,
    }  # fmt: skip
    client.post("/cms/course/new/", fields)
    course = Course.objects.get()
    assert (course.title, course.level.name, Venue.objects.get().name) == (
        "Neglect", "Specialist", "Hall",
    )  # fmt: skip
    client.post(f"/cms/course/edit/{course.pk}/", fields | {"title": "Neglect and care"})
    assert Course.objects.get().title == "Neglect and care"


# Who may


def everything(booking):
    run = booking.run_id
    return [
        *LISTS,
        *(page + "?export=csv" for page in LISTS),
        *(page + "new/" for page in LISTS),
        f"/cms/run/inspect/{run}/",
        f"/cms/run/edit/{run}/",
        f"/cms/run/cancel/{run}/",
        f"/cms/run/absences/{run}/",
        f"/cms/run/book/{run}/",
        f"/cms/booking/inspect/{booking.pk}/",
        f"/cms/booking/cancel/{booking.pk}/",
        f"/cms/course/edit/{booking.run.course_id}/",
    ]


@pytest.mark.parametrize("role", [BOARD_MEMBERS, PROTOCOL_EDITORS, "agency lead", "trainer"])
def test_nobody_else_sees_or_changes_any_of_it(client, settings, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    staff = role in (BOARD_MEMBERS, PROTOCOL_EDITORS)
    booking = BookingFactory(person__name="Anna Secret")
    person = PersonFactory(is_staff=staff, groups=[role] if staff else [])
    if role == "agency lead":
        PostFactory(person=person, agency=booking.agency, is_lead=True)
    if role == "trainer":
        booking.run.trainers.add(person)
    client.force_login(person)
    for page in everything(booking):
        for answer in (
            client.get(page),
            client.post(page, {"reason": "Because", "email": "a@b.org"}),
        ):
            assert answer.status_code in {302, 403, 404, 405}, page
            assert "Anna Secret" not in words(answer), page
    booking.refresh_from_db()
    assert (booking.state, Booking.objects.count(), Course.objects.count()) == ("confirmed", 1, 1)


@pytest.mark.parametrize("kind", ["run", "booking", "course", "venue", "level"])
def test_nothing_is_ever_deleted_here(client, office, kind):
    booking = BookingFactory()
    things = {
        "run": booking.run, "booking": booking, "course": booking.run.course,
        "venue": booking.run.venue, "level": booking.run.course.level,
    }  # fmt: skip
    client.post(f"/cms/{kind}/delete/{things[kind].pk}/")
    things[kind].refresh_from_db()
    client.post(f"/cms/booking/edit/{booking.pk}/", {"state": "cancelled"})
    client.post("/cms/booking/new/", {"state": "confirmed"})
    booking.refresh_from_db()
    assert (booking.state, Booking.objects.count()) == ("confirmed", 1)
