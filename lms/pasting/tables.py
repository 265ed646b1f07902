"""Read a table of copied HTML, so that each row and each column can be understood alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from lms.pasting.pieces import Cell, Heading, Item, Paragraph, Pasted, Piece, Table
from lms.pasting.styles import Sheet, is_coloured

LONGEST_HEADING = 80
WIDEST = 50


@dataclass
class Grid:
    """Cells by row, in the columns where they are shown; a merged cell is in each that it spans."""

    rows: list[list[Cell]]
    banded: set[int]
    was_merged: bool = False
    was_coloured: bool = False


def read_table(
    element: HtmlElement, sheet: Sheet, read_apart: Callable[[HtmlElement], list[Piece]]
) -> Pasted:
    """Return the pieces of a table: itself, or what it says where it is one column of text."""
    found = Pasted()
    grid = grid_of(element, sheet, read_apart)
    caption = " ".join(
        cell.text
        for each in element.iterchildren("caption")
        if (cell := Cell((*read_apart(each),)))
    )
    rows = [row for row in grid.rows if any(cell.pieces for cell in row)]
    banded = {id(grid.rows[number]) for number in grid.banded}
    while len(rows) > 1 and not caption and id(rows[0]) in banded:
        caption = rows.pop(0)[0].text
    kept = [n for n in range(len(rows[0]) if rows else 0) if any(row[n].pieces for row in rows)]
    cells = [tuple(row[n] for n in kept) for row in rows]
    found.left_out["merged"] = int(grid.was_merged and len(kept) > 1)
    found.left_out["colours"] = int(grid.was_coloured)
    if len(kept) > 1:
        headings = tuple(cell.text for cell in cells[0]) if has_headings(cells) else ()
        body = tuple(cells[1:] if headings else cells)
        found.pieces.append(Table(headings, body, caption))
    else:
        found.pieces += [piece for row in cells for piece in row[0].pieces]
    return found


def grid_of(
    table: HtmlElement, sheet: Sheet, read_apart: Callable[[HtmlElement], list[Piece]]
) -> Grid:
    """Lay out the cells of a table, and of no table within it."""
    trs = list(rows_of(table))
    placed: dict[tuple[int, int], Cell] = {}
    grid = Grid([], set())
    for number, tr in enumerate(trs):
        column = 0
        cells = [each for each in tr if each.tag in ("td", "th")]
        for td in cells:
            while (number, column) in placed:
                column += 1
            across = min(span(td, "colspan"), WIDEST)
            down = min(span(td, "rowspan"), len(trs) - number)
            cell = Cell(tuple(read_apart(td)), is_head(td))
            grid.was_coloured |= is_coloured(sheet.style_of(td)) or bool(td.get("bgcolor"))
            is_alone = len(cells) == 1 and not any(row == number for row, _ in placed)
            if is_alone and across > 1 and down == 1:
                grid.banded.add(number)
                placed |= {(number, column + n): Cell() for n in range(across)}
                placed[number, column] = replace(cell, pieces=in_bold(cell.pieces))
            else:
                grid.was_merged |= across * down > 1 and bool(cell.pieces)
                everywhere = ((number + m, column + n) for m in range(down) for n in range(across))
                placed |= dict.fromkeys(everywhere, cell)
            column += across
    width = max((column + 1 for _, column in placed), default=0)
    grid.rows = [[placed.get((n, m), Cell()) for m in range(width)] for n in range(len(trs))]
    return grid


def rows_of(table: HtmlElement) -> Iterator[HtmlElement]:
    for part in table:
        if part.tag == "tr":
            yield part
        elif part.tag in ("thead", "tbody", "tfoot"):
            yield from part.iterchildren("tr")


def span(td: HtmlElement, name: str) -> int:
    said = (td.get(name) or "1").strip()
    return max(int(said), 1) if said.isdigit() and len(said) < 5 else 1


def is_head(td: HtmlElement) -> bool:
    tr = td.getparent()
    body = tr.getparent() if tr is not None else None
    return td.tag == "th" or (body is not None and body.tag == "thead")


def in_bold(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return tuple(
        replace(each, inline=each.inline.in_bold()) if isinstance(each, Paragraph | Item) else each
        for each in pieces
    )


def has_headings(rows: list[tuple[Cell, ...]]) -> bool:
    """Judge whether the first row names the columns: short words, and marked or unlike a fact."""
    first, *others = rows
    if not others or not all(cell.pieces for cell in first[1:]):
        return False
    if not all(is_short(cell) for cell in first if cell.pieces):
        return False
    if all(cell.heads or cell.is_bold for cell in first if cell.pieces):
        return True
    names_its_rows = all(row[0].heads or row[0].is_bold for row in rows)
    facts = any(re.search(r"[0-9@]|[.;]$", cell.text) for cell in first)
    return not names_its_rows and not facts


def is_short(cell: Cell) -> bool:
    one = len(cell.pieces) == 1 and isinstance(cell.pieces[0], Paragraph | Heading)
    return one and len(cell.text) <= LONGEST_HEADING
