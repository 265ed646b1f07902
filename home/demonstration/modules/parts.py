"""Write the parts of a module briefly: lessons, scenarios, and questions of its check."""

from __future__ import annotations

import uuid
from typing import Any

Part = dict[str, Any]


def lesson(title: str, minutes: int, *body: tuple[str, Part]) -> Part:
    parts = [{"type": kind, "value": value} for kind, value in body]
    return _part("lesson", {"title": title, "minutes": minutes, "body": parts})


def section(heading: str, text: str) -> tuple[str, Part]:
    return "section", {"heading": heading, "text": text}


def points(heading: str, *each: str) -> tuple[str, Part]:
    return "key_points", {"heading": heading, "points": list(each)}


def warning(text: str) -> tuple[str, Part]:
    return "warning", {"text": text}


def reflection(question: str, hint: str = "") -> tuple[str, Part]:
    return "reflection", {"question": question, "hint": hint}


def scenario(title: str, minutes: int, introduction: str, *situations: Part) -> Part:
    value = {"title": title, "minutes": minutes, "introduction": introduction}
    return _part("scenario", value | {"situations": list(situations)})


def situation(title: str, text: str, *choices: Part) -> Part:
    return {"title": title, "text": text, "choices": list(choices)}


def choice(text: str, consequence: str, goes_to: int | None = None) -> Part:
    return {"text": text, "consequence": f"<p>{consequence}</p>", "goes_to": goes_to}


def pool(outcome: str, draws: int, *questions: Part) -> Part:
    return _part("pool", {"outcome": outcome, "draws": draws, "questions": list(questions)})


def one(text: str, *options: tuple[str, str], right: int, again: str, says: str = "") -> Part:
    """Ask for one of the options, each with its feedback; `right` counts from 1."""
    return _chosen("single", text, options, {right}, again, says)


def several(
    text: str, *options: tuple[str, str], right: set[int], again: str, says: str = ""
) -> Part:
    """Ask for all of the right options, each with its feedback; `right` counts from 1."""
    return _chosen("multiple", text, options, right, again, says)


def is_it_true(text: str, answer: bool, *, again: str, says: str) -> Part:
    return _asked("true_false", text, again, says, is_true=answer)


def match(text: str, *pairs: tuple[str, str], again: str, says: str) -> Part:
    found = [{"item": item, "partner": partner} for item, partner in pairs]
    return _asked("matching", text, again, says, pairs=found)


def in_order(text: str, *items: str, again: str, says: str) -> Part:
    return _asked("order", text, again, says, items=list(items))


def _chosen(kind: str, text: str, options: Any, right: set[int], again: str, says: str) -> Part:
    found = [
        {"text": words, "is_right": number in right, "feedback": feedback}
        for number, (words, feedback) in enumerate(options, 1)
    ]
    return _asked(kind, text, again, says, options=found)


def _asked(kind: str, text: str, again: str, says: str, **more: Any) -> Part:
    feedback = f"<p>{says}</p>" if says else ""
    value = {"text": f"<p>{text}</p>", "feedback": feedback, "lesson": again}
    return _part(kind, value | more)


def _part(kind: str, value: Part) -> Part:
    """Give the part an id that is the same each time that the demonstration is made."""
    name = f"{kind} {value.get('title') or value.get('outcome') or value['text']}"
    return {"type": kind, "id": str(uuid.uuid5(uuid.NAMESPACE_OID, name)), "value": value}
