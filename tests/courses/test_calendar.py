"""Does a calendar put a booking at the right time, whatever the season and whoever asks?"""

import datetime as dt
import io

import pytest
from dateutil import tz
from django.utils import timezone
from icalendar import Calendar

from courses import calendar
from tests.factories import BookingFactory

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
    """The time zone as another program than ours reads it from the file."""
    text = file.decode()
    end = "END:VTIMEZONE"
    zone = text[text.index("BEGIN:VTIMEZONE") : text.index(end) + len(end)]
    return tz.tzical(io.StringIO(zone)).get("Europe/London")


def test_half_past_nine_is_half_past_nine_on_both_sides_of_a_clock_change():
    booking = booked_at(*map(half_past_nine, DAYS))
    files = [content for _, content, _ in calendar.attachments(booking)]
    starts = [Calendar.from_ical(file).events[0]["dtstart"] for file in files]
    assert [start.params["TZID"] for start in starts] == ["Europe/London"] * len(DAYS)
    read = [start.dt.replace(tzinfo=rules_of(files[0])) for start in starts]
    assert [moment.astimezone(dt.UTC) for moment in read] == [
        half_past_nine(day).astimezone(dt.UTC) for day in DAYS
    ]


def test_the_rules_of_summer_time_are_rules_and_no_list_of_days():
    (_, file, _), *_ = calendar.attachments(booked_at(half_past_nine(DAYS[0])))
    assert (file.count(b"RRULE:FREQ=YEARLY"), file.count(b"RDATE")) == (2, 0)


def test_a_calendar_is_in_londons_time_whoever_causes_it():
    booking = booked_at(half_past_nine(DAYS[0]))
    with timezone.override("America/New_York"):
        (_, file, _), *_ = calendar.attachments(booking)
    assert b"DTSTART;TZID=Europe/London:20260327T093000" in file


def test_a_file_that_one_fetches_oneself_invites_nobody():
    booking = booked_at(half_past_nine(DAYS[0]))
    (_, invitation, _), *_ = calendar.attachments(booking)
    assert (b"METHOD:REQUEST" in invitation, b"ATTENDEE" in invitation) == (True, True)
    fetched = calendar.download(booking)
    assert (b"METHOD:PUBLISH" in fetched, b"ATTENDEE" in fetched) == (True, False)


def test_what_goes_has_the_identity_of_what_came_and_a_higher_number():
    booking = booked_at(half_past_nine(DAYS[0]))
    came, went = (
        Calendar.from_ical(calendar.attachments(booking, cancelled=cancelled)[0][1]).events[0]
        for cancelled in (False, True)
    )
    assert came["uid"] == went["uid"]
    assert (came["sequence"], went["sequence"], went["status"]) == (0, 1, "CANCELLED")
