"""Answer what somebody can do with a module now: begin, continue, try again, or only read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone

from elearning.learning.followers import attempt_followers
from elearning.models import Attempt, ExtraAttempt, Module, ModuleVersion
from lms.formatting import day, day_and_time, many

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

State = Attempt.State
# Days in which whoever has begun an earlier version can finish it once a major one is issued.
DAYS_TO_FINISH = 30


@dataclass
class Standing:
    """Attempts of one person at one module, newest first, and what follows from them."""

    module: Module
    person: Person
    attempts: list[Attempt]
    versions: list[ModuleVersion]
    _extra: dict[int, int] = field(default_factory=dict)

    @property
    def newest(self) -> ModuleVersion | None:
        """Return the version that a new attempt is on."""
        return next((each for each in self.versions if each.withdrawn_at is None), None)

    @property
    def last(self) -> Attempt | None:
        return self.attempts[0] if self.attempts else None

    @property
    def live(self) -> Attempt | None:
        return next((each for each in self.attempts if each.state == State.BEGUN), None)

    @property
    def done(self) -> Attempt | None:
        return next((each for each in self.attempts if each.is_done), None)

    @property
    def is_between(self) -> bool:
        """Return whether the round is open: begun, and not yet done."""
        return self.last is not None and not self.last.is_done

    @property
    def failed(self) -> list[Attempt]:
        """List the attempts of the last round that did not pass, newest first."""
        last = self.last
        of_round = [each for each in self.attempts if last and each.round == last.round]
        return [each for each in of_round if each.state == State.FAILED]

    @property
    def allowed(self) -> int:
        """Return how many attempts this round allows, with those that the office granted."""
        extra = self._extra.get(self.last.round, 0) if self.last else 0
        return self.newest.attempts_allowed + extra if self.newest else extra

    @property
    def are_used_up(self) -> bool:
        return self.is_between and len(self.failed) >= self.allowed

    @property
    def again_from(self) -> dt.datetime | None:
        """Return the moment from which somebody who has not passed can try again."""
        last = self.last
        if not (self.newest and last and last.state == State.FAILED and last.ended_at):
            return None
        return last.ended_at + dt.timedelta(hours=self.newest.pause_hours)

    @cached_property
    def refresher_from(self) -> dt.date | None:
        days = [each.refresher_from(self.module, self.person) for each in attempt_followers]
        return min((each for each in days if each), default=None)

    @property
    def newer_major(self) -> ModuleVersion | None:
        """Return the version because of which the live attempt has to be finished soon."""
        return superseding(self.live.version, self.versions) if self.live else None

    @property
    def finish_by(self) -> dt.date | None:
        return last_day(self.newer_major) if self.newer_major else None

    @cached_property
    def why_not(self) -> str:
        """Return the sentence because of which nothing new can be begun; empty if it can."""
        if self.live:
            return "You have begun this module. Continue where you were."
        if self.newest is None or not (self.module.is_open or self.is_between):
            return "This module can’t be begun at the moment."
        return self._why_not_again() if self.is_between else self._why_not_anew()

    def _why_not_again(self) -> str:
        if self.are_used_up:
            attempts = many(len(self.failed), "attempt")
            return (
                f"You’ve used your {attempts}. We’ve told the training office, who can give you "
                "another."
            )
        if self.again_from and timezone.now() < self.again_from:
            return f"You can try again from {day_and_time(self.again_from)}."
        return ""

    def _why_not_anew(self) -> str:
        if self.done:
            again_on = self.refresher_from
            if again_on is None:
                return "You’ve finished this module. You can read it again at any time."
            if timezone.localdate() < again_on:
                return f"You’ve finished this module. You can do it again from {day(again_on)}."
        sentences = [each.why_not(self.module, self.person) for each in attempt_followers]
        return " ".join(filter(None, sentences))


def of(module: Module, person: Person) -> Standing:
    """Read where this person stands with the module."""
    attempts = Attempt.objects.filter(module=module, person=person)
    extra: dict[int, int] = {}
    for number in ExtraAttempt.objects.filter(module=module, person=person).values_list(
        "round", flat=True
    ):
        extra[number] = extra.get(number, 0) + 1
    attempts = attempts.select_related("version").defer("version__content")
    found = list(attempts.order_by("-round", "-number"))
    return Standing(module, person, found, list(module.versions.without_content()), extra)


def current_first(attempts: QuerySet[Attempt]) -> QuerySet[Attempt]:
    """Order attempts at a module so that the one which counts now is the first."""
    is_live = Case(When(state=State.BEGUN, then=Value(0)), default=1, output_field=IntegerField())
    return attempts.order_by(is_live, "-round", "-number")


def superseding(version: ModuleVersion, versions: list[ModuleVersion]) -> ModuleVersion | None:
    """Return the first major version, not withdrawn, that was issued after this one."""
    newer = [
        each
        for each in versions
        if each.number > version.number and each.is_major and each.withdrawn_at is None
    ]
    return min(newer, key=lambda each: each.number, default=None)


def are_one_line(one: ModuleVersion, other: ModuleVersion, versions: list[ModuleVersion]) -> bool:
    """Return whether what was done in one of two versions counts in the other: no major between."""
    first, last = sorted((one.number, other.number))
    return not any(each.is_major and first < each.number <= last for each in versions)


def last_day(major: ModuleVersion) -> dt.date:
    """Return the last day on which an attempt on an earlier version can be finished."""
    return timezone.localdate(major.issued_at) + dt.timedelta(days=DAYS_TO_FINISH)
