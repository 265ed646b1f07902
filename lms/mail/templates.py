"""Render mails: the subject, the text, and the HTML made from the text.

Templates have named placeholders, `{{ name }}`, and nothing else: no conditions, filters or
expressions. A line with an empty placeholder is left out. templates/emails/kinds.toml lists
the placeholders of each kind.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.template.loader import render_to_string

from lms.gathering import cached_context as cached_context
from lms.gathering import memoised as memoised
from lms.models import Wording

logger = logging.getLogger(__name__)

PLACEHOLDER = re.compile(r"\{\{ *(\w+) *\}\}")
# Placeholders available in every mail.
EVERYWHERE = ("site_url", "board_name", "board_email")
ADDRESSES = re.compile(r"https?://[^\s<>]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ENDS_A_SENTENCE = ".,;:!?)'\""

LINK = "color:#0b5563;text-decoration:underline;"
BUTTON = (
    "display:inline-block;padding:12px 20px;background:#0b5563;color:#ffffff;"
    "font-weight:bold;text-decoration:none;border-radius:4px;"
)
CODE = "font-size:30px;line-height:40px;font-weight:bold;letter-spacing:3px;margin:0 0 20px;"
PARAGRAPH = "margin:0 0 20px;"
LIST = "margin:0 0 20px;padding-left:20px;"
FACTS = "margin:0 0 20px;width:100%;border-collapse:collapse;font:inherit;color:inherit;"
LABEL = (
    "width:26%;padding:2px 16px 2px 0;text-align:left;vertical-align:top;font-weight:bold;"
    "word-break:normal;overflow-wrap:normal;"
)
VALUE = "padding:2px 0;vertical-align:top;"
FACT = re.compile(r"([A-Z][^:.?!\n]{1,28}): (?!https?://)(\S.*)")


class UnknownPlaceholder(LookupError):
    """A mail has a placeholder without a value."""


@dataclass(frozen=True)
class Kind:
    """One kind of mail: when it is sent, its allowed and its required placeholders."""

    name: str
    title: str
    sent: str
    placeholders: tuple[str, ...]
    required: tuple[str, ...]


@dataclass(frozen=True)
class MailText:
    """A subject and a text with placeholders."""

    subject: str
    text: str

    @property
    def names(self) -> set[str]:
        return set(PLACEHOLDER.findall(f"{self.subject}\n{self.text}"))


def board():
    return memoised("board", apps.get_model(settings.LMS_BOARD_MODEL).load)


@lru_cache(maxsize=1)
def _listed() -> dict[str, Any]:
    return tomllib.loads((settings.BASE_DIR / "templates/emails/kinds.toml").read_text())


def kinds() -> dict[str, Kind]:
    """Return our kinds of mail by name."""
    return {
        name: Kind(
            name,
            kind["title"],
            kind["sent"],
            (*kind["placeholders"], *EVERYWHERE),
            tuple(kind.get("required", ())),
        )
        for name, kind in _listed()["kinds"].items()
    }


def explained(kind: str) -> dict[str, tuple[str, str]]:
    """Return the meaning and a sample of each placeholder of this kind."""
    known = _listed()["placeholders"] | _listed()["kinds"][kind].get("samples", {})
    return {name: tuple(known[name]) for name in kinds()[kind].placeholders}


def ours(kind: str) -> MailText:
    """Return our default wording: templates/emails/<kind>.txt, whose first line is the subject."""
    folders: list[Any] = settings.TEMPLATES[0]["DIRS"]  # type: ignore[assignment]
    for folder in folders:
        path = Path(folder) / "emails" / f"{kind}.txt"
        if path.exists():
            return _of_file(path, path.stat().st_mtime_ns)
    raise FileNotFoundError(f"templates/emails/{kind}.txt")


@lru_cache(maxsize=256)
def _of_file(path: Path, as_of: int) -> MailText:
    subject, _, text = path.read_text().lstrip().partition("\n")
    return MailText(subject, text.strip())


def in_use(kind: str) -> MailText:
    """Return the board's own wording, or the default where it has none."""
    wording = memoised(("wording", kind), lambda: Wording.objects.filter(kind=kind).first())
    return MailText(wording.subject, wording.text) if wording else ours(kind)


def render(kind: str, context: Mapping[str, str]) -> tuple[str, str]:
    """Render the subject and the text of a mail of this kind with this context."""
    told = _told(kind, context)
    words = in_use(kind)
    try:
        return fill(words, told)
    except UnknownPlaceholder:
        if words == ours(kind):
            raise
        # The wording may date from an older version; sending the mail matters more.
        logger.exception("The board's own wording of %s cannot be used", kind)
        return fill(ours(kind), told)


def _told(kind: str, context: Mapping[str, str]) -> dict[str, str]:
    of = board()
    told = {"site_url": settings.SITE_URL, "board_name": of.name, "board_email": of.email}
    told |= context
    if missing := set(_listed()["kinds"].get(kind, {}).get("placeholders", ())) - told.keys():
        raise UnknownPlaceholder(f"{kind} is not told {', '.join(sorted(missing))}")
    if wrong := [name for name, value in told.items() if not isinstance(value, str)]:
        raise TypeError(f"{kind}: not a string: {', '.join(wrong)}")
    return told


def fill(words: MailText, told: Mapping[str, str]) -> tuple[str, str]:
    """Replace the placeholders in the subject and the text by their values."""
    subject, *lines = _parsed(words)
    values = ((line, _values(line, told)) for line in lines)
    text = "\n".join(_filled(line, its) for line, its in values if all(map(str.strip, its)))
    return one_line(_filled(subject, _values(subject, told))), collapse_blank_lines(text)


@lru_cache(maxsize=256)
def _parsed(words: MailText) -> list[list[str]]:
    """Split the subject and each line at placeholders: words and names alternate, words first."""
    return [PLACEHOLDER.split(line) for line in (words.subject, *words.text.splitlines())]


def _values(line: list[str], told: Mapping[str, str]) -> list[str]:
    """Return the values of a line's placeholders, or raise UnknownPlaceholder."""
    if unknown := [name for name in line[1::2] if name not in told]:
        raise UnknownPlaceholder(", ".join(unknown))
    return [told[name] for name in line[1::2]]


def _filled(line: list[str], values: list[str]) -> str:
    filled = line.copy()
    filled[1::2] = values
    return "".join(filled)


def one_line(subject: str) -> str:
    """Remove line breaks, so that a name in a subject cannot inject a header."""
    return " ".join(subject.split())[:300]


def collapse_blank_lines(text: str) -> str:
    """Collapse blank lines that are left where lines were dropped."""
    text = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def signed(text: str) -> str:
    """Append a signature to the text: who writes and how to reach them, as the HTML frame does."""
    of = board()
    lines = (f"{of.name}, training office", of.email, of.telephone, settings.SITE_URL)
    return "\n".join([text, "-- ", *filter(None, lines), ""])


def as_html(subject: str, text: str) -> str:
    """Convert the text to HTML: heading, facts, paragraphs, lists, links, codes in large type."""
    of = board()
    before, heading, between, after = _frame(of.name, of.email, of.telephone, settings.SITE_URL)
    body = "\n".join(_block(part) for part in re.split(r"\n\s*\n", text.strip()))
    return before + escape(subject) + heading + escape(subject) + between + body + after


@lru_cache(maxsize=8)
def _frame(name: str, email: str, telephone: str, site_url: str) -> list[str]:
    """Render the frame around the subject and the body, the same for all mails."""
    board = {"name": name, "email": email, "telephone": telephone}
    mark = "\x00"
    page = {"subject": mark, "body": mark, "board": board, "site_url": site_url}
    return render_to_string("emails/base.html", page).split(mark)


def _block(part: str) -> str:
    lines = part.splitlines()
    if re.fullmatch(r"[A-Z0-9-]{6,12}", part):
        return f'<p style="{CODE}">{part}</p>'
    if all(line.startswith("- ") for line in lines):
        items = "".join(f"<li>{_linked(line[2:])}</li>" for line in lines)
        return f'<ul style="{LIST}">{items}</ul>'
    if button := re.fullmatch(r"([^\n:]{3,60}): ?\n?(https?://\S+)", part):
        words, address = map(escape, button.groups())
        return f'<p style="{PARAGRAPH}"><a href="{address}" style="{BUTTON}">{words}</a></p>'
    if FACT.fullmatch(lines[0]):
        return _facts(lines)
    return f'<p style="{PARAGRAPH}">{"<br>".join(map(_linked, lines))}</p>'


def _facts(lines: list[str]) -> str:
    """Lay lines such as "Course: Neglect" out as a table; a line without a label goes on."""
    facts: list[tuple[str, list[str]]] = []
    for line in lines:
        if fact := FACT.fullmatch(line):
            facts.append((fact[1], [_linked(fact[2])]))
        else:
            facts[-1][1].append(_linked(line))
    rows = "".join(
        f'<tr><th scope="row" style="{LABEL}">{escape(label)}</th>'
        f'<td style="{VALUE}">{"<br>".join(value)}</td></tr>'
        for label, value in facts
    )
    return f'<table cellpadding="0" cellspacing="0" border="0" style="{FACTS}">{rows}</table>'


def _linked(line: str) -> str:
    """Escape a line as HTML and make its addresses into links."""
    parts, end = [], 0
    for found in ADDRESSES.finditer(line):
        shown = found[0].rstrip(ENDS_A_SENTENCE)
        href = shown if shown.startswith("http") else f"mailto:{shown}"
        parts += [
            escape(line[end : found.start()]),
            f'<a style="{LINK}" href="{escape(href)}">{escape(shown)}</a>',
        ]
        end = found.start() + len(shown)
    return "".join([*parts, escape(line[end:])])
