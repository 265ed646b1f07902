"""Write lists and reports as CSV and XLSX files with their title, period, filters and date.

A CSV file begins with its title, period, filters and moment, then a blank line, then the
headings. In a workbook the first sheet has only the table, headings on top, so that it can be
sorted, filtered and re-imported; the second sheet describes it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, TypeVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from lms import formatting

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Without it Excel reads UTF-8 as Windows-1252, and "Women’s" as "Womenâ€™s".
BYTE_ORDER_MARK = "\ufeff"
# Excel for Japanese and Chinese takes the wide signs for the others. Source: OWASP, CSV Injection.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Spaces, and marks of direction and width, behind which nobody sees a formula begin.
UNSEEN = " \u00a0\u3000\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
NOT_IN_A_SHEET_NAME = str.maketrans("[]:*?/\\", "       ")
WIDTHS = (18, 44)  # of a column, in characters
Answer = TypeVar("Answer", bound=HttpResponseBase)


@dataclass(frozen=True)
class About:
    """Description of a file or a printed page: title, period, filters, time of making."""

    title: str
    period: str = ""
    filters: Sequence[str] = ()
    made_at: dt.datetime = field(default_factory=timezone.now)

    def lines(self) -> list[tuple[str, str]]:
        """List pairs of a label and its text."""
        return [
            ("Period", self.period or f"As at {formatting.day(self.made_at)}"),
            ("Filters", "; ".join(self.filters) or "None"),
            ("Made", formatting.day_and_time(self.made_at)),
        ]


def as_cell(value: Any) -> Any:
    """Prepare a cell value: local time, Yes and No, formulas escaped, no control characters."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        local = timezone.make_naive(value) if timezone.is_aware(value) else value
        return local.replace(microsecond=0)
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
        return f"'{value}" if value.lstrip(UNSEEN).startswith(FORMULA) else value
    return value


def as_csv(about: About, headings: Sequence[str], rows: Iterable[Sequence]) -> Iterator[str]:
    """Yield a CSV file line by line."""
    line = csv.writer(_Echo()).writerow
    yield BYTE_ORDER_MARK + line([as_cell(about.title)])
    for pair in about.lines():
        yield line([as_cell(cell) for cell in pair])
    yield line([])
    yield line([as_cell(heading) for heading in headings])
    for row in rows:
        yield line([as_cell(cell) for cell in row])


def write_xlsx(
    output: IO[bytes], about: About, headings: Sequence[str], rows: Iterable[Sequence]
) -> None:
    """Write a workbook of two sheets: the table and its description."""
    book = Workbook(write_only=True)
    table = book.create_sheet(about.title.translate(NOT_IN_A_SHEET_NAME)[:31])
    table.freeze_panes = "A2"
    for number, heading in enumerate(headings, start=1):
        width = min(max(len(heading) + 2, WIDTHS[0]), WIDTHS[1])
        table.column_dimensions[get_column_letter(number)].width = width
    table.append([_bold(table, heading) for heading in headings])
    for row in rows:
        table.append([as_cell(cell) for cell in row])
    _tell(book.create_sheet("About this file"), about)
    book.save(output)


def csv_response(
    name: str, about: About, headings: Sequence[str], rows: Iterable[Sequence]
) -> HttpResponse:
    content = "".join(as_csv(about, headings, rows))
    return attached(HttpResponse(content, content_type=CSV), f"{name}.csv")


def xlsx_response(
    name: str, about: About, headings: Sequence[str], rows: Iterable[Sequence]
) -> HttpResponse:
    output = io.BytesIO()
    write_xlsx(output, about, headings, rows)
    return attached(HttpResponse(output.getvalue(), content_type=XLSX), f"{name}.xlsx")


def attached(answer: Answer, name: str) -> Answer:
    """Serve this response as a download with this file name."""
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


RESPONSES = {"csv": csv_response, "xlsx": xlsx_response}


class _Echo:
    """File object that returns what is written to it, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def _tell(sheet, about: About) -> None:
    sheet.column_dimensions["A"].width = WIDTHS[0]
    sheet.append([_bold(sheet, about.title)])
    for label, said in about.lines():
        sheet.append([label, as_cell(said)])


def _bold(sheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, as_cell(text))
    cell.font = Font(bold=True)
    return cell
