"""Draw a module's draft as learners get it: lessons, scenarios, questions, with copies of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from elearning.authoring.words import plain
from elearning.models import Module, Recording
from protocols.drafts import copies
from protocols.drafts.copies import Copy

# Below it, a version's own files, by the beginning of their digests: the same for every version.
FILES = "/learn/files/"


@dataclass(frozen=True)
class Drawn:
    """Lessons and scenarios by the shape in `ModuleVersion`, and the files that they show."""

    items: list[dict[str, Any]]
    files: dict[str, Copy]


def drawn(module: Module) -> Drawn:
    """Draw the lessons with addresses of the version's own files.

    Raises `copies.CannotCopy` for a file that is missing or private.
    """
    items = drawn_items(module)
    found = copies.copies_in("".join(_texts(items)))
    return Drawn(_mapped(items, lambda html: copies.led_to(html, found, FILES)), found)


def drawn_items(module: Module) -> list[dict[str, Any]]:
    """Draw lessons and scenarios as learners get them, by the shape in `ModuleVersion`."""
    return [_item(part) for part in module.content]


def title_of(part: Any) -> str:
    return part.value["title"].strip()


def keys_by_title(module: Module) -> dict[str, str]:
    return {title_of(part): part.id for part in module.content}


def questions_of(module: Module) -> Iterator[tuple[Any, Any]]:
    """Yield the pool and the block of each question of the draft."""
    for pool in module.check_questions:
        for question in pool.value["questions"]:
            yield pool, question


def parts_of_kind(module: Module, kind: str) -> Iterator[Any]:
    """Yield the value of each part of this kind in the lessons' texts."""
    for part in module.content:
        if part.block_type == "lesson":
            for each in part.value["body"]:
                if each.block_type == kind:
                    yield each.value


def recordings_of(module: Module) -> list[Recording]:
    """Return the recordings in the lessons, each once."""
    keys = [value["recording"] for value in parts_of_kind(module, "recording")]
    return list(Recording.objects.filter(pk__in=[key for key in keys if key]))


def _item(part: Any) -> dict[str, Any]:
    value = part.value
    item = {
        "key": part.id,
        "kind": part.block_type,
        "title": title_of(part),
        "minutes": value["minutes"],
    }
    if part.block_type == "lesson":
        return item | {"html": value["body"].render_as_block()}
    situations = [
        {
            "title": each["title"],
            "html": str(each["text"]),
            "choices": [
                {
                    "text": choice["text"],
                    "html": str(choice["consequence"]),
                    "goes_to": choice["goes_to"],
                }
                for choice in each["choices"]
            ],
        }
        for each in value["situations"]
    ]
    return item | {"html": html_of(value["introduction"]), "situations": situations}


def html_of(text: Any) -> str:
    """Return rich text as HTML, empty if it says nothing, whichever way it is empty."""
    return str(text) if text and plain(text.source) else ""


def drawn_question(block: Any, keys: dict[str, str]) -> dict[str, Any]:
    """Draw a question by the shape in `QuestionVersion`; `keys` are of items by their titles."""
    value = block.value
    content = {
        "kind": block.block_type,
        "html": str(value["text"]),
        "feedback": html_of(value["feedback"]),
        "lesson": keys.get((value["lesson"] or "").strip(), ""),
    }
    if block.block_type in ("single", "multiple"):
        return content | {
            "options": [
                {
                    "text": each["text"],
                    "is_right": bool(each["is_right"]),
                    "feedback": each["feedback"],
                }
                for each in value["options"]
            ]
        }
    if block.block_type == "true_false":
        return content | {"is_true": bool(value["is_true"])}
    if block.block_type == "matching":
        pairs = [{"item": each["item"], "partner": each["partner"]} for each in value["pairs"]]
        return content | {"pairs": pairs}
    return content | {"items": list(value["items"])}


def marked_safe(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return drawn items with their HTML as safe: our templates and blocks cleaned it."""
    return _mapped(items, SafeString)


def question_marked_safe(content: dict[str, Any]) -> dict[str, Any]:
    """Return a drawn question with its HTML as safe; what is said to its options is plain text."""
    html = {name: SafeString(content[name]) for name in ("html", "feedback")}
    return content | html


def _texts(value: Any) -> Iterator[str]:
    """Yield each HTML text of drawn items."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "html":
                yield each
            else:
                yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {
            name: change(each) if name == "html" else _mapped(each, change)
            for name, each in value.items()
        }
    return [_mapped(each, change) for each in value] if isinstance(value, list) else value
