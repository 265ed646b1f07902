"""Questions read from a file of another system: what can be brought in, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import escape

from elearning.authoring.blocks import Questions
from elearning.authoring.words import plain
from lms.refused import Refused

MOST_QUESTIONS = 500
BLOCKS = Questions()
PART_MARKS = "It gives part of the marks for some answers. Here an answer is right or wrong."
PICTURE = "It has a picture. Add the question here, with the picture in the lesson."


class FileRefused(Refused):
    """A file that cannot be read as questions; the message says why."""


@dataclass(frozen=True)
class Answer:
    """Answer of a file: its text, its share of the marks in per cent, and its feedback."""

    text: str
    share: float
    feedback: str = ""


@dataclass
class Found:
    """Question of a file by its number and name: a block's value, or the reason why not.

    `notes` say what of it is left out.
    """

    number: int
    name: str
    kind: str = ""
    value: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return plain(self.value.get("text", ""))

    @property
    def number_as_sent(self) -> str:
        return str(self.number)


@dataclass(frozen=True)
class Read:
    """All questions of a file, and what its categories are called."""

    found: list[Found]
    categories: list[str]

    @property
    def to_bring(self) -> list[Found]:
        return [each for each in self.found if not each.reason]

    @property
    def left_out(self) -> list[Found]:
        return [each for each in self.found if each.reason]


class LeftOut(Exception):
    """A question that cannot be brought in; the message says why."""


def prose(words: str) -> str:
    """Return plain text as HTML, a paragraph for each that a blank line ends."""
    parts = [each.strip() for each in re.split(r"\n\s*\n", words) if each.strip()]
    return "".join(f"<p>{escape(each)}</p>" for each in parts)


def choice(
    text: str, answers: Iterable[Answer], *, is_single: bool | None, notes: list[str]
) -> tuple[str, dict[str, Any]]:
    """Return the kind and value of a question with options; `is_single` None: as its marks say."""
    answers = list(answers)
    right = [each for each in answers if each.share > 0]
    if not right:
        raise LeftOut("No answer is marked as right.")
    whole = [each for each in right if each.share >= 100]
    if is_single is None:
        is_single = len(whole) == 1 and len(right) == 1
    if is_single:
        if len(right) != 1 or not whole:
            raise LeftOut(PART_MARKS)
    elif len({each.share for each in right}) > 1:
        raise LeftOut(PART_MARKS)
    if any(each.share < 0 for each in answers):
        notes.append("Marks taken off for wrong answers are left out.")
    options = [
        {"text": plain(each.text), "is_right": each.share > 0, "feedback": plain(each.feedback)}
        for each in answers
    ]
    return "single" if is_single else "multiple", {"text": text, "options": options}


def true_false(text: str, is_true: bool) -> tuple[str, dict[str, Any]]:
    return "true_false", {"text": text, "is_true": is_true}


def matching(
    text: str, pairs: Iterable[tuple[str, str]], notes: list[str]
) -> tuple[str, dict[str, Any]]:
    kept = []
    for item, partner in pairs:
        item, partner = plain(item), plain(partner)
        if item:
            kept.append({"item": item, "partner": partner})
        elif partner:
            notes.append(f"The extra answer ‘{partner}’ is left out.")
    return "matching", {"text": text, "pairs": kept}


def read_each(
    questions: Iterable[Any],
    name_of: Callable[[Any], str],
    read: Callable[[Any, list[str]], tuple[str, dict[str, Any]]],
    categories: list[str],
) -> Read:
    """Read each question by itself, so that one that cannot be read keeps no other out."""
    found = []
    for number, each in enumerate(questions, 1):
        if number > MOST_QUESTIONS:
            raise FileRefused(
                f"The file has more than {MOST_QUESTIONS} questions. Bring them in in parts"
            )
        one = Found(number, plain(name_of(each))[:120])
        try:
            one.kind, one.value = read(each, one.notes)
            one.value = {"feedback": "", "lesson": ""} | one.value
            one.value = checked(one.kind, one.value)
        except LeftOut as why:
            one.reason = str(why)
        found.append(one)
    if not found:
        raise FileRefused("There is no question in this file")
    return Read(found, categories)


def checked(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return the value as the editor would have saved it; raise LeftOut where it would not."""
    for html in (value["text"], value["feedback"]):
        if re.search(r"<(img|video|audio|iframe|object|embed|svg|math)\b", html, re.IGNORECASE):
            raise LeftOut(PICTURE)
    block = BLOCKS.child_blocks[kind]
    if not plain(value["text"]):
        raise LeftOut("It has no text.")
    try:
        return block.get_prep_value(block.clean(block.to_python(value)))
    except ValidationError as error:
        raise LeftOut("; ".join(dict.fromkeys(sentences(error)))) from error


def sentences(error: ValidationError, where: str = "") -> Iterable[str]:
    """Yield each error of a block in a sentence that names what it is about."""
    children = getattr(error, "block_errors", None)
    if children:
        named = children.items() if isinstance(children, dict) else enumerate(children)
        for name, each in named:
            if each is None:
                continue
            whose = f"{where.removesuffix('s')} {name + 1}" if isinstance(name, int) else name
            yield from sentences(each, whose)
    for each in getattr(error, "non_block_errors", None) or ():
        yield each if isinstance(each, str) else " ".join(error_words(each))
    if not children and not getattr(error, "non_block_errors", None):
        yield f"{where.capitalize()}: {' '.join(error.messages)}"


def error_words(error: Any) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]
