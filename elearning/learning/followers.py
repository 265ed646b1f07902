"""Followers of attempts: what upper rooms decide about a module, and do when it is finished."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar

from lms.registries.base import Registry

if TYPE_CHECKING:
    from agencies.models import Person
    from elearning.models import Attempt, Module


class AttemptFollower:
    """Kind of thing that a module is part of, such as a course."""

    name: ClassVar[str]
    order: ClassVar[int]

    def why_not(self, module: Module, person: Person) -> str:
        """Return a sentence that says why this person may not begin it; empty if they may."""
        raise NotImplementedError

    def gives(self, module: Module) -> list[str]:
        """List in sentences what finishing the module gives, such as a certificate."""
        raise NotImplementedError

    def refresher_from(self, module: Module, person: Person) -> dt.date | None:
        """Return the day from which somebody who has finished it can do it again."""
        raise NotImplementedError

    def why_not_waived(self, module: Module, person: Person) -> str:
        """Return why the office cannot count it as done for this person; empty if it can."""
        return ""

    def finished(self, attempt: Attempt, *, by: Person | str) -> None:
        """Do what follows from an attempt that is done, in its transaction, under its lock."""
        raise NotImplementedError


attempt_followers = Registry[AttemptFollower]()
