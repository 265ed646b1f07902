"""Read questions in Moodle XML."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from elearning.authoring.importing.questions import (
    PICTURE,
    Answer,
    FileRefused,
    LeftOut,
    Read,
    choice,
    matching,
    prose,
    read_each,
    true_false,
)

WHY_NOT = {
    "essay": "It is answered by an essay.",
    "numerical": "It is answered by a number.",
    "shortanswer": "It is answered by writing words.",
    "cloze": "It has gaps in its text.",
    "multianswer": "It has gaps in its text.",
    "description": "It has no answers: it is a text, no question.",
    "calculated": "It is answered by a number that is worked out.",
    "calculatedmulti": "Its answers are worked out.",
    "calculatedsimple": "It is answered by a number that is worked out.",
    "ddimageortext": "It is answered by dragging.",
    "ddmarker": "It is answered by dragging.",
    "ddwtos": "It is answered by dragging.",
    "gapselect": "It has gaps in its text.",
}
SAID = {
    "correctfeedback": "What is said to a right answer is left out.",
    "partiallycorrectfeedback": "What is said to an answer that is partly right is left out.",
    "incorrectfeedback": "What is said to a wrong answer is left out.",
    "hint": "A hint is left out.",
}


def read_moodle(content: bytes) -> Read:
    """Read the questions of a Moodle XML file. Raises FileRefused if it is none."""
    try:
        quiz = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FileRefused(
            "This file defines entities, which Moodle does not. Export it from Moodle again"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise FileRefused(
            "This file is damaged or cut off. Export it from Moodle again as ‘Moodle XML’"
        ) from error
    if quiz.tag != "quiz":
        raise FileRefused(
            "This is not a file of questions. Export the questions from Moodle as ‘Moodle XML’"
        )
    questions = list(quiz.iter("question"))
    categories = [
        _words(each, "category/text").rpartition("/")[2]
        for each in questions
        if each.get("type") == "category"
    ]
    asked = [each for each in questions if each.get("type") != "category"]
    return read_each(asked, lambda one: _words(one, "name/text"), _read, categories)


def _read(one: Element, notes: list[str]) -> tuple[str, dict[str, Any]]:
    kind = (one.get("type") or "").lower()
    if kind not in ("multichoice", "truefalse", "matching", "match"):
        raise LeftOut(WHY_NOT.get(kind, f"We have no kind of question like ‘{kind[:40]}’."))
    if one.find(".//file") is not None:
        raise LeftOut(PICTURE)
    text = _html(one.find("questiontext"))
    for tag, sentence in SAID.items():
        if any(_words(each, "text") for each in one.findall(tag)):
            notes.append(sentence)
    if one.find("tags/tag") is not None:
        notes.append("Its tags are left out.")
    if kind == "multichoice":
        is_single = _words(one, "single").lower() not in ("false", "0")
        answers = [
            Answer(_html(each), _share(each), _html(each.find("feedback")))
            for each in one.findall("answer")
        ]
        found = choice(text, answers, is_single=is_single, notes=notes)
    elif kind == "truefalse":
        found = true_false(text, _truth(one, notes))
    else:
        pairs = [(_html(each), _html(each.find("answer"))) for each in one.findall("subquestion")]
        found = matching(text, pairs, notes)
    return found[0], found[1] | {"feedback": _html(one.find("generalfeedback"))}


def _truth(one: Element, notes: list[str]) -> bool:
    right = [each for each in one.findall("answer") if _share(each) > 0]
    if len(right) != 1 or _words(right[0], "text").lower() not in ("true", "false"):
        raise LeftOut("It does not say whether the statement is true.")
    if any(_words(each, "feedback/text") for each in one.findall("answer")):
        notes.append("What is said to a right or wrong answer is left out.")
    return _words(right[0], "text").lower() == "true"


def _share(answer: Element) -> float:
    try:
        return float(answer.get("fraction", "0"))
    except ValueError as error:
        raise LeftOut("The marks of an answer are no number.") from error


def _words(one: Element, path: str) -> str:
    return (one.findtext(path) or "").strip()


def _html(one: Element | None) -> str:
    """Return a text as HTML, whatever format it is in."""
    if one is None:
        return ""
    words = _words(one, "text")
    if one.get("format", "html") in ("plain_text", "markdown"):
        return prose(words)
    return words
