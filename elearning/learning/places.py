"""Say where somebody is in a module: its parts, which are done, and the page that is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from elearning.learning.learning import has_ended
from elearning.learning.standing import current_first
from elearning.models import Attempt, ItemState

if TYPE_CHECKING:
    from agencies.models import Person


@dataclass(frozen=True)
class Part:
    """Lesson or scenario, as the contents list it."""

    number: int
    key: str
    title: str
    minutes: int
    is_scenario: bool
    is_done: bool
    is_opened: bool
    address: str


def current(person: Person, code: str) -> Attempt | None:
    """Return the person's attempt at this module that counts now: the live one, or the last."""
    own = Attempt.objects.visible_to(person).filter(person=person, module__code=code)
    return current_first(own.select_related("module", "version")).first()


def parts(attempt: Attempt) -> list[Part]:
    """List the parts of an attempt's version, with how far they are done."""
    code = attempt.module.code
    states = {each.key: each for each in attempt.items.all()}
    return [
        Part(
            number,
            item["key"],
            item["title"],
            item["minutes"],
            item["kind"] == "scenario",
            bool((state := states.get(item["key"])) and state.done_at),
            state is not None,
            reverse("elearning:item", args=[code, number]),
        )
        for number, item in enumerate(attempt.version.items, 1)
    ]


def next_address(attempt: Attempt) -> str:
    """Return the page on which a live attempt goes on; of one that has ended, its result."""
    code = attempt.module.code
    if attempt.state != Attempt.State.BEGUN:
        return result_address(attempt)
    if part := part_that_is_next(parts(attempt), attempt):
        return part.address
    if attempt.check_begun_at:
        return question_address(attempt, first_open(attempt))
    return reverse("elearning:check", args=[code])


def part_that_is_next(found: list[Part], attempt: Attempt) -> Part | None:
    """Return the part that was opened last and is not done; else the first that is not."""
    left = {part.key: part for part in found if not part.is_done}
    opened = attempt.items.filter(done_at=None, key__in=left).order_by("-pk")
    last = opened.values_list("key", flat=True).first()
    return left.get(last or "") or next(iter(left.values()), None)


def first_open(attempt: Attempt) -> int:
    """Return the position of the first question that is not answered; else of the last."""
    answers = attempt.answers.order_by("position").values_list("position", "given_at")
    rows = list(answers)
    return next((position for position, given_at in rows if given_at is None), len(rows) or 1)


def question_address(attempt: Attempt, position: int) -> str:
    return reverse("elearning:question", args=[attempt.module.code, position])


def result_address(attempt: Attempt) -> str:
    return reverse("elearning:attempt", args=[attempt.module.code, attempt.pk])


def situation_at(item: dict[str, Any], state: ItemState | None) -> int:
    """Return the number of the situation in which somebody is; the last they were in if it ended.

    Counted from 1.
    """
    if state is None or not state.place:
        return 1
    if has_ended(state):
        return int(state.place["chosen"][-1][0])
    return int(state.place["at"])
