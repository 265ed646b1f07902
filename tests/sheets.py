"""Read the CSV files and workbooks that the site gives out."""

import csv
import io
from dataclasses import dataclass

from openpyxl import load_workbook


@dataclass
class SheetRead:
    """What a file says of itself by label, its headings, and its rows."""

    title: str
    about: dict[str, str]
    headings: list
    rows: list[list]

    def by_heading(self):
        """Each row as a dictionary."""
        return [dict(zip(self.headings, row, strict=True)) for row in self.rows]


def content_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def read_csv(response):
    """A CSV file: title, pairs, a blank line, headings, rows. It begins with a byte-order mark."""
    text = content_of(response).decode()
    assert text.startswith("\ufeff"), "Excel would read it as Windows-1252"
    lines = list(csv.reader(io.StringIO(text[1:])))
    blank = lines.index([])
    [title], *pairs = lines[:blank]
    headings, *rows = lines[blank + 1 :]
    return SheetRead(title, dict(pairs), headings, rows)


def read_xlsx(response):
    """A workbook: the table on its first sheet, what it holds on its second."""
    table, about = load_workbook(io.BytesIO(content_of(response))).worksheets
    [title, *_], *pairs = about.iter_rows(values_only=True)
    headings, *rows = ([*row] for row in table.iter_rows(values_only=True))
    return SheetRead(title, dict(pairs), headings, rows)
