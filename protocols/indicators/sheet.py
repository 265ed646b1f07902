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
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y",
        "%d-%b-%y", "%d-%b-%Y", "%d %b %y", "%d-%B-%Y", "%d %B %y",
        "%Y-%m-%d %H:%M:%S")  # fmt: skip
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
    if said.isdigit() and int(said) in EXCELS_DAYS:
        return from_excel(int(said)).date()
    for shape in DAYS:
        try:
            return dt.datetime.strptime(said, shape).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _headings(sheet: Sheet) -> int | None:
    """Return the index of the row of headings, or None."""
    rows = enumerate(sheet.lines[:50])
    return next((at for at, cells in rows if set(_columns(cells).values()) >= NEEDED), None)


def _columns(cells: list[str]) -> dict[int, str]:
    said = {name: column for column, names in COLUMNS.items() for name in names}
    return {at: said[cell.lower()] for at, cell in enumerate(cells) if cell.lower() in said}


def _rows(sheet: Sheet, start: int):
    columns = _columns(sheet.lines[start])
    for line, cells in enumerate(sheet.lines[start + 1 :], start=start + 2):
        told = {column: cells[at] for at, column in columns.items() if at < len(cells)}
        if any(told.values()):
            text = BEFORE_TEXT.sub("", told.get("text", ""))
            yield IndicatorRow(line, **(told | {"text": text}))


def _without_headings(sheets: list[Sheet]) -> str:
    names = ", ".join(f"‘{sheet.name}’" for sheet in sheets if sheet.name)
    where = f"None of the sheets {names} has" if names else "This file has no row of headings with"
    return (
        f"{where}{' a row of headings with' if names else ''} ‘Tier’, ‘Domain’ and ‘Indicator’. "
        "Download the list of indicators to see how it is laid out."
    )
