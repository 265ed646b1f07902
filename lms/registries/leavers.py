"""Waits: what can wait for a person, and who has it once that person has left or lost the role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from django.db.models import QuerySet

from lms import jobs
from lms.registries.base import Registry


class Wait:
    """Kind of thing that waits for a person.

    `stranded` finds those for whom nobody who may decide has been asked, or whose person is gone;
    `pass_on` gives one to the next who may decide, or to the office, or ends it. What it has passed
    on is stranded no longer.
    """

    name: ClassVar[str]
    order: ClassVar[int]
    what: ClassVar[str]
    next: ClassVar[str]

    def sentence_for(self, many: int) -> str:
        """Return what was handed on, as a sentence for the office."""
        return f"Handed on: {self.what[0].lower()}{self.what[1:]} ({many}). {self.next}."

    def stranded(self) -> QuerySet[Any]:
        raise NotImplementedError

    def pass_on(self, thing: Any) -> None:
        raise NotImplementedError


waits = Registry[Wait]()
_noted: ContextVar[list[str] | None] = ContextVar("noted", default=None)


@jobs.in_words("Hand on what waits for somebody who has left")
def pass_on() -> int:
    """Hand on everything that is stranded, row by row; return how much that was.

    Called by every verb that ends a job, a role or an account, in its transaction, and by night for
    what time has ended meanwhile.
    """
    noted, done = _noted.get(), 0
    for wait in waits:
        many = _pass_on(wait)
        if many and noted is not None:
            noted.append(wait.sentence_for(many))
        done += many
    return done


@contextmanager
def noted() -> Iterator[list[str]]:
    """Collect in sentences what is handed on within the block."""
    sentences: list[str] = []
    token = _noted.set(sentences)
    try:
        yield sentences
    finally:
        _noted.reset(token)


def _pass_on(wait: Wait) -> int:
    return jobs.for_all(
        pass_on, wait.stranded(), lambda rows: wait.pass_on(rows[0]), size=1, step=wait.name
    )
