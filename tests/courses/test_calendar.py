"""Test that iCalendar files give the right times across clock changes and time zones."""

import datetime as dt
import io
from base64 import b64decode

import pytest
import time_machine
import vobject
from dateutil import tz
from django.utils import timezone
from icalendar import Calendar

from courses.models import Run
from courses.notices import ical, notices
from courses.scheduling import scheduling
from lms.models import Mail
from tests.factories import BookingFactory, PersonFactory

pytestmark = pytest.mark.django_db
LONDON = timezone.get_default_timezone()
# The last working day before each clock change of two years, and the first after it.
DAYS = [
    dt.date(2026, 3, 27), dt.date(2026, 3, 30), dt.date(2026, 10, 23), dt.date(2026, 10, 26),
    dt.date(2027, 3, 26), dt.date(2027, 3, 29), dt.date(2027, 10, 29), dt.date(2027, 11, 1),
]  # fmt: skip


def booked_at(*moments):
    times = [(moment, moment + dt.timedelta(hours=3)) for moment in moments]
    return BookingFactory(run__sessions=times)


def half_past_nine(day):
    return dt.datetime.combine(day, dt.time(9, 30), LONDON)


def rules_of(file):
    """Parse the file's VTIMEZONE with dateutil, independently of our own code."""
    text = file.decode()
    end = "END:VTIMEZONE"
    zone = text[text.index("BEGIN:VTIMEZONE") : text.index(end) + len(end)]
    return tz.tzical(io.StringIO(zone)).get("Europe/London")


def test_half_past_nine_is_half_past_nine_on_both_sides_of_a_clock_change():
    booking = booked_at(*map(half_past_nine, DAYS))
    files = [content for _, content, _ in ical.attachments(booking)]
    starts = [Calendar.from_ical(file).events[0]["dtstart"] for file in files]
    assert [start.params["TZID"] for start in starts] == ["Europe/London"] * len(DAYS)
    read = [start.dt.replace(tzinfo=rules_of(files[0])) for start in starts]
    assert [moment.astimezone(dt.UTC) for moment in read] == [
        half_past_nine(day).astimezone(dt.UTC) for day in DAYS
    ]


def test_the_rules_of_summer_time_are_rules_and_no_list_of_days():
    (_, file, _), *_ = ical.attachments(booked_at(half_past_nine(DAYS[0])))
    assert (file.count(b"RRULE:FREQ=YEARLY"), file.count(b"RDATE")) == (2, 0)


def test_a_calendar_is_in_londons_time_whoever_causes_it():
    booking = booked_at(half_past_nine(DAYS[0]))
    with timezone.override("America/New_York"):
        (_, file, _), *_ = ical.attachments(booking)
    assert b"DTSTART;TZID=Europe/London:20260327T093000" in file


def test_a_file_that_one_fetches_oneself_invites_nobody():
    booking = booked_at(half_past_nine(DAYS[0]))
    (_, invitation, _), *_ = ical.attachments(booking)
    assert (b"METHOD:REQUEST" in invitation, b"ATTENDEE" in invitation) == (True, True)
    fetched = ical.download(booking)
    assert (b"METHOD:PUBLISH" in fetched, b"ATTENDEE" in fetched) == (True, False)


def test_what_goes_has_the_identity_of_what_came_and_a_higher_number():
    booking = booked_at(half_past_nine(DAYS[0]))
    came, went = (
        Calendar.from_ical(ical.attachments(booking, cancelled=cancelled)[0][1]).events[0]
        for cancelled in (False, True)
    )
    assert came["uid"] == went["uid"]
    assert (came["sequence"], went["sequence"], went["status"]) == (0, 1, "CANCELLED")


def entry_of(file):
    """Parse the file with vobject and return (calendar, its only event)."""
    read = vobject.readOne(file.decode())
    [entry] = read.vevent_list
    return read, entry


def test_each_session_is_one_request_that_another_program_reads_at_the_right_time():
    booking = booked_at(*map(half_past_nine, DAYS))
    booking.person.name, booking.run.course.title = 'Zoë O\'Hara; "Jo"', "Neglect, early: day, one"
    read = [entry_of(content) for _, content, _ in ical.attachments(booking)]
    assert [
        (entry.dtstart.value.astimezone(dt.UTC), entry.dtend.value.astimezone(dt.UTC))
        for _, entry in read
    ] == [
        (start.astimezone(dt.UTC), start.astimezone(dt.UTC) + dt.timedelta(hours=3))
        for start in map(half_past_nine, DAYS)
    ]
    assert len({entry.uid.value for _, entry in read}) == len(DAYS)
    for whole, entry in read:
        assert (whole.method.value, whole.version.value, entry.status.value) == (
            "REQUEST", "2.0", "CONFIRMED",
        )  # fmt: skip
        assert entry.organizer.value == "mailto:training@board.example.org"
        assert entry.attendee.value == f"mailto:{booking.person.email}"
        assert entry.summary.value == "Neglect, early: day, one"
        assert len(entry.contents["organizer"]) == len(entry.contents["attendee"]) == 1


def test_a_session_that_spans_a_clock_change_ends_when_it_should():
    """Check the night to 25 October 2026: three hours by the clock are four."""
    night = dt.datetime(2026, 10, 24, 23, 30, tzinfo=LONDON)
    booking = BookingFactory(run__sessions=[(night, night.replace(day=25, hour=2))])
    (_, file, _), *_ = ical.attachments(booking)
    _, entry = entry_of(file)
    assert entry.dtstart.value.astimezone(dt.UTC) == dt.datetime(
        2026, 10, 24, 22, 30, tzinfo=dt.UTC
    )
    assert entry.dtend.value.astimezone(dt.UTC) == dt.datetime(2026, 10, 25, 2, 30, tzinfo=dt.UTC)


def test_a_move_and_a_cancellation_reach_the_same_entry_with_a_higher_number():
    booking, office = booked_at(half_past_nine(DAYS[0]), half_past_nine(DAYS[1])), PersonFactory()

    def sent():
        kept = Mail.objects.latest("pk").attachments
        found = [entry_of(b64decode(one["content"])) for one in kept]
        assert [one["type"] for one in kept] == [
            f"text/calendar; method={whole.method.value}; charset=utf-8" for whole, _ in found
        ]
        return {
            entry.uid.value: (whole.method.value, int(entry.sequence.value), entry.status.value)
            for whole, entry in found
        }

    with time_machine.travel("2026-03-01"):
        notices.confirmed(booking)
        first, second = came = sent()
        was = scheduling.times_of(booking.run)
        session = booking.run.sessions.first()
        session.starts_at += dt.timedelta(minutes=30)
        session.save()
        scheduling.settle_dates(Run.objects.get(pk=booking.run_id), by=office, was=was)
        moved = sent()
        scheduling.cancel(Run.objects.get(pk=booking.run_id), by=office, reason="Snow.")
        gone = sent()
    assert came == {first: ("REQUEST", 0, "CONFIRMED"), second: ("REQUEST", 0, "CONFIRMED")}
    assert moved == {first: ("REQUEST", 1, "CONFIRMED"), second: ("REQUEST", 0, "CONFIRMED")}
    assert gone == {first: ("CANCEL", 2, "CANCELLED"), second: ("CANCEL", 1, "CANCELLED")}
