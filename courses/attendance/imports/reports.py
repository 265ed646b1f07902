"""Parse the attendance reports of Zoom and Teams.

Shapes: Zoom's list of participants with or without the block about the meeting above it, and its
list of 'unique users'; Teams' report in numbered parts, and its older list of who joined and left.
The names of columns are theirs; the case differs between versions.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from courses.attendance.imports import people as imports_people
from courses.attendance.imports import times
from courses.attendance.imports.people import Attendee
from courses.attendance.imports.times import Stay
from lms.spreadsheets import reading

MOST_BYTES = 2 * 1024**2
MOST_LINES = 10_000
MOST_PEOPLE = 500
MOST_LINES_OF_A_ROW = 5  # a meeting's topic may be written on several
BEGINNINGS = {
    b"PK\x03\x04": "an Excel workbook or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
# Our name for each column, with its headings in lower case.
COLUMNS = {
    "name": {"name (original name)", "name", "full name", "user name", "participant"},
    "email": {"user email", "email", "e-mail"},
    "account": {"participant id (upn)", "participant id"},
    "joined": {"join time", "first join", "first join time"},
    "left": {"leave time", "last leave", "last leave time"},
    "minutes": {
        "duration (minutes)", "total duration (minutes)", "in-meeting duration", "duration",
    },
    "waited": {"in waiting room"},
    "role": {"role"},
    "action": {"user action"},
    "at": {"timestamp"},
}  # fmt: skip
HOST_COLUMNS = {"user email", "host email"}
PART = re.compile(r"\d\. [^\d]*$")  # such as '3. In-Meeting Activities', alone on its line
LEADS_THE_MEETING = {"organizer", "organiser", "co-organizer", "co-organiser"}


class ReportRefused(Exception):
    """Refusal of a file that is no attendance report we can read: a sentence for the trainer."""


@dataclass(frozen=True)
class MeetingReport:
    """Attendees of a meeting; `problems` are rows that could not be read, with line and reason."""

    attendees: tuple[Attendee, ...]
    problems: tuple[str, ...] = ()

    @property
    def says_when(self) -> bool:
        return any(attendee.stays for attendee in self.attendees)


@dataclass(frozen=True)
class ReportRow:
    """Row below a heading: its cells, by our names for the columns.

    `in_sum` where the heading speaks of the first joining and the last leaving.
    """

    line: int
    in_sum: bool
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def email(self) -> str:
        """Address, or the account where Teams has no address and it looks like one."""
        found = self["email"] or self["account"]
        return found.lower() if "@" in found else ""


def parse(content: bytes, zone: ZoneInfo, days: Collection[dt.date]) -> MeetingReport:
    """Parse the file, with its times in `zone`.

    `days` are the days of the sessions: 03/04 is read as the day and month that is one of them.
    Raises ReportRefused.
    """
    lines = _lines(_text(content))
    rows, hosts = list(_rows(lines)), _hosts(lines)
    if not rows:
        raise ReportRefused(
            "This file is not an attendance report of Zoom or Teams that we know: it has no row "
            "of headings such as 'Name', 'Join Time' and 'Leave Time'. Download the report again "
            "and choose it as it is, without opening it in Excel first."
        )
    clock = times.clock_for([said for row in rows for said in _times(row)], zone, days)
    people, problems = imports_people.Gathering(hosts), []
    for row in _told_once(rows):
        try:
            _take(row, clock, people)
        except ValueError as wrong:
            problems.append(f"Line {row.line}: {wrong}")
    attendees = people.attendees()
    _refuse_unless_people(attendees, problems)
    return MeetingReport(attendees, tuple(problems))


def _text(content: bytes) -> str:
    if not content.strip():
        raise ReportRefused("This file is empty. Download the report again and choose it.")
    if len(content) > MOST_BYTES:
        raise ReportRefused(
            "This file is larger than 2 MB, and a report of attendance is not. Choose another."
        )
    for beginning, kind in BEGINNINGS.items():
        if content.startswith(beginning):
            raise ReportRefused(
                f"This file is {kind}, not a CSV file. Download the report from Zoom or Teams "
                "again, or save the workbook as CSV, and choose that."
            )
    text = reading.decoded(content)
    if "\0" in text:
        raise ReportRefused("This file is not text. Choose the CSV file of the report.")
    return text


def _lines(text: str) -> list[list[str]]:
    """Split into cells by line of the file, with an empty list for an empty line."""
    given = text.splitlines()
    if len(given) > MOST_LINES:
        raise ReportRefused(
            f"This file has {len(given):,} lines, and a report of one meeting has at most "
            f"{MOST_LINES:,}. Choose the report of this date alone."
        )
    between = max("\t,;", key=lambda sign: sum(line.count(sign) for line in given[:50]))
    read = csv.reader(given, delimiter=between)
    lines: list[list[str]] = []
    try:
        for cells in read:
            more = read.line_num - len(lines) - 1
            if more > MOST_LINES_OF_A_ROW:
                raise csv.Error("a quotation mark opens and does not close")
            lines.extend([] for _ in range(more))
            lines.append([reading.plain(cell) for cell in cells])
    except csv.Error as broken:
        raise ReportRefused(
            f"This file is broken: a row that begins on line {len(lines) + 1} has no end. Download "
            "the report again."
        ) from broken
    return lines


def _rows(lines: list[list[str]]) -> Iterator[ReportRow]:
    """Yield the rows below each row of headings, until an empty line or the next part."""
    headings: dict[int, str] | None = None
    in_sum = False
    for number, cells in enumerate(lines, start=1):
        if found := _headings(cells):
            headings, in_sum = found, any(cell.lower().startswith("first join") for cell in cells)
        elif not any(cells) or len(cells) == 1 or PART.match("".join(cells)):
            headings = None
        elif headings:
            said = {name: cells[i] for i, name in headings.items() if i < len(cells)}
            yield ReportRow(number, in_sum, said)


def _headings(cells: list[str]) -> dict[int, str] | None:
    """Map columns to our names for them; None if this is no row of headings that we know."""
    known = {
        i: column
        for i, cell in enumerate(cells)
        for column, words in COLUMNS.items()
        if cell.lower() in words
    }
    says = set(known.values())
    enough = ({"name", "joined", "left"}, {"name", "action", "at"}, {"name", "minutes"})
    return known if any(needed <= says for needed in enough) else None


def _hosts(lines: list[list[str]]) -> set[str]:
    """Return the host's address, from the block about the meeting above Zoom's list."""
    for headings, below in zip(lines, lines[1:], strict=False):
        told = [cell.lower() for cell in headings]
        if "topic" in told:
            said = dict(zip(told, below, strict=False))
            return {said[column].lower() for column in HOST_COLUMNS if said.get(column)}
    return set()


def _times(row: ReportRow) -> list[str]:
    return [said for column in ("joined", "left", "at") if (said := row[column])]


def _told_once(rows: list[ReportRow]) -> Iterator[ReportRow]:
    """Drop the summary rows of people whose stays Teams lists one by one, too.

    An address that is in the summary only is copied to the stays.
    """
    addresses = defaultdict(set)
    for row in rows:
        if row.in_sum:
            addresses[row["name"].lower()].add(row.email)
    in_detail = set()
    for row in rows:
        known = addresses[row["name"].lower()]
        if not row.in_sum and not row.email and len(known) == 1:
            row.cells["email"] = next(iter(known))
        if not row.in_sum:
            in_detail.add(_who(row))
    return (row for row in rows if not row.in_sum or _who(row) not in in_detail)


def _who(row: ReportRow) -> str:
    return row.email or row["name"].lower()


def _take(row: ReportRow, clock: times.Clock, people: imports_people.Gathering) -> None:
    """Add a row to `people`. Raises ValueError with what is wrong with it."""
    if not row["name"] and not row.email:
        raise ValueError("there is no name.")
    leads = row["role"].lower() in LEADS_THE_MEETING
    if row["waited"].lower() in ("yes", "y", "true"):
        return
    if row["action"]:
        joined = row["action"].lower().startswith("joined")
        people.moved(row["name"], row.email, clock.moment(row["at"]), joined=joined)
    elif row["joined"]:
        stay = Stay(clock.moment(row["joined"]), clock.moment(row["left"]))
        if stay.end < stay.start:
            raise ValueError("the time of leaving is before the time of joining.")
        minutes = times.minutes(row["minutes"])
        people.stayed(row["name"], row.email, stay, minutes, leads=leads)
    else:
        minutes = times.minutes(row["minutes"])
        if minutes is None:
            raise ValueError("the minutes cannot be read.")
        people.was_there(row["name"], row.email, minutes, leads=leads)


def _refuse_unless_people(attendees: tuple[Attendee, ...], problems: list[str]) -> None:
    if not attendees:
        raise ReportRefused(
            "There is nobody in this report whose times can be read. "
            + " ".join(problems[:3] or ["It has headings and nothing below them."])
        )
    if len(attendees) > MOST_PEOPLE:
        raise ReportRefused(
            f"There are {len(attendees)} people in this report, and at most {MOST_PEOPLE} can be "
            "read at once. Choose the report of this date alone."
        )
