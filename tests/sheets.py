"""Read the CSV files and workbooks that the site gives out."""

import csv
import io
from dataclasses import dataclass

from openpyxl import load_workbook


@dataclass
class SheetRead:
    """File as read: its title, facts by label, headings and rows."""

    title: str
    about: dict[str, str]
    headings: list
    rows: list[list]

    def by_heading(self):
        """Return each row as a dictionary."""
        return [dict(zip(self.headings, row, strict=True)) for row in self.rows]


def content_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def read_csv(response):
    """Parse a CSV file: byte-order mark, title, pairs, a blank line, headings, rows."""
    text = content_of(response).decode()
    assert text.startswith("\ufeff"), "Excel would read it as Windows-1252"
    lines = list(csv.reader(io.StringIO(text[1:])))
    blank = lines.index([])
    [title], *pairs = lines[:blank]
    headings, *rows = lines[blank + 1 :]
    return SheetRead(title, dict(pairs), headings, rows)


def read_xlsx(response):
    """Parse a workbook: the table on its first sheet, facts about it on its second."""
    table, about = load_workbook(io.BytesIO(content_of(response))).worksheets
    [title, *_], *pairs = about.iter_rows(values_only=True)
    headings, *rows = ([*row] for row in table.iter_rows(values_only=True))
    return SheetRead(title, dict(pairs), headings, rows)
