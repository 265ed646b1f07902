"""Print the register of a run as a PDF, to be signed on paper.

Drawn cell by cell, since rows have one height and a page holds a fixed number; with the fonts and
the shaping of certificates, so that every name is written as its owner writes it. Access needs are
left out, as the sheet goes round the room.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.utils import timezone
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from agencies.models import Board
from certificates.printing import fitting, outlines
from courses.models import Booking, Run, Session
from courses.rules import completion_rule
from lms import formatting
from lms.printing import fonts

WIDTH, HEIGHT = landscape(A4)
MARGIN, HEAD, HEADINGS, ROW, FOOT = 30, 66, 38, 27, 34
ROWS = int((HEIGHT - 2 * MARGIN - HEAD - HEADINGS - FOOT) // ROW)
NUMBER, NAME, AGENCY = 22, 190, 180
BOXES = WIDTH - 2 * MARGIN - NUMBER - NAME - AGENCY
# With more columns there is no room for a signature.
MOST_SESSIONS = 6
EMPTY_ROWS = 8
PAD = 5
Each = TypeVar("Each")
INK, QUIET, LINE = "#1d2625", "#4f5b5a", "#8b8573"
SIZES: fitting.Sizes = {"sizes": (10.5, 10, 9), "sizes_on_two_lines": (9, 8, 7)}
SMALL: fitting.Sizes = {"sizes": (8.5, 8), "sizes_on_two_lines": (8, 7.5, 7)}
HEADING: fitting.Sizes = {"sizes": (8.5, 8, 7, 6, 5), "sizes_on_two_lines": ()}
LARGE: fitting.Sizes = {"sizes": (17, 15, 13, 11, 9), "sizes_on_two_lines": ()}


@dataclass(frozen=True)
class Sheet:
    """Page of the sheet: some sessions, some rows. An empty row is for a walk-in."""

    sessions: Sequence[Session]
    rows: Sequence[tuple[int, Booking | None]]
    page: int
    pages: int


def register(run: Run) -> bytes:
    """Return the register of a run as a PDF: A4 landscape, with the head on every page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), pageCompression=1, lang="en-GB")
    board = Board.load().name
    canvas.setTitle(f"Register: {run.course.title}, {_when(run)}")
    canvas.setAuthor(board)
    canvas.setSubject("To be signed")
    for sheet in sheets(run):
        _head(canvas, run, board)
        _headings(canvas, sheet)
        for position, (number, booking) in enumerate(sheet.rows):
            _row(canvas, sheet, position, number, booking)
        _foot(canvas, sheet)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def sheets(run: Run) -> Iterator[Sheet]:
    bookings = Booking.objects.confirmed().filter(run=run)
    bookings = bookings.select_related("person", "agency", "role_group")
    everybody = [*completion_rule.by_last_name(bookings), *[None] * EMPTY_ROWS]
    rows = _parted(list(enumerate(everybody, start=1)), ROWS)
    sessions = _parted(list(run.sessions.all()), MOST_SESSIONS)
    pages = [(some, each) for some in sessions for each in rows]
    for page, (some, each) in enumerate(pages, start=1):
        yield Sheet(some, each, page, len(pages))


def _parted(all_of_them: list[Each], most: int) -> list[list[Each]]:
    return [all_of_them[i : i + most] for i in range(0, len(all_of_them), most)]


def _head(canvas: Canvas, run: Run, board: str) -> None:
    width = WIDTH - 2 * MARGIN
    trainers = ", ".join(person.name for person in run.trainers.all())
    where = run.venue.name if run.venue else "Online"
    facts = [_when(run), where, f"with {trainers}" if trainers else ""]
    _say(canvas, board, MARGIN, MARGIN, width, SMALL, colour=QUIET)
    _say(canvas, f"Register: {run.course.title}", MARGIN, MARGIN + 12, width, LARGE, bold=True)
    _say(canvas, " \u00b7 ".join(filter(None, facts)), MARGIN, MARGIN + 37, width, SIZES)


def _when(run: Run) -> str:
    days = {timezone.localdate(session.starts_at) for session in run.sessions.all()}
    first, last = formatting.weekday(min(days)), formatting.weekday(max(days))
    return first if len(days) == 1 else f"{first} to {last}"


def _headings(canvas: Canvas, sheet: Sheet) -> None:
    top = MARGIN + HEAD
    canvas.setFillColor(HexColor("#f5eee3"))
    canvas.rect(MARGIN, HEIGHT - top - HEADINGS, WIDTH - 2 * MARGIN, HEADINGS, stroke=0, fill=1)
    for (left, width), heading in zip(_columns(sheet), _said(sheet), strict=True):
        for line, text in enumerate(heading):
            bold, down = line == 0, top + 4 + 10.5 * line
            _say(canvas, text, left + PAD, down, width - PAD, HEADING, bold=bold)
    _rule(canvas, sheet, top, HEADINGS)


def _said(sheet: Sheet) -> Iterator[list[str]]:
    """Yield the heading of each column, line by line."""
    yield []
    yield ["Name"]
    yield ["Agency"]
    for session in sheet.sessions:
        starts_at = timezone.localtime(session.starts_at)
        ends_at = timezone.localtime(session.ends_at)
        yield [
            session.name or "Signature",
            f"{starts_at:%a %-d %b}",
            f"{starts_at:%H:%M} to {ends_at:%H:%M}",
        ]


def _row(canvas: Canvas, sheet: Sheet, position: int, number: int, booking: Booking | None) -> None:
    top = MARGIN + HEAD + HEADINGS + position * ROW
    of_number, of_name, of_agency, *_ = _columns(sheet)
    _say(canvas, str(number), of_number[0] + PAD, top + 8, NUMBER, SMALL, colour=QUIET)
    if booking:
        _middle(canvas, booking.person.name, *of_name, top, SIZES, bold=True)
        _middle(canvas, booking.agency.name, *of_agency, top, SMALL)
    else:
        _say(canvas, "Name", of_name[0] + PAD, top + 1, 40, SMALL, colour=QUIET)
        said = "Agency and email address"
        _say(canvas, said, of_agency[0] + PAD, top + 1, AGENCY, SMALL, colour=QUIET)
    _rule(canvas, sheet, top, ROW)


def _foot(canvas: Canvas, sheet: Sheet) -> None:
    top = HEIGHT - MARGIN - 12
    page = f"Page {sheet.page} of {sheet.pages}"
    printed = f"Printed {formatting.moment(timezone.now())}. Shred it when it has been typed in."
    _say(canvas, "Sign for each session that you attend. Trainer\u2019s signature:",
         MARGIN, top - 14, 320, SMALL)  # fmt: skip
    canvas.line(MARGIN + 225, HEIGHT - top + 4, MARGIN + 460, HEIGHT - top + 4)
    _say(canvas, f"{page}. {printed}", MARGIN, top, WIDTH - 2 * MARGIN, SMALL, colour=QUIET)


def _columns(sheet: Sheet) -> list[tuple[float, float]]:
    """Return the left edge and the width of each column, in points."""
    box = BOXES / len(sheet.sessions)
    widths = [NUMBER, NAME, AGENCY, *[box] * len(sheet.sessions)]
    return [(MARGIN + sum(widths[:i]), width) for i, width in enumerate(widths)]


def _rule(canvas: Canvas, sheet: Sheet, top: float, height: float) -> None:
    """Draw the border of each cell of a row."""
    canvas.setStrokeColor(HexColor(LINE))
    canvas.setLineWidth(0.6)
    for left, width in _columns(sheet):
        canvas.rect(left, HEIGHT - top - height, width, height, stroke=1, fill=0)


def _middle(
    canvas: Canvas,
    text: str,
    left: float,
    width: float,
    top: float,
    sizes: fitting.Sizes,
    *,
    bold: bool = False,
) -> None:
    said = _fitted(text, width - 2 * PAD, sizes, bold=bold)
    _draw(canvas, said, left + PAD, top + (ROW - said.height) / 2, INK)


def _say(
    canvas: Canvas,
    text: str,
    left: float,
    top: float,
    width: float,
    sizes: fitting.Sizes,
    *,
    bold: bool = False,
    colour: str = INK,
) -> None:
    _draw(canvas, _fitted(text, width, sizes, bold=bold), left, top, colour)


def _fitted(text: str, width: float, sizes: fitting.Sizes, *, bold: bool = False) -> fitting.Text:
    """Fit text at the largest size there is room for, without undrawable signs; else cut it."""
    unknown = fonts.undrawable(text)
    text = "".join(sign for sign in fonts.printable(text) if sign not in unknown)[:240]
    while True:
        try:
            return fitting.fit(text, width, **sizes, bold=bold)
        except fitting.CannotPrint:
            text = f"{text[: len(text) * 9 // 10 - 1]}\u2026"


def _draw(canvas: Canvas, said: fitting.Text, left: float, top: float, colour: str) -> None:
    """Draw each line as text in its font or, where it needs shaping, as outlines."""
    for number, line in enumerate(said.lines):
        at = top + number * said.leading
        if said.family is None:
            drawn = outlines.Drawn(line, said.bold, said.size, left, at, colour)
            canvas.saveState()  # outlines.draw makes the text invisible and scales its width
            outlines.draw(canvas, drawn, foot=HEIGHT - at - outlines.BASELINE * said.size)
            canvas.restoreState()
        else:
            canvas.setFillColor(HexColor(colour))
            canvas.setFont(fonts.registered(said.family, said.bold), said.size)
            canvas.drawString(left, HEIGHT - at - said.size, line)
