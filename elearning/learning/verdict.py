"""Decide whether an answer is right, and whether a check is passed. Asks no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Outcome of a check: whole per cent, rounded down, and whether that is enough."""

    score: int
    is_passed: bool


def of(right: int, asked: int, pass_mark: int) -> Verdict:
    """Judge so many right answers of all that were asked.

    Per cent are rounded down: rounded up, somebody would read the pass mark and not have passed, or
    pass below it. Raises ValueError if nothing was asked, which nobody can pass.
    """
    if not 0 <= right <= asked or not asked:
        raise ValueError(f"{right} right of {asked} asked")
    score = 100 * right // asked
    return Verdict(score, score >= pass_mark)


def is_right(content: dict[str, Any], given: Any) -> bool:
    """Return whether this answers the question, whose `content` is as `QuestionVersion` has it.

    Nothing is right in part: each right option and no other, each pair, the whole order.
    """
    kind = content["kind"]
    if kind == "single":
        return bool(content["options"][given]["is_right"])
    if kind == "multiple":
        right = [number for number, each in enumerate(content["options"]) if each["is_right"]]
        return sorted(given) == right
    if kind == "true_false":
        return given is content["is_true"]
    if kind == "matching":
        return all(is_pair(content, item, partner) for item, partner in enumerate(given))
    return list(given) == list(range(len(content["items"])))


def is_pair(content: dict[str, Any], item: int, partner: int) -> bool:
    """Return whether the item was matched to its partner, or to another that says the same."""
    pairs = content["pairs"]
    return bool(pairs[item]["partner"] == pairs[partner]["partner"])
