"""Say what differs between a module's draft and an issued version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator

from elearning.authoring import drawing
from elearning.authoring.words import plain
from elearning.models import Module, ModuleVersion, QuestionVersion
from elearning.models.drafts import KEPT, digest

ADDED, CHANGED, REMOVED = "Added", "Changed", "Removed"


@dataclass(frozen=True)
class Change:
    """Lesson, question or setting that is another in the draft."""

    what: str
    words: str


def since(module: Module, version: ModuleVersion, items: list[dict[str, Any]]) -> list[Change]:
    """List what has changed in the draft since that version; `items` are the draft's, drawn."""
    return [
        *_settings(module, version),
        *_items(items, version.items),
        *_pools(module, version),
        *_questions(module, version),
    ]


def words_of(html: str) -> str:
    """Return the first words of a question."""
    return Truncator(plain(html)).chars(80)


def versions_in(version: ModuleVersion) -> dict[int, QuestionVersion]:
    """Return the questions of a version by their keys, which its pools hold."""
    keys = [pk for pool in version.pools for pk in pool["questions"]]
    return QuestionVersion.objects.select_related("question").in_bulk(keys)


def _settings(module: Module, version: ModuleVersion) -> Iterator[Change]:
    for name in KEPT:
        if getattr(module, name) != getattr(version, name):
            label = module._meta.get_field(name.removesuffix("_id")).verbose_name  # type: ignore[union-attr]
            yield Change(CHANGED, f"{str(label).capitalize()}{_from_to(module, version, name)}")


def _from_to(module: Module, version: ModuleVersion, name: str) -> str:
    name = name.removesuffix("_id")
    was, now = getattr(version, name), getattr(module, name)
    if name == "before_you_start":
        return ""
    return f": from ‘{'nothing' if was is None else was}’ to ‘{'nothing' if now is None else now}’"


def _items(now: Sequence[dict[str, Any]], was: Sequence[dict[str, Any]]) -> Iterator[Change]:
    before, after = ({item["key"]: item for item in items} for items in (was, now))
    for key, item in after.items():
        named = f"{item['kind'].capitalize()} ‘{item['title']}’"
        if key not in before:
            yield Change(ADDED, named)
        elif item != before[key]:
            renamed = before[key]["title"] != item["title"]
            yield Change(CHANGED, f"{named}, was ‘{before[key]['title']}’" if renamed else named)
    for key, item in before.items():
        if key not in after:
            yield Change(REMOVED, f"{item['kind'].capitalize()} ‘{item['title']}’")
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield Change(CHANGED, "The order of the lessons")


def _pools(module: Module, version: ModuleVersion) -> Iterator[Change]:
    before = {pool["key"]: pool for pool in version.pools}
    for pool in module.check_questions:
        was = before.pop(pool.id, None)
        outcome, draws = pool.value["outcome"], pool.value["draws"]
        if was is None:
            yield Change(ADDED, f"Questions on ‘{outcome}’")
        elif (was["outcome"], was["draws"]) != (outcome, draws):
            yield Change(
                CHANGED, f"Questions on ‘{outcome}’: asks {draws} of {len(pool.value['questions'])}"
            )
    for was in before.values():
        yield Change(REMOVED, f"Questions on ‘{was['outcome']}’")


def _questions(module: Module, version: ModuleVersion) -> Iterator[Change]:
    keys = drawing.keys_by_title(module)
    before = {str(each.question.key): each for each in versions_in(version).values()}
    for _, block in drawing.questions_of(module):
        now = drawing.drawn_question(block, keys)
        was = before.pop(block.id, None)
        if was is None:
            yield Change(ADDED, f"Question ‘{words_of(now['html'])}’")
        elif was.sha256 != digest(now):
            yield Change(CHANGED, f"Question ‘{words_of(now['html'])}’")
    for was in before.values():
        yield Change(REMOVED, f"Question ‘{words_of(was.content['html'])}’")
