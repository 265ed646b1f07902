"""Draw the questions of a check and the order of their options, by the seed of an attempt.

By digests alone: the same seed gives the same order on every machine and in every year.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

Thing = TypeVar("Thing")


def shuffled(things: Sequence[Thing], seed: UUID, *about: object) -> list[Thing]:
    """Return the things in an order that the seed and what they are about decide."""

    def turn(number: int) -> str:
        words = "/".join(map(str, (seed.hex, *about, number)))
        return hashlib.sha256(words.encode()).hexdigest()

    return [things[number] for number in sorted(range(len(things)), key=turn)]


def never_in_order(things: Sequence[Thing], seed: UUID, *about: object) -> list[Thing]:
    """Return the things shuffled, and never as they were: that order would be the answer."""
    found = shuffled(things, seed, *about)
    return found if found != list(things) else [*found[1:], found[0]]


def questions(pools: Sequence[dict[str, Any]], seed: UUID) -> Iterator[tuple[int, str]]:
    """Yield the question versions that are asked, pool by pool, each with its outcome."""
    for pool in pools:
        for question in shuffled(pool["questions"], seed, pool["key"])[: pool["draws"]]:
            yield question, pool["outcome"]


def shown(content: dict[str, Any], seed: UUID, question: int) -> list[int]:
    """Return the numbers of options, partners or items in the order in which they are shown.

    Partners that say the same are shown once. True and false stay in their order.
    """
    kind = content["kind"]
    if kind == "true_false":
        return [1, 0]
    if kind == "matching":
        first: dict[str, int] = {}
        for number, pair in enumerate(content["pairs"]):
            first.setdefault(pair["partner"], number)
        return never_in_order(list(first.values()), seed, question)
    if kind == "order":
        return never_in_order(range(len(content["items"])), seed, question)
    return shuffled(range(len(content["options"])), seed, question)
