"""Read questions in GIFT, the text format of Moodle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from elearning.authoring.importing.questions import (
    Answer,
    LeftOut,
    Read,
    choice,
    matching,
    prose,
    read_each,
    true_false,
)

# Characters that a backslash makes plain, kept out of the way until the syntax is read.
ESCAPED = {char: chr(0xE000 + number) for number, char in enumerate("\\~=#{}:%->[]/$")}
PLAIN = {private: char for char, private in ESCAPED.items()}
TITLE = re.compile(r"^\s*::(.*?)::", re.DOTALL)
FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
WEIGHT = re.compile(r"^\s*%(-?\d{1,3}(?:\.\d{1,5})?)%")
TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}


@dataclass(frozen=True)
class Text:
    """One question as it is in the file."""

    title: str
    is_html: bool
    before: str
    answers: str | None
    after: str


def read_gift(text: str) -> Read:
    """Read the questions of a GIFT file. Raises FileRefused if there are none."""
    blocks, categories = _blocks(text)
    return read_each((_split(each) for each in blocks), lambda one: one.title, _read, categories)


def _blocks(text: str) -> tuple[list[str], list[str]]:
    """Return the text of each question, and the categories; comments are left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    categories, blocks, lines = [], [], []
    for line in [*text.split("\n"), ""]:
        if line.strip().startswith("//"):
            continue
        if line.strip().upper().startswith("$CATEGORY:"):
            categories.append(line.partition(":")[2].strip().rpartition("/")[2])
            continue
        if line.strip():
            lines.append(line)
        elif lines:
            blocks.append("\n".join(lines))
            lines = []
    return blocks, categories


def _hidden(text: str) -> str:
    return re.sub(
        r"\\(.)",
        lambda match: "\n" if match[1] == "n" else ESCAPED.get(match[1], match[0]),
        text,
    )


def _shown(text: str) -> str:
    return "".join(PLAIN.get(char, char) for char in text).strip()


def _split(block: str) -> Text:
    block, title = _hidden(block), ""
    if match := TITLE.match(block):
        title, block = _shown(match[1]), block[match.end() :]
    is_html = False
    if match := FORMAT.match(block):
        is_html, block = match[1].lower() == "html", block[match.end() :]
    before, brace, rest = block.partition("{")
    if not brace:
        return Text(title or _shown(before), is_html, before, None, "")
    answers, closing, after = rest.rpartition("}")
    if not closing:
        return Text(title or _shown(before), is_html, before, None, "cut off")
    return Text(title or _shown(before), is_html, before, answers, after)


def _read(one: Text, notes: list[str]) -> tuple[str, dict[str, Any]]:
    if one.answers is None:
        raise LeftOut(
            "Its } is missing." if one.after else "It has no answers: it is a text, no question."
        )
    answers, _, feedback = one.answers.partition("####")
    if "{" in answers:
        raise LeftOut("It has gaps in more than one place.")
    more = {"feedback": prose(_shown(feedback))} if feedback.strip() else {}
    kind, value = _by_kind(one, answers.strip(), notes)
    return kind, value | more


def _by_kind(one: Text, answers: str, notes: list[str]) -> tuple[str, dict[str, Any]]:
    text = _text(one)
    if not answers:
        raise LeftOut("It is answered by an essay.")
    if answers.startswith("#"):
        raise LeftOut("It is answered by a number.")
    said, *feedback = answers.split("#")
    if said.strip().upper() in TRUTH:
        if any(each.strip() for each in feedback):
            notes.append("What is said to a right or wrong answer is left out.")
        return true_false(text, TRUTH[said.strip().upper()])
    parts = _answers(answers)
    if all(mark == "=" and "->" in words for mark, words in parts):
        pairs = []
        for _, words in parts:
            item, _, partner = words.partition("->")
            pairs.append((_escaped(item), _escaped(partner)))
        return matching(text, pairs, notes)
    if all(mark == "=" for mark, _ in parts):
        raise LeftOut("It is answered by writing words.")
    return choice(text, [_answer(mark, words) for mark, words in parts], is_single=None,
                  notes=notes)  # fmt: skip


def _text(one: Text) -> str:
    """Return the question's text, with a gap where words are missing."""
    gap = " _____ " if one.after.strip() else ""
    said = _shown(one.before) + gap + _shown(one.after)
    return said if one.is_html else prose(said)


def _answers(text: str) -> list[tuple[str, str]]:
    """Split at each = and ~ that begins an answer."""
    parts = re.split(r"([=~])", text)
    if parts[0].strip():
        raise LeftOut("Its answers are not marked by = or ~.")
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _answer(mark: str, words: str) -> Answer:
    share = 100.0 if mark == "=" else 0.0
    if match := WEIGHT.match(words):
        share, words = float(match[1]), words[match.end() :]
    words, _, feedback = words.partition("#")
    return Answer(_escaped(words), share, _escaped(feedback))


def _escaped(words: str) -> str:
    """Return plain words as HTML, so that a < of theirs stays."""
    return _shown(words).replace("&", "&amp;").replace("<", "&lt;")
