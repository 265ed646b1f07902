"""Build iCalendar files of a booking's sessions.

Each session of a booking is an event with a stable UID; a move raises its SEQUENCE (RFC 5546).
Times are in Europe/London, with a VTIMEZONE.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vText

from courses.models import Booking, Run, Session
from lms.mail import templates

if TYPE_CHECKING:
    from agencies.models import Board

LONDON = ZoneInfo("Europe/London")
# Given as RRULEs, because Outlook ignores a list of transition days.
SUMMER_TIME = b"""BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19970330T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
""".replace(b"\n", b"\r\n")
FIRST_ENTRY = b"BEGIN:VEVENT\r\n"


def attachments(booking: Booking, *, cancelled: bool = False) -> list[tuple[str, bytes, str]]:
    """Build a calendar file for each session, as mail attachments: (name, bytes, media type)."""
    prefetch_related_objects([booking.run], "sessions")
    method, board = "CANCEL" if cancelled else "REQUEST", templates.board()
    return [
        (
            f"session-{number}.ics",
            _calendar(method, [_entry(booking, session, board, cancelled=cancelled)]),
            f"text/calendar; method={method}; charset=utf-8",
        )
        for number, session in enumerate(booking.run.sessions.all(), start=1)
    ]


def download(booking: Booking) -> bytes:
    """Build one calendar file of all sessions, for 'Add to calendar'."""
    board = templates.board()
    entries = [_entry(booking, session, board) for session in booking.run.sessions.all()]
    for entry in entries:
        del entry["attendee"]  # PUBLISH must have no attendees (RFC 5546, 3.2.1).
    return _calendar("PUBLISH", entries)


def place_in_words(run: Run) -> str:
    """Return where the run is, on one line; empty while undecided."""
    if run.venue:
        return ", ".join([run.venue.name, *run.venue.address.split("\n")]).replace("\r", "")
    return run.link


def _calendar(method: str, entries: list[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Safeguarding children board//Training//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(entry)
    # Insert the constant VTIMEZONE as bytes instead of building it for each file.
    return calendar.to_ical().replace(FIRST_ENTRY, SUMMER_TIME + FIRST_ENTRY, 1)


def _entry(booking: Booking, session: Session, board: Board, *, cancelled: bool = False) -> Event:
    run = booking.run
    entry = Event()
    entry.add("uid", f"session-{session.pk}-booking-{booking.pk}@{_host()}")
    entry.add("dtstamp", timezone.now().astimezone(dt.UTC))
    entry.add("dtstart", timezone.localtime(session.starts_at, LONDON))
    entry.add("dtend", timezone.localtime(session.ends_at, LONDON))
    entry.add("sequence", _sequence(booking, session, cancelled=cancelled))
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    entry.add("summary", " – ".join(filter(None, [run.course.title, session.name])))
    entry.add("location", _place_for(booking))
    entry.add("url", f"{settings.SITE_URL}/my/")
    organizer = vCalAddress(f"mailto:{board.email}")
    organizer.params["CN"] = vText(board.name)
    entry["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{booking.person.email}")
    attendee.params["CN"] = vText(booking.person.name)
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    entry.add("attendee", attendee, encode=0)
    return entry


def _sequence(booking: Booking, session: Session, *, cancelled: bool) -> int:
    """Return a SEQUENCE that rises on a move, on disclosing the place, and on cancelling."""
    return session.sequence + (booking.pre_course_at is not None) + cancelled


def _place_for(booking: Booking) -> str:
    """Return the full place, or the venue's name alone while pre-course answers are outstanding."""
    if not booking.owes_answers:
        return place_in_words(booking.run)
    run = booking.run
    return run.venue.name if run.venue else "Online" if run.link else ""


def _host() -> str:
    return settings.SITE_URL.split("//")[1].split(":")[0]
