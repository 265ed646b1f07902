"""Test adding and changing a date by its verbs, as an API, an import or a command would."""

import datetime as dt

import pytest

from courses.models import Course, Run
from courses.scheduling import repeating, scheduling
from courses.scheduling.planning import DETAILS, PlannedSession, RequestedReserve
from courses.scheduling.scheduling import SchedulingRefused
from history.models import Event
from lms.models import Mail
from tests.courses.test_back_office import run_fields, session_fields
from tests.factories import (
    BookingFactory,
    CourseFactory,
    MarkFactory,
    PersonFactory,
    RunFactory,
    SectorFactory,
    VenueFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
LINK = "https://meet.example.org/1"
ONE = PlannedSession(in_days(20), in_days(20, "12:00"), name="Morning", is_essential=True)


def actions(run):
    return list(Event.objects.about(run).order_by("pk").values_list("action", flat=True))


def planned(run, **moved):
    sessions = [(s.pk, s.starts_at, s.ends_at, s.name) for s in run.sessions.all()]
    return [
        PlannedSession(starts, ends, name, pk=pk, **moved) for pk, starts, ends, name in sessions
    ]


def test_a_date_is_added_with_all_that_the_office_can_give_it():
    trainer, health = PersonFactory(), SectorFactory(name="Health")
    run = scheduling.add(
        CourseFactory(asks_approval=True), by="IMPORT", sessions=[ONE], venue=VenueFactory(),
        reserves=[RequestedReserve(health, 2, in_days(9).date())], trainers=[trainer],
        places=8, minimum=3,
    )  # fmt: skip
    run.refresh_from_db()
    assert (run.starts_at, run.places, run.minimum, run.asks_approval) == (
        in_days(20), 8, 3, True,
    )  # fmt: skip
    assert (run.format, list(run.trainers.all())) == (Run.Format.CLASSROOM, [trainer])
    assert (run.sessions.get().is_essential, run.reserves.get().places) == (True, 2)
    assert actions(run) == ["run.added", "run.reserves_changed", "run.dates_settled"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"venue": None}, "needs a venue"),
        ({"format": Run.Format.ONLINE}, "needs the link"),
        ({"places": 2, "minimum": 3}, "minimum cannot be more"),
        ({"agency_cap": 0}, "at least 1"),
        ({"sessions": []}, "at least one session"),
        ({"sessions": [ONE, ONE]}, "Two sessions overlap"),
        ({"sessions": [PlannedSession(in_days(9), in_days(9))]}, "end must be after the start"),
        ({"booking_opens_at": in_days(2), "booking_closes_at": in_days(1)}, "close after it opens"),
    ],
)
def test_a_date_that_cannot_be_is_not_added(wrong, sentence):
    details = {"by": "IMPORT", "sessions": [ONE], "venue": VenueFactory()} | wrong
    with pytest.raises(SchedulingRefused, match=sentence):
        scheduling.add(CourseFactory(), **details)
    assert not Run.objects.exists()


def test_only_what_is_given_is_changed():
    run = RunFactory(places=5, minimum=2, trainers=[PersonFactory()])
    before = (planned(run), run.venue, list(run.trainers.all()))
    run = scheduling.change(run, minimum=4, by="IMPORT")
    assert (run.minimum, run.places) == (4, 5)
    assert (planned(run), run.venue, list(run.trainers.all())) == before
    assert actions(run) == ["run.changed"]


ANOTHER = {
    "venue": lambda: VenueFactory(),
    "link": lambda: LINK,
    "format": lambda: Run.Format.ONLINE,
    "joining_instructions": lambda: "Bring lunch.",
    "minimum": lambda: 3,
    "booking_opens_at": lambda: in_days(1),
    "booking_closes_at": lambda: in_days(2),
    "agency_cap": lambda: 2,
    "asks_approval": lambda: True,
    "freed_places": lambda: Run.FreedPlaces.AT_ONCE,
    "priority_rule": lambda: Run.PriorityRule.FIRST_TIME,
    "places": lambda: 6,
}


@pytest.mark.parametrize("name", DETAILS)
def test_whatever_is_changed_is_in_history_with_who_did_it(name):
    """Find who changed each detail: a form that somebody else has open names them."""
    office = PersonFactory()
    run = RunFactory(places=5, minimum=2, link="https://other.example.org", freed_places="offer")
    scheduling.change(run, **{name: ANOTHER[name]()}, by=office)
    assert Event.objects.about(run).filter(by_person=office.pk).exists()


def test_sessions_that_are_changed_move_the_date_and_are_told_once():
    booking = BookingFactory()
    [session] = planned(booking.run)
    later = dt.timedelta(days=1)
    moved = PlannedSession(session.starts_at + later, session.ends_at + later, pk=session.pk)
    run = scheduling.change(booking.run, sessions=[moved], by="IMPORT")
    assert run.starts_at == session.starts_at + later
    assert Mail.objects.get(template="run_moved").to == booking.person.email


@pytest.mark.parametrize(
    ("made", "sentence"), [(BookingFactory, "People are booked"), (MarkFactory, "has marks")]
)
def test_a_session_that_is_needed_is_not_removed(made, sentence):
    thing = made()
    run = getattr(thing, "run", None) or thing.session.run
    with pytest.raises(SchedulingRefused, match=sentence):
        scheduling.change(run, sessions=[ONE], by="IMPORT")
    assert run.sessions.get().starts_at == run.starts_at


def test_a_change_is_not_refused_for_what_was_wrong_before_it():
    run = RunFactory(venue=None)
    assert scheduling.change(run, places=20, by="IMPORT").places == 20
    with pytest.raises(SchedulingRefused, match="needs the link"):
        scheduling.change(run, format=Run.Format.ONLINE, by="IMPORT")


@pytest.mark.parametrize(
    ("course", "place", "format"),
    [
        ({"format": Course.Format.ONLINE}, {"link": LINK}, "online"),
        ({"format": Course.Format.CLASSROOM}, {"venue": "Hall", "link": LINK}, "classroom"),
        ({"kind": Course.Kind.BRIEFING, "format": ""}, {"link": LINK}, "online"),
        ({"kind": Course.Kind.BRIEFING, "format": ""}, {"venue": "Hall"}, "classroom"),
    ],
)
def test_a_date_has_the_format_of_its_course_else_of_its_place(course, place, format):
    if "venue" in place:
        place = place | {"venue": VenueFactory()}
    run = scheduling.add(CourseFactory(**course), by="IMPORT", sessions=[ONE], **place)
    assert run.format == format
    label = "Briefing" if "kind" in course else run.get_format_display()
    assert run.format_label == label


def test_a_date_may_differ_from_its_course_and_its_copies_with_it():
    details = {"by": "IMPORT", "sessions": [ONE], "format": Run.Format.ONLINE, "link": LINK}
    run = scheduling.add(CourseFactory(format=Course.Format.CLASSROOM), **details)
    [copy] = repeating.repeat(run, [in_days(40).date()], by="IMPORT")
    assert (run.format_label, copy.format_label) == ("Virtual classroom", "Virtual classroom")
    assert run.course.format_label == "Classroom"
    event = Event.objects.about(copy).get(action="run.added")
    assert event.now == {"course": run.course_id, "repeats": run.pk}


HOUR = dt.timedelta(hours=1)


def two_sessions(first=-1, second=6):
    """Return a run with two sessions, so many days from today; the first has a mark."""
    times = [(in_days(day), in_days(day, "12:00")) for day in (first, second)]
    run = RunFactory(sessions=times)
    made = BookingFactory(run=run)
    MarkFactory(session=run.sessions.first(), booking=made)
    return run, made


def moved(run, number, by):
    plans = planned(run)
    one = plans[number]
    plans[number] = PlannedSession(one.starts_at + by, one.ends_at + by, one.name, pk=one.pk)
    return plans


@pytest.mark.parametrize("by", [30 * 24 * HOUR, HOUR, -HOUR], ids=["month", "later", "earlier"])
def test_a_session_that_has_begun_and_has_marks_keeps_its_times(by):
    run, _ = two_sessions()
    was = run.sessions.values_list("starts_at", "ends_at")
    before = list(was.all())
    with pytest.raises(SchedulingRefused, match="register has marks") as refused:
        scheduling.change(run, by="OFFICE", sessions=moved(run, 0, by), places=3)
    assert refused.value.about == "sessions"
    run.refresh_from_db()
    assert (list(was.all()), run.places) == (before, 10)
    assert not Mail.objects.exists()


def test_what_is_still_to_come_of_such_a_date_can_be_moved():
    run, made = two_sessions()
    scheduling.change(run, by="OFFICE", sessions=moved(run, 1, 24 * HOUR))
    assert Mail.objects.filter(template="run_moved", about_id=made.pk).count() == 1


def test_a_date_to_come_with_apologies_can_be_moved():
    run, _ = two_sessions(first=5)
    scheduling.change(run, by="OFFICE", sessions=moved(run, 0, HOUR))
    assert run.sessions.first().starts_at == in_days(5, "10:30")


def test_the_form_says_why_and_what_to_do_and_keeps_what_was_typed(client, office):
    run, _ = two_sessions()
    first, second = run.sessions.all()
    sessions = session_fields(
        (first.pk, in_days(30), in_days(30, "12:00")),
        (second.pk, second.starts_at, second.ends_at),
        was=2,
    )
    told = run_fields(venue=run.venue_id, joining_instructions="Bring lunch") | sessions
    page = client.post(f"/cms/run/edit/{run.pk}/", told).content.decode()
    assert "its register has marks" in page and "add a new date" in page
    assert "Bring lunch" in page
    first.refresh_from_db()
    assert first.starts_at == in_days(-1)
