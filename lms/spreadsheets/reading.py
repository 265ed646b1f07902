"""Read the text of uploaded tables, CSV or Excel workbooks."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import openpyxl
from openpyxl.utils import range_boundaries

from lms.refused import Refused
from lms.storage import contents

MOST_BYTES = 5 * 1024**2
MOST_BYTES_UNPACKED = 60 * 1024**2
MOST_LINES = 10_000
MOST_COLUMNS = 40
SEPARATORS = "\t;,|"
# Headings are looked for in so much of a file.
FIRST_LINES, FIRST_SIGNS = 50, 100_000
MERGED = re.compile(r'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
PACKED = b"PK\x03\x04"
# By the first bytes: kinds of files that are no table, or not always.
OTHERS = {
    PACKED: "an Excel workbook or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
# By the name of one of the packed files.
OTHER_PACKED = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "content.xml": "an OpenDocument file, such as .ods",
    "Index/Document.iwa": "a Numbers spreadsheet",
}


class TableRefused(Refused):
    """Reason why this file is not a readable table, as a sentence for the person."""


@dataclass(frozen=True)
class Sheet:
    """Rows of cells as text, days as 2026-04-01; a CSV file has one sheet, without a name."""

    name: str
    lines: list[list[str]]


@dataclass(frozen=True)
class Wanted:
    """Kind of file that is read, and what to do about one that is not of it, in sentences.

    `headings`, in lower case, decide what separates the columns. `most_lines_of_a_row` is for files
    whose quotation marks cannot be relied on; 0 wants each one to match.
    """

    name: str
    again: str
    smaller: str
    most_bytes: int = MOST_BYTES
    takes_workbooks: bool = True
    most_lines_of_a_row: int = 0
    refused: type[Refused] = TableRefused
    headings: frozenset[str] = frozenset()


TABLE = Wanted(
    "an Excel workbook (.xlsx) or a CSV file",
    again="Open it in the program it was made with, save it as an Excel workbook (.xlsx) or as "
    "CSV, and choose that.",
    smaller="Choose one that holds the table alone.",
)


def read(content: bytes, headings: frozenset[str] = frozenset()) -> list[Sheet]:
    """Read the visible sheets, at least one. Raises TableRefused.

    The columns of a CSV file are separated as some of these `headings` (in lower case) are.
    """
    refuse_other_files(content, TABLE)
    if content.startswith(PACKED):
        return _workbook(content)
    rows = (cells for _, cells in rows_of(content, replace(TABLE, headings=headings)))
    return [Sheet("", list(_within_bounds(rows)))]


def refuse_other_files(content: bytes, wanted: Wanted) -> None:
    """Refuse a file that is empty, too large or of a kind that is not wanted."""
    if not content.strip():
        raise wanted.refused(f"This file is empty. {wanted.again}")
    if len(content) > wanted.most_bytes:
        most = wanted.most_bytes // 1024**2
        raise wanted.refused(f"This file is larger than {most} MB. {wanted.smaller}")
    for beginning, kind in OTHERS.items():
        is_wanted = beginning == PACKED and wanted.takes_workbooks
        if content.startswith(beginning) and not is_wanted:
            raise wanted.refused(f"This file is {kind}, not {wanted.name}. {wanted.again}")


def rows_of(content: bytes, wanted: Wanted) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file, each with the number of the line that it ends on."""
    text = contents.decoded(content)
    if "\0" in text:
        raise wanted.refused(f"This file is not text. {wanted.again}")
    between, has_headings = _separator(text, wanted.headings)
    most, line = wanted.most_lines_of_a_row, 1
    read = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=not most)
    try:
        for cells in read:
            if most and read.line_num - line > most:
                raise csv.Error("unexpected end of data")
            yield read.line_num, cells
            line = read.line_num + 1
    except csv.Error as broken:
        if wanted.headings and not has_headings:
            why = "none of its lines is a row of headings that we know"
        else:
            why = _why_broken(str(broken), line)
        raise wanted.refused(
            f"This file is broken near line {read.line_num}: {why}. {wanted.again}"
        ) from broken


def heading(cell: str) -> str:
    """Return a cell as headings are compared: in lower case, 'join_time' as 'join time'.

    A colon, or a star for "must be filled in", says nothing.
    """
    return plain(cell).lower().replace("_", " ").strip(" :*")


def _separator(text: str, headings: frozenset[str]) -> tuple[str, bool]:
    """Return the sign between the headings that we know, and whether there are any.

    Where there are none, it is the first that is in the first line with words.
    """
    found = {sign: _headings_between(text, sign, headings) for sign in SEPARATORS}
    best = max(SEPARATORS, key=lambda sign: found[sign])
    if found[best] > 1:
        return best, True
    first = text.strip("\r\n ").partition("\n")[0]
    return next((sign for sign in SEPARATORS if sign in first), ","), False


def _headings_between(text: str, sign: str, headings: frozenset[str]) -> int:
    """Count the known headings of the row that has most of them, split at this sign."""
    lines = csv.reader(io.StringIO(text[:FIRST_SIGNS], newline=""), delimiter=sign)
    most = 0
    try:
        for cells in islice(lines, FIRST_LINES):
            most = max(most, len({heading(cell) for cell in cells} & headings))
    except csv.Error:
        pass  # the whole file is refused for it, if this is its separator
    return most


def _why_broken(error: str, line: int) -> str:
    if error == "unexpected end of data":
        quote = "a quotation mark opens in it and does not close"
        return f"the row that begins on line {line} has no end, because {quote}"
    if "expected after" in error:
        return f"the row that begins on line {line} has text after a closing quotation mark"
    return f"a cell of the row that begins on line {line} is too long"


def plain(cell: str) -> str:
    """Drop invisible characters and collapse white space."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    seen = "".join(" " if c.isspace() else c for c in cell if c.isspace() or c.isprintable())
    return " ".join(seen.split())


def _workbook(content: bytes) -> list[Sheet]:
    try:
        _refuse_other_packed(content)
        if contents.unpacked_size(content) > MOST_BYTES_UNPACKED:
            raise TableRefused(
                "This workbook is far larger than a table of words. Copy the table into a new one."
            )
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return [
            Sheet(plain(sheet.title), list(_within_bounds(_filled_down(_rows(sheet), merged))))
            for sheet, merged in zip(seen, [_merged(content, sheet) for sheet in seen], strict=True)
        ]
    except TableRefused:
        raise
    except Exception as damage:  # a broken file can make the reader raise anything
        raise TableRefused(
            "This file is not an Excel workbook (.xlsx), or it is damaged. Open it in Excel, save "
            "it again and choose that."
        ) from damage


def _refuse_other_packed(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        kinds = [OTHER_PACKED[name] for name in packed.namelist() if name in OTHER_PACKED]
    if kinds:
        raise TableRefused(f"This file is {kinds[0]}, not {TABLE.name}. {TABLE.again}")


def _merged(content: bytes, sheet) -> list[tuple[int, int, int]]:
    """Return the cells that are merged downwards: column, first and last row, from 1.

    A workbook that is read row by row does not tell; its file does, after the rows.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        written = packed.read(sheet._worksheet_path.lstrip("/")).decode("utf-8", "replace")
    bounds = [range_boundaries(ref) for ref in MERGED.findall(written)]
    return [
        (first_column, first, min(last, MOST_LINES + 1))
        for first_column, first, _, last in bounds
        if last > first
    ]


def _filled_down(rows: Iterator[tuple], merged: list[tuple[int, int, int]]) -> Iterator[tuple]:
    """Repeat the value of cells that are merged downwards in each of their rows."""
    starts = {(first, column): last for column, first, last in merged}
    running: dict[int, tuple[int, object]] = {}
    for number, cells in enumerate(rows, start=1):
        filled = list(cells)
        for at, cell in enumerate(cells, start=1):
            if last := starts.get((number, at)):
                running[at] = (last, cell)
            elif at in running and cell is None and number <= running[at][0]:
                filled[at - 1] = running[at][1]
        yield tuple(filled)


def _rows(sheet) -> Iterator[tuple]:
    return sheet.iter_rows(max_row=MOST_LINES + 1, max_col=MOST_COLUMNS, values_only=True)


def _within_bounds(rows) -> Iterator[list[str]]:
    for number, cells in enumerate(rows, start=1):
        if number > MOST_LINES:
            raise TableRefused(f"This table has more than {MOST_LINES:,} lines. Bring it in parts.")
        told = [_as_text(cell) for cell in cells[:MOST_COLUMNS]]
        while told and not told[-1]:
            told.pop()
        yield told


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return plain(str(cell))
