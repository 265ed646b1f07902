"""Read the text of uploaded tables, CSV or Excel workbooks."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass

import openpyxl

from lms.refused import Refused
from lms.storage import contents

MOST_BYTES = 5 * 1024**2
MOST_BYTES_UNPACKED = 60 * 1024**2
MOST_LINES = 10_000
MOST_COLUMNS = 40
PACKED = b"PK\x03\x04"
# By the first bytes: kinds of files that are no table, or not always.
OTHERS = {
    PACKED: "an Excel workbook or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
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

    `most_lines_of_a_row` is for files whose quotation marks cannot be relied on; 0 wants each one
    to match.
    """

    name: str
    again: str
    smaller: str
    most_bytes: int = MOST_BYTES
    takes_workbooks: bool = True
    most_lines_of_a_row: int = 0
    refused: type[Refused] = TableRefused


TABLE = Wanted(
    "an Excel workbook (.xlsx) or a CSV file",
    again="Open it in the program it was made with, save it as an Excel workbook (.xlsx) or as "
    "CSV, and choose that.",
    smaller="Choose one that holds the table alone.",
)


def read(content: bytes) -> list[Sheet]:
    """Read the visible sheets, at least one. Raises TableRefused."""
    refuse_other_files(content, TABLE)
    if content.startswith(PACKED):
        return _workbook(content)
    rows = (cells for _, cells in rows_of(content, TABLE))
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
    between = max("\t,;", key=lambda sign: text[:20_000].count(sign))
    most, line = wanted.most_lines_of_a_row, 1
    read = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=not most)
    try:
        for cells in read:
            if most and read.line_num - line > most:
                raise csv.Error("a quotation mark opens and does not close")
            yield read.line_num, cells
            line = read.line_num + 1
    except csv.Error as broken:
        raise wanted.refused(
            f"This file is broken near line {read.line_num}: the row that begins on line {line} "
            f"has no end, or its quotation marks do not match. {wanted.again}"
        ) from broken


def plain(cell: str) -> str:
    """Drop invisible characters and collapse white space."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    seen = "".join(" " if c.isspace() else c for c in cell if c.isspace() or c.isprintable())
    return " ".join(seen.split())


def _workbook(content: bytes) -> list[Sheet]:
    try:
        if contents.unpacked_size(content) > MOST_BYTES_UNPACKED:
            raise TableRefused(
                "This workbook is far larger than a table of words. Copy the table into a new one."
            )
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return [Sheet(plain(sheet.title), list(_within_bounds(_rows(sheet)))) for sheet in seen]
    except TableRefused:
        raise
    except Exception as damage:  # a broken file can make the reader raise anything
        raise TableRefused(
            "This file is not an Excel workbook (.xlsx), or it is damaged. Open it in Excel, save "
            "it again and choose that."
        ) from damage


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
