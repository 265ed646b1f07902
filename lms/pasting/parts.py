"""Make blocks of a page, or plain rich text, of the pieces of a pasted text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

from lms.pasting.pieces import (
    Cell,
    Heading,
    Item,
    Paragraph,
    Piece,
    Run,
    Table,
    inline_of,
    lines_of_table,
    prose_html,
)

LONGEST_HEADING = 120
# A heading of these levels begins a part of the page: Word's own first two.
PARTS = (1, 2)
IN_TEXT = ("h3", "h4")

Block = dict[str, Any]


@dataclass
class Part:
    """Pieces below one heading of the page, or below none."""

    heading: str = ""
    pieces: list[Piece] = field(default_factory=list)


def as_blocks(pieces: list[Piece]) -> list[Block]:
    """Return sections, texts and tables as a StreamField stores them."""
    begins = levels_of_parts(pieces)
    below = levels_of(piece for piece in pieces if not begins_part(piece, begins))
    tag_of = {level: IN_TEXT[min(n, 1)] for n, level in enumerate(below)}
    parts = [Part()]
    for piece in pieces:
        if begins_part(piece, begins):
            parts.append(Part(piece.text))
        else:
            parts[-1].pieces.append(piece)
    return [block for part in parts for block in blocks_of(part, tag_of)]


def levels_of_parts(pieces: list[Piece]) -> set[int]:
    """Return the levels whose headings begin a part: the widest, and the next below a title."""
    levels = [level for level in levels_of(pieces) if level in PARTS]
    headings = [piece.level for piece in pieces if isinstance(piece, Heading)]
    opening = [piece.level for piece in pieces[:2] if isinstance(piece, Heading)]
    has_title = len(levels) == 2 and opening == levels and headings.count(levels[0]) == 1
    return set(levels if has_title else levels[:1])


def levels_of(pieces: Iterable[Piece]) -> list[int]:
    return sorted({piece.level for piece in pieces if isinstance(piece, Heading)})


def begins_part(piece: Piece, levels: set[int]) -> TypeGuard[Heading]:
    if not isinstance(piece, Heading):
        return False
    return piece.level in levels and len(piece.text) <= LONGEST_HEADING


def blocks_of(part: Part, tag_of: dict[int, str]) -> list[Block]:
    """Return a section with the text before its first table, then tables and texts in turn."""
    runs: list[list[Piece]] = [[]]
    for piece in part.pieces:
        if isinstance(piece, Table):
            runs += [[piece], []]
        else:
            runs[-1].append(piece)
    first, *others = runs
    blocks = []
    if part.heading:
        value = {"heading": part.heading, "anchor": "", "text": prose_html(first, tag_of)}
        blocks.append({"type": "section", "value": value})
    else:
        others = runs
    for run in filter(None, others):
        if isinstance(table := run[0], Table):
            blocks.append({"type": "table", "value": {"table": table_data(table)}})
        else:
            blocks.append({"type": "text", "value": {"text": prose_html(run, tag_of)}})
    return blocks


def table_data(table: Table) -> dict[str, Any]:
    """Return a table as its block stores it: a column has formatting if one of its cells has."""
    width = len(table.rows[0])
    kinds = [
        "words" if all(row[n].is_plain for row in table.rows) else "formatted" for n in range(width)
    ]
    headings = table.headings or ("",) * width
    return {
        "columns": [
            {"type": kind, "heading": heading.replace("\n", " ")}
            for kind, heading in zip(kinds, headings, strict=True)
        ],
        "rows": [
            {"values": [cell_data(*each) for each in zip(kinds, row, strict=True)]}
            for row in table.rows
        ],
        "caption": table.caption.replace("\n", " "),
    }


def cell_data(kind: str, cell: Cell) -> str:
    if kind == "words":
        return cell.text
    return prose_html(without_tables(cell.pieces), {})


def as_prose(pieces: list[Piece], tags: list[str]) -> str:
    """Return everything as rich text whose headings may have these tags; a table as a list."""
    levels = levels_of(pieces)
    tag_of = {level: tags[min(n, len(tags) - 1)] for n, level in enumerate(levels) if tags}
    return prose_html(without_tables(pieces), tag_of)


def without_tables(pieces: Iterable[Piece]) -> list[Piece]:
    """Put in the place of each table a list with an item for each row."""
    flat: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Table):
            flat += [Paragraph(inline_of([Run(piece.caption, bold=True)]))] if piece.caption else []
            flat += [
                Item(inline_of([Run(line)])) for line in lines_of_table(replace(piece, caption=""))
            ]
        else:
            flat.append(piece)
    return flat


def has_tables(pieces: Iterable[Piece]) -> bool:
    return any(isinstance(piece, Table) for piece in pieces)
