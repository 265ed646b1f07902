"""Parse the attendance reports of Zoom and Teams.

Shapes: Zoom's list of participants with or without the block about the meeting above it, its list
of 'unique users' and its report of a webinar, in sections; Teams' report in numbered parts, and
its older list of who joined and left.
The names of columns are theirs; the case differs between versions.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from courses.attendance.imports import people as imports_people
from courses.attendance.imports import times
from courses.attendance.imports.people import Attendee
from courses.attendance.imports.times import Stay
from lms.refused import Refused
from lms.spreadsheets import reading

MOST_BYTES = 2 * 1024**2
MOST_LINES = 10_000
MOST_PEOPLE = 500
# What the time somebody was there is called, and with its unit: 'Duration (minutes)', as Zoom
# writes it, and as somebody would who adds the unit by hand.
LENGTHS = (
    "duration", "total duration", "actual duration", "in-meeting duration", "meeting duration",
    "time in session", "time in meeting",
)  # fmt: skip


def in_unit(*units: str) -> set[str]:
    """Return the headings of a length in this unit, however it is written."""
    shapes = ("{} ({})", "{} in {}", "{} {}")
    return {shape.format(name, unit) for shape in shapes for name in LENGTHS for unit in units}


# Our name for each column, with its headings in lower case.
COLUMNS = {
    "name": {
        "name (original name)", "name", "full name", "user name", "user name (original name)",
        "participant",
    },
    "email": {"user email", "email", "e-mail"},
    "account": {"participant id (upn)", "participant id"},
    "joined": {"join time", "first join", "first join time"},
    "left": {"leave time", "last leave", "last leave time"},
    "minutes": in_unit("minutes", "minute", "mins", "min"),
    "seconds": in_unit("seconds", "second", "secs", "sec", "s"),
    # As 01:02:03; the unit of a bare number is to be proven.
    "duration": {*LENGTHS, *in_unit("hh:mm:ss", "h:mm:ss")},
    "waited": {"in waiting room"},
    "attended": {"attended"},
    "role": {"role"},
    "action": {"user action"},
    "at": {"timestamp"},
}  # fmt: skip
ENOUGH = (
    {"name", "joined", "left"},
    {"name", "action", "at"},
    {"name", "minutes"},
    {"name", "seconds"},
    {"name", "duration"},
)
HOST_COLUMNS = {"user email", "host email"}
# Of a webinar's report, each alone on its line.
HOSTS = "host details"
SECTIONS = {HOSTS, "panelist details", "attendee details", "other attended"}
PART = re.compile(r"\d\. [^\d]*$")  # such as '3. In-Meeting Activities', alone on its line
LEADS_THE_MEETING = {"organizer", "organiser", "co-organizer", "co-organiser"}


class ReportRefused(Refused):
    """Refusal of a file that is no attendance report we can read: a sentence for the trainer."""


REPORT = reading.Wanted(
    "a CSV file",
    again="Download the report from Zoom or Teams again, or save the workbook as CSV, and choose "
    "that.",
    smaller="Choose the report of this date alone.",
    most_bytes=MOST_BYTES,
    takes_workbooks=False,
    most_lines_of_a_row=5,  # a meeting's topic may be written on several
    refused=ReportRefused,
    headings=frozenset().union(*COLUMNS.values()),
)


@dataclass(frozen=True)
class MeetingReport:
    """Attendees of a meeting; `problems` are rows that could not be read, with line and reason.

    `has_nameless` where one of them does not say whose it is. `digest` is of the rows as they are
    written, so that the same report is known again in whatever time zone its times are read.
    """

    attendees: tuple[Attendee, ...]
    problems: tuple[str, ...] = ()
    has_nameless: bool = False
    digest: str = ""

    @property
    def says_when(self) -> bool:
        return any(attendee.stays for attendee in self.attendees)


@dataclass(frozen=True)
class ReportRow:
    """Row below a heading: its cells, by our names for the columns.

    `in_sum` where the heading speaks of the first joining and the last leaving; `hosts` in the
    section of those.
    """

    line: int
    in_sum: bool
    cells: dict[str, str]
    hosts: bool = False
    bare: dt.timedelta = times.MINUTE  # unit of a bare number in 'duration'

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def email(self) -> str:
        """Address, or the account where Teams has no address and it looks like one."""
        found = self["email"] or self["account"]
        return found.lower() if "@" in found else ""

    @property
    def minutes(self) -> int | None:
        """Return how long it says, in minutes; None where it says nothing that can be read."""
        units = {"minutes": times.MINUTE, "seconds": times.SECOND, "duration": self.bare}
        said = ((self[column], unit) for column, unit in units.items() if self[column])
        return next((times.minutes(words, unit) for words, unit in said), None)

    @property
    def is_negative(self) -> bool:
        told = (self[column] for column in ("minutes", "seconds", "duration"))
        return any(re.match(r"[-\u2212] ?\d", said) for said in told)


def parse(content: bytes, zone: ZoneInfo, days: Collection[dt.date]) -> MeetingReport:
    """Parse the file, with its times in `zone`.

    `days` are the days of the sessions: 03/04 is read as the day and month that is one of them.
    Raises ReportRefused.
    """
    lines = _lines(content)
    rows, about = list(_rows(lines)), _about_the_meeting(lines)
    if not rows:
        raise ReportRefused(
            "This file is not an attendance report of Zoom or Teams that we know: it has no row "
            "of headings such as 'Name', 'Join Time' and 'Leave Time'. Download the report again "
            "and choose it as it is, without opening it in Excel first."
        )
    written = _digest(rows)
    clock = times.clock_for([said for row in rows for said in _times(row)], zone, days)
    rows = _in_their_unit(rows, clock)
    people, problems = imports_people.Gathering(_hosts(about)), []
    has_nameless = False
    most = _longest(about)
    for row in _told_once(rows):
        try:
            _take(row, clock, people, most)
        except ValueError as wrong:
            problems.append(f"Line {row.line}: {wrong}")
            if _who(row):
                people.could_not_be_read(row["name"], row.email, row.line)
            else:
                has_nameless = True
    attendees = people.attendees()
    _refuse_unless_people(attendees, problems)
    return MeetingReport(attendees, tuple(problems), has_nameless, written)


def _digest(rows: list[ReportRow]) -> str:
    """Return a digest of the rows as they are written, in whatever order."""
    written = sorted(repr(sorted(row.cells.items())) for row in rows)
    return hashlib.sha256("\n".join(written).encode()).hexdigest()


def _lines(content: bytes) -> list[list[str]]:
    """Split into cells by line of the file, with an empty list for an empty line."""
    reading.refuse_other_files(content, REPORT)
    lines: list[list[str]] = []
    for number, cells in reading.rows_of(content, REPORT):
        if number > MOST_LINES:
            raise ReportRefused(
                f"This file has {number:,} lines or more, and a report of one meeting has at most "
                f"{MOST_LINES:,}. {REPORT.smaller}"
            )
        lines.extend([] for _ in range(number - 1 - len(lines)))
        lines.append([reading.plain(cell) for cell in cells])
    return lines


def _rows(lines: list[list[str]]) -> Iterator[ReportRow]:
    """Yield the rows below each row of headings, until the next part.

    After an empty line only rows of as many cells as the headings are theirs.
    """
    headings: dict[int, str] | None = None
    in_sum = hosts = after_gap = False
    width = 0
    for number, cells in enumerate(lines, start=1):
        if section := _section(cells):
            headings, hosts = None, section == HOSTS
        elif found := _headings(cells):
            after_gap, width = False, len(cells)
            headings, in_sum = found, any(cell.lower().startswith("first join") for cell in cells)
        elif not any(cells):
            after_gap = True
        elif PART.match("".join(cells)) or (after_gap and len(cells) != width):
            headings = None
        elif headings:
            said = {name: cells[i] for i, name in headings.items() if i < len(cells)}
            yield ReportRow(number, in_sum, said, hosts)


def _section(cells: list[str]) -> str:
    """Return the name of the section that begins on this line, in lower case; else ''."""
    said = " ".join(filter(None, cells)).lower()
    return said if said in SECTIONS else ""


def _headings(cells: list[str]) -> dict[int, str] | None:
    """Map columns to our names for them; None if this is no row of headings that we know."""
    known = {
        i: column
        for i, cell in enumerate(cells)
        for column, words in COLUMNS.items()
        if reading.heading(cell) in words
    }
    says = set(known.values())
    return known if any(needed <= says for needed in ENOUGH) else None


def _about_the_meeting(lines: list[list[str]]) -> dict[str, str]:
    """Return the cells of the block about the meeting above Zoom's list, by heading."""
    for headings, below in zip(lines, lines[1:], strict=False):
        told = [cell.lower() for cell in headings]
        if "topic" in told:
            return dict(zip(told, below, strict=False))
    return {}


def _hosts(about: dict[str, str]) -> set[str]:
    return {about[column].lower() for column in HOST_COLUMNS if about.get(column)}


def _longest(about: dict[str, str]) -> int:
    """Return the minutes of the meeting, if the block about it says them, else those of a day."""
    said = [times.number(about.get(heading, "")) for heading in COLUMNS["minutes"]]
    told = [minutes for minutes in said if minutes]
    return max(told) + imports_people.ROUNDING if told else times.in_minutes(times.A_DAY)


def _in_their_unit(rows: list[ReportRow], clock: times.Clock) -> list[ReportRow]:
    """Give each bare number below 'Duration' its unit, proven by the times of the report.

    Raises ReportRefused where they do not prove one.
    """
    bare = [row for row in rows if times.number(row["duration"])]
    if not bare:
        return rows
    stays = [(times.number(row["duration"]) or 0, _stay(row, clock)) for row in bare]
    unit = times.unit_of((number, stay) for number, stay in stays if stay)
    if unit is None:
        raise ReportRefused(
            f"The column 'Duration' of this report has bare numbers such as {bare[0]['duration']}, "
            "and its times do not prove whether they are minutes or seconds. Download the report "
            "again with 'Duration (minutes)', or write the unit into that heading."
        )
    return [replace(row, bare=unit) for row in rows]


def _stay(row: ReportRow, clock: times.Clock) -> Stay | None:
    try:
        return Stay(clock.moment(row["joined"]), clock.moment(row["left"]))
    except ValueError:
        return None


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


def _take(
    row: ReportRow, clock: times.Clock, people: imports_people.Gathering, longest: int
) -> None:
    """Add a row to `people`. Raises ValueError with what is wrong with it.

    `longest` is how many minutes somebody can have been there who joined at no known time.
    """
    if not row["name"] and not row.email:
        raise ValueError("there is no name.")
    leads = row.hosts or row["role"].lower() in LEADS_THE_MEETING
    if row["waited"].lower() in ("yes", "y", "true") or row["attended"].lower() == "no":
        return
    if row.is_negative:
        raise ValueError("the time spent there is less than nothing.")
    minutes = row.minutes
    if row["action"]:
        joined = row["action"].lower().startswith("joined")
        people.moved(row["name"], row.email, clock.moment(row["at"]), joined=joined)
    elif row["joined"]:
        if not row["left"]:
            raise ValueError("there is no time of leaving.")
        stay = Stay(clock.moment(row["joined"]), clock.moment(row["left"]))
        if stay.end < stay.start:
            raise ValueError("the time of leaving is before the time of joining.")
        if stay.end - stay.start > times.A_DAY:
            raise ValueError("the time of leaving is more than a day after the time of joining.")
        there = times.in_minutes(stay.end - stay.start) + imports_people.ROUNDING
        if minutes is not None and minutes > there and not row.in_sum:
            raise ValueError(f"{minutes} minutes are more than from joining to leaving.")
        people.stayed(row["name"], row.email, stay, minutes, leads=leads)
    else:
        if minutes is None:
            raise ValueError("the minutes cannot be read.")
        in_all = minutes + people.minutes_so_far(row["name"], row.email)
        if in_all > longest:
            raise ValueError(f"{in_all} minutes are longer than the meeting.")
        people.was_there(row["name"], row.email, minutes, leads=leads)


def _refuse_unless_people(attendees: tuple[Attendee, ...], problems: list[str]) -> None:
    if not any(attendee.is_read for attendee in attendees):
        raise ReportRefused(
            "There is nobody in this report whose times can be read. "
            + " ".join(problems[:3] or ["It has headings and nothing below them."])
        )
    if len(attendees) > MOST_PEOPLE:
        raise ReportRefused(
            f"There are {len(attendees)} people in this report, and at most {MOST_PEOPLE} can be "
            "read at once. Choose the report of this date alone."
        )
