"""Build iCalendar files of the sessions of a booking, or of a trainer.

Each session of each is an event with a stable UID; whatever changes in it raises its SEQUENCE
(RFC 5546), which courses.notices.told works out.
Times are in Europe/London, with a VTIMEZONE.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vText

from courses.notices import told
from lms.mail import templates

if TYPE_CHECKING:
    from agencies.models import Board, Person
    from courses.models import Booking, Run

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
    return files_of(booking, told.plan(booking, cancelled=cancelled))


def files_of(booking: Booking, entries: told.Entries) -> list[tuple[str, bytes, str]]:
    """Build a file for each of these entries of a booking, which `told` planned."""
    return _files(booking.run, f"booking-{booking.pk}", booking.person, entries)


def files_of_trainer(
    run: Run, person: Person, entries: told.Entries
) -> list[tuple[str, bytes, str]]:
    """Build a file for each of these entries of a trainer."""
    return _files(run, f"trainer-{person.pk}", person, entries)


def download(booking: Booking) -> bytes:
    """Build one calendar file of all sessions, for 'Add to calendar'."""
    board = templates.board()
    plan = told.plan(booking).items()
    entries = [
        _entry(booking.run, f"booking-{booking.pk}", booking.person, pk, entry, board)
        for pk, entry in plan
        if not entry.get("cancelled")
    ]
    for entry in entries:
        del entry["attendee"]  # PUBLISH must have no attendees (RFC 5546, 3.2.1).
    return _calendar("PUBLISH", entries)


def _files(
    run: Run, whose: str, person: Person, entries: told.Entries
) -> list[tuple[str, bytes, str]]:
    if not person.email:  # Whoever tells them has no use for it in their own calendar.
        return []
    board = templates.board()
    made = []
    for number, (pk, entry) in enumerate(entries.items(), start=1):
        method = "CANCEL" if entry.get("cancelled") else "REQUEST"
        file = _calendar(method, [_entry(run, whose, person, pk, entry, board)])
        kind = f"text/calendar; method={method}; charset=utf-8"
        made.append((f"session-{number}.ics", file, kind))
    return made


def _calendar(method: str, entries: list[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Safeguarding children board//Training//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(entry)
    # Insert the constant VTIMEZONE as bytes instead of building it for each file.
    return calendar.to_ical().replace(FIRST_ENTRY, SUMMER_TIME + FIRST_ENTRY, 1)


def _entry(
    run: Run, whose: str, person: Person, session: str, of: dict[str, Any], board: Board
) -> Event:
    """Build the entry of one person and session, with a UID that stays the same."""
    entry = Event()
    entry.add("uid", f"session-{session}-{whose}@{_host()}")
    entry.add("dtstamp", timezone.now().astimezone(dt.UTC))
    entry.add("dtstart", dt.datetime.fromisoformat(of["starts"]).astimezone(LONDON))
    entry.add("dtend", dt.datetime.fromisoformat(of["ends"]).astimezone(LONDON))
    entry.add("sequence", of["sequence"])
    entry.add("status", "CANCELLED" if of.get("cancelled") else "CONFIRMED")
    entry.add("summary", " – ".join(filter(None, [run.course.title, of["name"]])))
    entry.add("location", of["place"])
    if of["notes"]:
        entry.add("description", of["notes"])
    entry.add("url", f"{settings.SITE_URL}/my/")
    organizer = vCalAddress(f"mailto:{board.email}")
    organizer.params["CN"] = vText(board.name)
    entry["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{person.email}")
    attendee.params["CN"] = vText(person.name)
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    entry.add("attendee", attendee, encode=0)
    return entry


def _host() -> str:
    return settings.SITE_URL.split("//")[1].split(":")[0]
