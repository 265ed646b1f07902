"""Read the rows of an indicators spreadsheet as text."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import NamedTuple

from openpyxl.utils.datetime import from_excel

from lms.spreadsheets import reading
from lms.spreadsheets.reading import Sheet, TableRefused

# Accepted headings of each column, in lower case; the first is the name that we use.
COLUMNS = {
    "number": ("number", "no", "no.", "reference"),
    "tier": ("tier", "level", "tier of need", "level of need"),
    "domain": ("domain",),
    "age_group": ("age group", "age"),
    "text": ("indicator", "indicator of need", "indicators", "text"),
    "topics": ("topics", "topic"),
    "starts_on": ("from", "valid from", "start"),
    "ends_on": ("until", "valid until", "to", "end"),
}
HEADINGS = frozenset(name for names in COLUMNS.values() for name in names)
NEEDED = {"tier", "domain", "text"}
MOST_ROWS = 5000
# A pasted bullet, or the quote that our own export puts before a text like a formula.
BEFORE_TEXT = re.compile(r"^([•·▪◦‣*–—-]\s+|'(?=[=+@-]))")
# Once days are written with hyphens alone: 2026/04/01, 1.4.26 and 1 April 2026 have them too.
DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d-%m-%y", "%d-%B-%Y", "%d-%b-%Y", "%d-%b-%y", "%d-%B-%y",
        "%B-%d-%Y", "%b-%d-%Y")  # fmt: skip
BETWEEN = re.compile(r"[ /.,\u2010-\u2015-]+")
# What people and programs write besides the day: its weekday, a time of midnight, "1st", "Sept".
BESIDES = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[,.]?"
    r"|[ t]00:00(?::00)?(?:\.0+)?z?$|(?<=\d)(?:st|nd|rd|th)\b|(?<=\bsep)t\b",
    re.IGNORECASE,
)
EXCELS_DAYS = range(20_000, 80_000)  # days since 1900: from 1954 to 2119
YEARS = range(1989, 2101)


class IndicatorRow(NamedTuple):
    """One row's cells by our column names; empty where the cell is."""

    line: int
    number: str = ""
    tier: str = ""
    domain: str = ""
    age_group: str = ""
    text: str = ""
    topics: str = ""
    starts_on: str = ""
    ends_on: str = ""


@dataclass(frozen=True)
class ParsedSheet:
    """The rows of the first sheet that has our headings; `unread` are other sheets with them."""

    rows: list[IndicatorRow]
    sheet: str
    unread: list[str]


def parse(content: bytes) -> ParsedSheet:
    """Read a file's rows, at most MOST_ROWS; raise TableRefused."""
    sheets = reading.read(content, HEADINGS)
    found = [(sheet, start) for sheet in sheets if (start := _headings(sheet)) is not None]
    if not found:
        raise TableRefused(_without_headings(sheets))
    (sheet, start), *others = found
    rows = list(_rows(sheet, start))
    if not rows:
        raise TableRefused(
            "This table has headings and nothing below them: add a line for each indicator."
        )
    if len(rows) > MOST_ROWS:
        raise TableRefused(f"This table has more than {MOST_ROWS:,} rows. Bring it in parts.")
    return ParsedSheet(rows, sheet.name, [other.name for other, _ in others])


def day(said: str) -> dt.date | None:
    """Parse a date; None if empty. Raise ValueError with the reason."""
    if not said:
        return None
    told = _day(said)
    if told is None or told.year not in YEARS:
        raise ValueError(f"‘{said[:40]}’ is not a day that we can read. Write it like 1/4/2026.")
    return told


def _day(said: str) -> dt.date | None:
    number = said.removesuffix(".0")
    if number.isdigit() and int(number) in EXCELS_DAYS:
        return from_excel(int(number)).date()
    plain = BETWEEN.sub("-", BESIDES.sub("", said).strip())
    for shape in DAYS:
        try:
            return dt.datetime.strptime(plain, shape).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _headings(sheet: Sheet) -> int | None:
    """Return the index of the row of headings, or None."""
    rows = enumerate(sheet.lines[:50])
    return next((at for at, cells in rows if _says_headings(cells)), None)


def _says_headings(cells: list[str]) -> bool:
    """Return whether this row says the headings again, as below a merged row or on a new page."""
    return set(_columns(cells).values()) >= NEEDED


def _columns(cells: list[str]) -> dict[int, str]:
    said = {name: column for column, names in COLUMNS.items() for name in names}
    headings = [reading.heading(cell) for cell in cells]
    return {at: said[heading] for at, heading in enumerate(headings) if heading in said}


def _rows(sheet: Sheet, start: int):
    columns = _columns(sheet.lines[start])
    for line, cells in enumerate(sheet.lines[start + 1 :], start=start + 2):
        told = {column: cells[at] for at, column in columns.items() if at < len(cells)}
        if any(told.values()) and not _says_headings(cells):
            text = BEFORE_TEXT.sub("", told.get("text", ""))
            yield IndicatorRow(line, **(told | {"text": text}))


def _without_headings(sheets: list[Sheet]) -> str:
    names = ", ".join(f"‘{sheet.name}’" for sheet in sheets if sheet.name)
    where = f"None of the sheets {names} has" if names else "This file has no row of headings with"
    return (
        f"{where}{' a row of headings with' if names else ''} ‘Tier’, ‘Domain’ and ‘Indicator’. "
        "Download the list of indicators to see how it is laid out."
    )
