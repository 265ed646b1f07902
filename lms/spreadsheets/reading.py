"""Read the text of uploaded tables, CSV or Excel workbooks."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import openpyxl

from lms.refused import Refused

MOST_BYTES = 5 * 1024**2
MOST_BYTES_UNPACKED = 60 * 1024**2
MOST_LINES = 10_000
MOST_COLUMNS = 40
OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
PACKED = b"PK\x03\x04"


class TableRefused(Refused):
    """Reason why this file is not a readable table, as a sentence for the person."""


@dataclass(frozen=True)
class Sheet:
    """Rows of cells as text, days as 2026-04-01; a CSV file has one sheet, without a name."""

    name: str
    lines: list[list[str]]


def read(content: bytes) -> list[Sheet]:
    """Read the visible sheets, at least one. Raises TableRefused."""
    if not content.strip():
        raise TableRefused("This file is empty. Choose another.")
    if len(content) > MOST_BYTES:
        raise TableRefused("This file is larger than 5 MB. Choose one that holds the table alone.")
    for beginning, kind in OTHERS.items():
        if content.startswith(beginning):
            raise TableRefused(
                f"This file is {kind}. Open it in the program it was made with, save it as an "
                "Excel workbook (.xlsx) or as CSV, and choose that."
            )
    return _workbook(content) if content.startswith(PACKED) else [Sheet("", _lines(content))]


def decoded(content: bytes) -> str:
    """Decode text as Excel and other programs save it: UTF-8, UTF-16 or Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").lstrip("\ufeff")
    if content[1:200:2].count(0) > 50 or content[1:2] == b"\0":
        return content.decode("utf-16-le", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # as Excel saves on Windows


def plain(cell: str) -> str:
    """Drop invisible characters and collapse white space."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    seen = "".join(" " if c.isspace() else c for c in cell if c.isspace() or c.isprintable())
    return " ".join(seen.split())


def _lines(content: bytes) -> list[list[str]]:
    text = decoded(content)
    if "\0" in text:
        raise TableRefused("This file is not text. Choose an Excel workbook (.xlsx) or a CSV file.")
    between = max("\t,;", key=lambda sign: text[:20_000].count(sign))
    read = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    try:
        return list(_within_bounds(read))
    except csv.Error as broken:
        raise TableRefused(
            f"This file is broken near line {read.line_num}: its quotation marks do not match. "
            "Save it again and choose it once more."
        ) from broken


def _workbook(content: bytes) -> list[Sheet]:
    try:
        _refuse_if_it_swells(content)
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


def _refuse_if_it_swells(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_BYTES_UNPACKED:
            raise TableRefused(
                "This workbook is far larger than a table of words. Copy the table into a new one."
            )


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
