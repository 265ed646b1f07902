"""Test the office's screen of a run, and each action on it."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from agencies.models import Board
from courses.back_office.runs import agency_breakdown, runs
from courses.booking import booking as booking_verbs
from courses.models import Booking, Reserve, Run
from courses.scheduling import broadcast, minimum_numbers, planning, repeating, scheduling
from history.models import Event
from lms import links
from lms.models import ActionLink, Mail
from tests.courses.test_back_office import new_run, reserve_fields, unchanged
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CompletionFactory,
    CourseFactory,
    PersonFactory,
    PostFactory,
    ReserveFactory,
    RoleGroupFactory,
    RunFactory,
    SectorFactory,
    in_days,
)
from tests.servers import at_once

pytestmark = pytest.mark.django_db
LONDON = timezone.get_default_timezone()


def words(answer):
    return answer.content.decode()


def states(run):
    return {b.person.name: b.state for b in Booking.objects.filter(run=run)}


def london(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON)


# Who gets a place: the form


def test_a_new_date_has_its_shares_and_asks_what_its_course_asks(client, office):
    course, health = CourseFactory(asks_approval=True), SectorFactory(name="Health")
    kept = reserve_fields((health, 3, in_days(10).date()))
    client.post("/cms/run/new/", new_run(course=course.pk, agency_cap=2, **kept))
    run = Run.objects.get()
    assert (run.agency_cap, run.asks_approval, run.freed_places) == (2, True, "at_once")
    reserve = run.reserves.get()
    assert (reserve.sector, reserve.places, reserve.release_on, reserve.released_at) == (
        health, 3, in_days(10).date(), None,
    )  # fmt: skip


def test_what_its_course_asks_can_be_changed_at_a_date(client, office):
    course = CourseFactory(asks_approval=True)
    client.post("/cms/run/new/", new_run(course=course.pk, asks_approval="no"))
    assert Run.objects.get().asks_approval is False


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"agency_cap": 0}, "Give at least 1, or leave it empty for no cap."),
        ({"reserves": [(8, 20)]}, "8 places are reserved, and the date has only 5."),
        ({"reserves": [(2, 20), (2, 20)]}, "A sector has one reserve only"),
    ],
)
def test_shares_that_cannot_be_get_a_sentence(client, office, wrong, sentence):
    health = SectorFactory(name="Health")
    reserves = [(health, n, in_days(days).date()) for n, days in wrong.pop("reserves", [])]
    sent = new_run(places=5, minimum=1, **wrong) | reserve_fields(*reserves)
    assert sentence in words(client.post("/cms/run/new/", sent))
    assert not Run.objects.exists()


def test_a_cap_that_is_lifted_serves_the_queue_once_and_is_recorded(client, office):
    run = RunFactory(places=3, agency_cap=1)
    first = BookingFactory(run=run)
    waits = BookingFactory(run=run, state="waiting", agency=first.agency)
    client.post(f"/cms/run/edit/{run.pk}/", unchanged(run, agency_cap=2))
    waits.refresh_from_db()
    assert waits.state == "confirmed"
    event = Event.objects.about(run).get(action="run.rules_changed")
    assert (event.was, event.now, event.by_person) == (
        {"agency_cap": 1}, {"agency_cap": 2}, office.pk,
    )  # fmt: skip


def test_a_reserve_that_is_taken_away_frees_its_places_and_a_new_one_takes_nobodys(client, office):
    health, police = SectorFactory(name="Health"), SectorFactory(name="Police")
    run = RunFactory(places=2)
    has = BookingFactory(run=run, agency__sector=police)
    ReserveFactory(run=run, sector=health, places=1)
    waits = BookingFactory(run=run, state="waiting", agency__sector=police)
    page = f"/cms/run/edit/{run.pk}/"
    kept = reserve_fields((health, 2, in_days(9).date()), was=1)
    client.post(page, unchanged(run) | kept)
    assert (states(run)[has.person.name], states(run)[waits.person.name]) == (
        "confirmed", "waiting",
    )  # fmt: skip
    removed = reserve_fields((health, 2, in_days(9).date(), "removed"), was=1)
    client.post(page, unchanged(run) | removed)
    assert (states(run)[waits.person.name], run.reserves.count()) == ("confirmed", 0)
    changes = Event.objects.about(run).filter(action="run.reserves_changed").order_by("pk")
    assert [event.now for event in changes] == [
        {str(health.pk): [2, in_days(9).date().isoformat()]},
        {},
    ]


def test_a_release_day_that_has_come_releases_and_one_moved_ahead_keeps_again(office):
    health = SectorFactory(name="Health")
    run = RunFactory(places=2)
    for days, released in ((0, True), (5, False), (-1, True)):
        kept = planning.RequestedReserve(health, 1, in_days(days).date())
        scheduling.change(run, reserves=[kept], by=office)
        assert (Reserve.objects.get().released_at is not None) == released


def test_another_order_of_the_queue_counts_for_those_who_wait_already(office):
    run = RunFactory(places=1)
    BookingFactory(run=run)
    again = BookingFactory(run=run, state="waiting", queued_at=in_days(-3))
    first_time = BookingFactory(run=run, state="waiting", queued_at=in_days(-2))
    CompletionFactory(person=again.person, course=run.course)
    for rule, order in (("first_time", [first_time, again]), ("in_turn", [again, first_time])):
        scheduling.change(run, priority_rule=rule, by=office)
        assert list(Booking.objects.in_queue_order().filter(run=run)) == order


def test_nobody_is_approved_by_more_places(client, office):
    run = RunFactory(places=1, asks_approval=True)
    asked = BookingFactory(run=run, state="requested", approver_email="boss@example.org")
    client.post(f"/cms/run/edit/{run.pk}/", unchanged(run, places=5))
    asked.refresh_from_db()
    assert (asked.state, asked.holds_place) == ("requested", True)


def test_a_course_says_for_whom_it_is_and_what_it_asks_before(client, office):
    course, group = CourseFactory(), RoleGroupFactory(name="Midwives")
    health = SectorFactory(name="Health")
    fields = {
        "title": course.title, "code": course.code, "version": 1, "summary": "One.",
        "audience": "All.", "outcomes": "See it.", "hours": "3.5", "kind": "taught",
        "format": "classroom", "runs_a_year_intended": 2, "for_role_groups": [group.pk],
        "for_sectors": [health.pk], "asks_approval": "on", "charges_fee": "on",
        "pre_course_questions": "Why?\nHow?", "later_months": 3,
    }  # fmt: skip
    client.post(f"/cms/course/edit/{course.pk}/", fields)
    course.refresh_from_db()
    assert (course.asks_approval, course.charges_fee, course.pre_course_questions) == (
        True, True, "Why?\nHow?",
    )  # fmt: skip
    assert (list(course.for_role_groups.all()), list(course.for_sectors.all())) == (
        [group], [health],
    )  # fmt: skip


# One screen


def test_one_screen_has_places_offers_requests_queue_shares_and_the_mix(client, office):
    run = RunFactory(places=6, agency_cap=1, minimum=9, starts_at=in_days(9))
    ReserveFactory(run=run, sector__name="Education", places=2)
    ours = AgencyFactory(name="Solent Health")
    midwives = RoleGroupFactory(name="Midwives")
    BookingFactory(run=run, agency=ours, role_group=midwives, person__name="Anna")
    until = timezone.now() + dt.timedelta(hours=5, minutes=1)
    BookingFactory(run=run, state="offered", offered_until=until, agency__name="City Police")
    BookingFactory(
        run=run, state="requested", holds_place=True, agency=ours, approver_email="boss@x.org",
        held_until=in_days(3), approver_asked_at=timezone.now(),
    )  # fmt: skip
    BookingFactory(run=run, state="waiting", person__name="Wim Waits")
    page = words(client.get(f"/cms/run/inspect/{run.pk}/"))
    for said in (
        "Anna", "Wim Waits", "5\xa0hours", "boss@x.org", "Waiting to be approved (1)",
        "Offered a place (1)", "Waiting list (1)",
        "With all of their 1: City Police, Solent Health.",
        "2 kept for Education until", "2 still kept",
        "Agencies: Solent Health 2, City Police 1", "Professions: Not given 2, Midwives 1",
        "Most for one agency", "It runs",
    ):  # fmt: skip
        assert said in page, said


def test_the_screen_asks_the_same_of_the_database_however_many_there_are(client, office):
    run = RunFactory(places=50, agency_cap=3)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/cms/run/inspect/{run.pk}/")
        return len(queries)

    def one_of_each():
        BookingFactory(run=run, role_group=RoleGroupFactory())
        BookingFactory(run=run, state="waiting")
        BookingFactory(run=run, state="offered")
        BookingFactory(run=run, state="requested", holds_place=True)

    ReserveFactory(run=run)
    one_of_each()
    asked()
    once = asked()
    one_of_each()
    one_of_each()
    assert asked() == once


def test_a_bar_is_as_long_as_its_people_and_the_smallest_share_one_piece():
    names = ["A"] * 5 + ["B"] * 3 + list("CDEFGH")
    counted, bar = agency_breakdown.counted(names), agency_breakdown.bar(names)
    assert counted == [
        ("A", 5), ("B", 3), ("C", 1), ("D", 1), ("E", 1), ("3 others", 3),
    ]  # fmt: skip
    assert sum(people for _, people in counted) == 14
    assert [words for words, _ in bar.key] == [f"{name} {people}" for name, people in counted]
    assert round(sum(part.width for part in bar.bars)) == bar.width
    assert agency_breakdown.bar([]).bars == []


# The queue, exceptions, requests


def test_somebody_is_moved_in_the_queue_and_it_is_recorded(client, office):
    run = RunFactory(places=0)
    one, two, three = (
        BookingFactory(run=run, state="waiting", queued_at=in_days(-9 + n)) for n in range(3)
    )
    back = f"/cms/run/inspect/{run.pk}/"
    answer = client.post(f"/cms/booking/turn/{three.pk}/?next={back}", {"position": 1})
    assert answer["Location"] == back
    assert list(Booking.objects.in_queue_order().filter(run=run)) == [three, one, two]
    event = Event.objects.about(three).get(action="booking.moved_in_queue")
    assert (event.was, event.now, event.by_person) == ({"turn": 3}, {"turn": 1}, office.pk)
    for wrong in ("", "0", "first"):
        assert client.post(f"/cms/booking/turn/{one.pk}/", {"position": wrong}).status_code == 200
    assert list(Booking.objects.in_queue_order().filter(run=run)) == [three, one, two]


def test_somebody_is_added_over_the_limit_with_a_reason(client, office):
    run, post = RunFactory(places=1), PostFactory(person__name="Eve Exception")
    BookingFactory(run=run)
    BookingFactory(run=run, state="waiting", person__name="Wim Waits")
    page = f"/cms/run/add/{run.pk}/"
    client.post(page, {"email": post.person.email, "reason": " "})
    assert "Eve Exception" not in states(run)
    for _ in range(2):
        client.post(page, {"email": post.person.email, "reason": "The chair asked for it"})
    run.refresh_from_db()
    assert states(run)["Eve Exception"] == "confirmed" and states(run)["Wim Waits"] == "waiting"
    assert (run.taken, run.places, run.extra) == (2, 1, 1)
    page = words(client.get(f"/cms/run/inspect/{run.pk}/"))
    assert "1 over the limit of 1" in page and "Exception: The chair asked for it" in page


def test_many_are_approved_and_each_is_reported_by_name(client, office):
    run = RunFactory(places=1, asks_approval=True)
    asked = {
        name: BookingFactory(
            run=run, person__name=name, state="requested", holds_place=holds,
            approver_email="boss@example.org", queued_at=in_days(-9 + number),
        )
        for number, (name, holds) in enumerate([("Holds", True), ("Waits", False), ("Gone", False)])
    }  # fmt: skip
    Booking.objects.filter(pk=asked["Gone"].pk).update(state="withdrawn")
    elsewhere = BookingFactory(state="requested", holds_place=True)
    ticked = [booking.pk for booking in (*asked.values(), elsewhere)]
    page = words(client.post(f"/cms/run/approve/{run.pk}/", {"bookings": ticked}))
    rows = [strip_tags(row).split() for row in page.split("<tbody>")[1].split("<tr>")[1:]]
    told = {name: " ".join(became) for name, *became in rows}
    assert set(told) == {"Holds", "Waits", "Gone"}
    assert (told["Holds"], told["Waits"]) == ("Confirmed", "On the waiting list")
    assert told["Gone"].startswith("Not approved: This request has been decided or withdrawn")
    assert elsewhere.person.name not in page
    elsewhere.refresh_from_db()
    run.refresh_from_db()
    assert (elsewhere.state, run.taken) == ("requested", 1)


@pytest.mark.parametrize("sent", [{}, {"bookings": "x"}, {"bookings": "9" * 40}, {"bookings": "²"}])
def test_approving_nobody_says_so(client, office, sent):
    run = RunFactory()
    page = words(client.post(f"/cms/run/approve/{run.pk}/", sent, follow=True))
    assert "Tick whose request to approve." in page
    assert client.get(f"/cms/run/approve/{run.pk}/").status_code == 405


def test_a_request_is_refused_with_a_reason_that_the_person_reads(client, office):
    booking = BookingFactory(state="requested", holds_place=True, run__asks_approval=True)
    page = f"/cms/booking/refuse/{booking.pk}/"
    client.post(page, {"reason": ""})
    client.post(page, {"reason": "Not this year"})
    booking.refresh_from_db()
    assert (booking.state, booking.end_reason) == ("refused", "Not this year")
    assert "Not this year" in Mail.objects.get(template="booking_refused").text


def test_what_was_done_by_link_is_told_so(client, office):
    booking = BookingFactory(state="offered")
    links.create("offer", booking, sent_to="anna@example.org", until=in_days(1))
    booking_verbs.accept_offer(booking, by=f"LINK {ActionLink.objects.get().pk}")
    page = words(client.get(f"/cms/booking/inspect/{booking.pk}/"))
    assert "By link sent to anna@example.org" in page and "Offer accepted" in page


# Everybody is written to


def test_everybody_is_written_to_separately_and_once(client, office):
    run = RunFactory()
    placed, waits = BookingFactory(run=run), BookingFactory(run=run, state="waiting")
    BookingFactory(run=run, state="withdrawn")
    page = f"/cms/run/write/{run.pk}/"
    said = {"subject": "Please bring lunch", "message": "The café is closed.\n\nSee you there."}
    client.post(page, said | {"whom": "places"})
    letter = Mail.objects.get()
    assert (letter.to, letter.cc, letter.subject) == (placed.person.email, [], "Please bring lunch")
    assert placed.person.name in letter.text and "The café is closed." in letter.text
    assert run.course.title in letter.text and waits.person.email not in letter.text
    again = words(client.post(page, said | {"whom": "everybody"}))
    assert "An email with this subject went to some of them within the last half hour." in again
    client.post(page, said | {"whom": "everybody", "subject": "Another"})
    told = Mail.objects.filter(subject="Another").values_list("to", flat=True)
    assert set(told) == {placed.person.email, waits.person.email}
    events = Event.objects.about(run).filter(action="run.written_to").order_by("pk")
    assert [event.now for event in events] == [
        {"whom": "places", "people": 1}, {"whom": "everybody", "people": 2},
    ]  # fmt: skip


def test_words_that_look_like_a_placeholder_stay_words_and_nobody_is_nobody(client, office):
    run = BookingFactory().run
    page = f"/cms/run/write/{run.pk}/"
    sent = {"subject": "Hello {{ reason }}", "message": "{% now %} <b>{{ name }}</b>"}
    assert "There is nobody to write to" in words(client.post(page, sent | {"whom": "waiting"}))
    client.post(page, sent | {"whom": "places"})
    letter = Mail.objects.get()
    assert letter.subject == "Hello {{ reason }}"
    assert "{% now %} <b>{{ name }}</b>" in letter.text and "<b>" not in letter.html


# The same on other days


def test_a_date_is_repeated_at_the_same_times_of_day_across_both_clock_changes(office):
    with time_machine.travel(london("2027-02-01T12:00"), tick=False):
        run = RunFactory(
            sessions=[
                (london("2027-03-10T09:30"), london("2027-03-10T12:30")),
                (london("2027-03-11T13:00"), london("2027-03-11T16:00")),
            ],
            booking_opens_at=london("2027-02-10T08:00"),
            booking_closes_at=london("2027-03-08T17:00"),
            agency_cap=2, minimum=4, asks_approval=True, freed_places="offer",
            trainers=[PersonFactory()], joining_instructions="Bring lunch",
        )  # fmt: skip
        BookingFactory(run=run)
        ReserveFactory(run=run, places=3, release_on=dt.date(2027, 3, 3))
        days = [dt.date(2027, 11, 3), dt.date(2027, 5, 12), dt.date(2027, 5, 12)]
        may, november = repeating.repeat(run, days, by=office)
    for copy, first, second, opens, closes, release in (
        (may, "2027-05-12", "2027-05-13", "2027-04-14", "2027-05-10", "2027-05-05"),
        (november, "2027-11-03", "2027-11-04", "2027-10-06", "2027-11-01", "2027-10-27"),
    ):
        times = [(s.starts_at, s.ends_at) for s in copy.sessions.all()]
        assert times == [
            (london(f"{first}T09:30"), london(f"{first}T12:30")),
            (london(f"{second}T13:00"), london(f"{second}T16:00")),
        ]
        assert (copy.starts_at, copy.ends_at) == (times[0][0], times[1][1])
        assert copy.booking_opens_at == london(f"{opens}T08:00")
        assert copy.booking_closes_at == london(f"{closes}T17:00")
        reserve = copy.reserves.get()
        assert (reserve.places, reserve.release_on) == (3, dt.date.fromisoformat(release))
        assert (copy.places, copy.minimum, copy.agency_cap, copy.asks_approval) == (10, 4, 2, True)
        assert (copy.taken, copy.trainers.count(), copy.joining_instructions) == (
            0, 0, "Bring lunch",
        )  # fmt: skip
        assert Event.objects.about(copy).get(action="run.added").now["repeats"] == run.pk
    assert Mail.objects.count() == 0


def test_days_that_cannot_be_are_refused_and_none_is_added(client, office):
    run = RunFactory(starts_at=in_days(10))
    page = f"/cms/run/repeat/{run.pk}/"
    good = in_days(20).date()
    for wrong, sentence in (
        (in_days(0).date(), "is not to come: give a later day."),
        (in_days(10).date(), "at this time and place already."),
    ):
        assert sentence in words(client.post(page, {"day_1": good, "day_2": wrong}))
    assert Run.objects.count() == 1
    days = {"day_1": good, "day_4": in_days(27).date()}
    assert "Added:" in words(client.post(page, days, follow=True))
    # Pressed twice.
    assert "already" in words(client.post(page, {"day_1": good}))
    assert Run.objects.count() == 3


def test_a_date_without_times_is_not_repeated(client, office):
    run = RunFactory(sessions=[])
    answer = client.post(f"/cms/run/repeat/{run.pk}/", {"day_1": in_days(20).date()})
    assert "Settle the times of this date first" in words(answer)


def test_two_who_repeat_a_date_at_once_make_one(own_database):
    office, run = PersonFactory(), RunFactory(starts_at=in_days(10))
    day = in_days(20).date()
    outcomes = at_once(4, lambda _: repeating.repeat(run, [day], by=office))
    made = [each for each in outcomes if not isinstance(each, Exception)]
    refused = [each for each in outcomes if isinstance(each, scheduling.SchedulingRefused)]
    assert (len(made), len(refused), Run.objects.count()) == (1, 3, 2)


def test_two_who_write_at_once_write_one_mail(own_database):
    office, run = PersonFactory(), BookingFactory().run
    words = {"subject": "Lunch", "message": "Bring it.", "whom": "places", "by": office}
    outcomes = at_once(4, lambda _: broadcast.send_to_participants(run, **words))
    refused = [each for each in outcomes if isinstance(each, broadcast.BroadcastRefused)]
    assert (len(refused), Mail.objects.count()) == (3, 1)


# Below the minimum


@pytest.fixture
def monday():
    """Travel to Monday 22 March 2027: Good Friday and Easter Monday follow."""
    with time_machine.travel(london("2027-03-22T09:00"), tick=False):
        yield


def run_on(day, **more):
    return RunFactory(starts_at=london(f"{day}T09:30"), minimum=4, **more)


def test_dates_are_to_be_decided_15_working_days_before(monday, office):
    near, last, far = run_on("2027-03-24"), run_on("2027-04-14"), run_on("2027-04-15")
    enough = run_on("2027-03-25", places=9)
    for _ in range(4):
        BookingFactory(run=enough)
    run_on("2027-03-26", cancelled_at=timezone.now())
    assert list(minimum_numbers.runs_below_minimum()) == [near, last]
    assert far.is_below_minimum
    states = {run: runs.state_of(run) for run in (near, last, far, enough)}
    below = "Below the minimum"
    assert states == {near: below, last: below, far: "To come", enough: "To come"}


def test_the_office_is_told_of_each_date_once(monday, office):
    Board.load()
    thin = run_on("2027-04-06", course__title="Thin")
    BookingFactory(run=thin)
    minimum_numbers.tell_office()
    minimum_numbers.tell_office()
    letter = Mail.objects.get(template="below_minimum")
    assert letter.to == Board.load().email
    assert "Thin, 6 April 2027: 1 booked, 4 needed" in letter.text
    run_on("2027-04-07", course__title="Thinner")
    minimum_numbers.tell_office()
    second = Mail.objects.filter(template="below_minimum").order_by("pk").last()
    assert "Thinner" in second.text and "Thin," not in second.text
    assert Mail.objects.filter(template="below_minimum").count() == 2


def test_that_it_runs_is_recorded_and_takes_it_off_the_list(client, monday, office):
    thin = run_on("2027-04-06")
    page = f"/cms/run/ahead/{thin.pk}/"
    assert "0 booked, 4 needed" in words(client.get(page))
    for _ in range(2):
        client.post(page)
    assert list(minimum_numbers.runs_below_minimum()) == []
    event = Event.objects.about(thin).get(action="run.goes_ahead")
    assert (event.by_person, event.now) == (office.pk, {"taken": 0, "minimum": 4})
    said = words(client.get(f"/cms/run/inspect/{thin.pk}/"))
    assert "it goes ahead with fewer, as was decided" in said and "To come" in said


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        ({"minimum": 0}, "has enough people by now"),
        ({"minimum": 4, "cancelled_at": timezone.now()}, "cancelled or has begun"),
        ({"minimum": 4, "starts_at": in_days(-1)}, "cancelled or has begun"),
    ],
)
def test_where_there_is_nothing_to_decide_it_says_so(client, office, run, sentence):
    run = RunFactory(**run)
    assert sentence in words(client.post(f"/cms/run/ahead/{run.pk}/"))
    run.refresh_from_db()
    assert run.goes_ahead_at is None


# Who may


@pytest.mark.parametrize("role", ["Board members", "Protocol editors", "lead", "trainer"])
def test_nobody_else_acts_on_a_date(client, settings, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    staff = role in ("Board members", "Protocol editors")
    booking = BookingFactory(
        person__name="Anna Secret", state="requested", holds_place=True, run__minimum=9
    )
    person = PersonFactory(is_staff=staff, groups=[role] if staff else [])
    PostFactory(person=person, agency=booking.agency, is_lead=role == "lead")
    if role == "trainer":
        booking.run.trainers.add(person)
    client.force_login(person)
    sent = {
        "bookings": [booking.pk], "reason": "Because", "email": person.email, "position": 1,
        "day_1": in_days(40).date(), "subject": "S", "message": "M", "whom": "everybody",
        "colleague": person.email,
    }  # fmt: skip
    run = booking.run_id
    pages = [f"/cms/run/{v}/{run}/" for v in ("ahead", "add", "write", "repeat", "approve")]
    pages += [
        f"/cms/booking/{v}/{booking.pk}/"
        for v in ("approve", "refuse", "accept", "decline", "give", "turn", "cancel")
    ]
    for page in pages:
        for answer in (client.get(page), client.post(page, sent)):
            assert answer.status_code in {302, 403, 404, 405}, page
            assert "Anna Secret" not in words(answer), page
    booking.refresh_from_db()
    assert (booking.state, Booking.objects.count(), Run.objects.count()) == ("requested", 1, 1)
    assert not Mail.objects.exists()
    assert Run.objects.get().goes_ahead_at is None
