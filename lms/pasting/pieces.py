"""Pieces of a pasted text: headings, paragraphs, items of lists, tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape
from itertools import groupby


@dataclass(frozen=True)
class Run:
    """Characters of one look; a line break is `\\n`."""

    text: str
    bold: bool = False
    italic: bool = False
    href: str = ""


@dataclass(frozen=True)
class Inline:
    """The characters of a paragraph, an item or a cell."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def html(self) -> str:
        return "".join(_marked_up(run) for run in self.runs)

    @property
    def is_plain(self) -> bool:
        return not any(run.bold or run.italic or run.href for run in self.runs)

    @property
    def is_bold(self) -> bool:
        return all(run.bold for run in self.runs if run.text.strip())

    def in_bold(self) -> Inline:
        return Inline(tuple(replace(run, bold=True) for run in self.runs))


def inline_of(runs: Iterable[Run]) -> Inline:
    """Join the runs with one space where there are several, and none at either end of a line."""
    characters = [(sign, replace(run, text="")) for run in runs for sign in run.text]
    kept: list[tuple[str, Run]] = []
    for sign, look in characters:
        if sign == "\n":
            while kept and kept[-1][0] == " ":
                kept.pop()
        elif sign.isspace():
            if not kept or kept[-1][0] in " \n":
                continue
            sign = " "
        kept.append((sign, look))
    while kept and kept[-1][0] in " \n":
        kept.pop()
    while kept and kept[0][0] == "\n":
        kept.pop(0)
    together = groupby(kept, key=lambda each: each[1])
    return Inline(tuple(replace(look, text="".join(s for s, _ in each)) for look, each in together))


def _marked_up(run: Run) -> str:
    html = escape(run.text, quote=False).replace("\n", "<br/>")
    html = f"<i>{html}</i>" if run.italic else html
    html = f"<b>{html}</b>" if run.bold else html
    return f'<a href="{escape(run.href)}">{html}</a>' if run.href else html


@dataclass(frozen=True)
class Heading:
    """A heading of a level from 1, the widest, to 6."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    inline: Inline


@dataclass(frozen=True)
class Item:
    """One item of a list, below `depth` others."""

    inline: Inline
    depth: int = 0
    numbered: bool = False


@dataclass(frozen=True)
class Cell:
    """The pieces of a cell; `heads` where the text says that it is a heading."""

    pieces: tuple[Piece, ...] = ()
    heads: bool = False

    @property
    def text(self) -> str:
        return "\n".join(filter(None, map(text_of, self.pieces)))

    @property
    def is_plain(self) -> bool:
        return all(isinstance(each, Paragraph) and each.inline.is_plain for each in self.pieces)

    @property
    def is_bold(self) -> bool:
        return bool(self.pieces) and all(
            isinstance(each, Paragraph) and each.inline.is_bold for each in self.pieces
        )


@dataclass(frozen=True)
class Table:
    """A table without merged cells. `headings` is empty where its first row is like the others."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""


Piece = Heading | Paragraph | Item | Table


@dataclass
class Pasted:
    """The pieces of a text in their order, and how much of what a page cannot keep it had."""

    pieces: list[Piece] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def prose_html(pieces: Iterable[Piece], tag_of: dict[int, str]) -> str:
    """Write pieces without tables as HTML; a heading of a level without a tag is in bold."""
    parts = []
    for is_item, run in groupby(pieces, key=lambda piece: isinstance(piece, Item)):
        if is_item:
            parts.append(list_html([each for each in run if isinstance(each, Item)]))
        else:
            parts += [_block_html(each, tag_of) for each in run]
    return "".join(parts)


def _block_html(piece: Piece, tag_of: dict[int, str]) -> str:
    if not isinstance(piece, Heading):
        return f"<p>{piece.inline.html}</p>" if isinstance(piece, Paragraph) else ""
    words, tag = escape(piece.text, quote=False), tag_of.get(piece.level)
    return f"<{tag}>{words}</{tag}>" if tag else f"<p><b>{words}</b></p>"


def list_html(items: list[Item]) -> str:
    """Write items of any depth as lists within lists, each below one that is there."""
    html, opened = "", list[str]()
    least = min(item.depth for item in items)
    for item in items:
        tag = "ol" if item.numbered else "ul"
        depth = min(item.depth - least, len(opened))
        while len(opened) > depth + 1:
            html += f"</li></{opened.pop()}>"
        if len(opened) == depth + 1 and opened[-1] == tag:
            html += "</li>"
        else:
            if len(opened) == depth + 1:
                html += f"</li></{opened.pop()}>"
            html += f"<{tag}>"
            opened.append(tag)
        html += f"<li>{item.inline.html}"
    return html + "".join(f"</li></{tag}>" for tag in reversed(opened))


def text_of(piece: Piece) -> str:
    """Return the words of a piece, a table's with a line for each row."""
    if isinstance(piece, Heading):
        return piece.text
    return "\n".join(lines_of_table(piece)) if isinstance(piece, Table) else piece.inline.text


def lines_of_table(table: Table) -> list[str]:
    """Return one line for each row, with the column's heading before each cell."""
    headings = table.headings or ("",) * max((len(row) for row in table.rows), default=0)
    lines = [table.caption] if table.caption else []
    for row in table.rows:
        cells = [
            (heading, re.sub(r"\s*\n\s*", ", ", cell.text))
            for heading, cell in zip(headings, row, strict=True)
        ]
        lines.append("; ".join(f"{h}: {words}" if h else words for h, words in cells if words))
    return [line for line in lines if line]
