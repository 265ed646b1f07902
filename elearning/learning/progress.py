"""Say in words how far people are in modules, for lists: as many queries for many as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils import timezone

from elearning.learning.standing import Standing
from elearning.models import Attempt, ExtraAttempt, ModuleVersion
from lms.formatting import day, day_and_time

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person
    from elearning.models import Module

State = Attempt.State


@dataclass(frozen=True)
class Progress:
    """Place of one person in one module: words, their colour, and what they can press."""

    now: Standing
    state: str
    colour: str
    # What the person can do now: Continue, Try again, Begin again; empty if nothing.
    press: str = ""
    # What follows for who has not passed, such as 'can try again'.
    then: str = ""

    @property
    def words(self) -> str:
        return f"{self.state}: {self.then}" if self.then else self.state

    @property
    def attempt(self) -> Attempt:
        return self.now.attempts[0]

    @property
    def module(self) -> Module:
        return self.now.module

    @property
    def title(self) -> str:
        return self.attempt.version.title

    @property
    def is_done(self) -> bool:
        return self.attempt.is_done


def of_attempts(attempts: QuerySet[Attempt]) -> list[Progress]:
    """Say for each person and module among these attempts where the person is, last begun first.

    At most five queries.
    """
    rows = attempts.select_related("module", "version", "person").defer(
        "version__content", "module__content", "module__check_questions"
    )
    read = Count("items", Q(items__done_at__isnull=False))
    found: dict[tuple[int, int], list[Attempt]] = defaultdict(list)
    for attempt in rows.annotate(read=read).order_by("-round", "-number"):
        found[attempt.person_id, attempt.module_id].append(attempt)
    newest = sorted(found.values(), key=lambda tries: tries[0].begun_at, reverse=True)
    versions = _versions({module for _, module in found})
    extra = _extra(found)
    live = {tries[0].version_id for tries in newest if tries[0].state == State.BEGUN}
    contents = ModuleVersion.objects.filter(pk__in=live).values_list("pk", "content")
    parts = {pk: len(content["items"]) for pk, content in (contents if live else ())}
    return [
        _progress(
            Standing(
                tries[0].module,
                tries[0].person,
                tries,
                versions[tries[0].module_id],
                extra[tries[0].person_id, tries[0].module_id],
            ),
            parts,
        )
        for tries in newest
    ]


def unfinished_of(person: Person) -> list[Progress]:
    """List the modules that somebody has begun, or not passed yet."""
    own = Attempt.objects.visible_to(person).filter(person=person)
    return [each for each in of_attempts(own) if not each.is_done]


def _versions(modules: Iterable[int]) -> dict[int, list[ModuleVersion]]:
    found = defaultdict(list)
    for version in ModuleVersion.objects.without_content().filter(module__in=modules):
        found[version.module_id].append(version)
    return found


def _extra(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], dict[int, int]]:
    """Return how many attempts were granted, by person and module and then by round."""
    people = {person for person, _ in pairs}
    granted = ExtraAttempt.objects.filter(person__in=people).order_by()
    found: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for person, module, number in granted.values_list("person", "module", "round"):
        of_round = found[person, module]
        of_round[number] = of_round.get(number, 0) + 1
    return found


def _progress(now: Standing, parts: dict[int, int]) -> Progress:
    attempt = now.attempts[0]
    if attempt.state == State.BEGUN:
        return Progress(now, _place(attempt, parts[attempt.version_id]), "yellow", "Continue")
    if attempt.is_done:
        ended = day(attempt.ended_at)
        if attempt.is_waived:
            return Progress(now, f"Counted as done on {ended}", "green")
        return Progress(now, f"{attempt.get_state_display()} on {ended}", "green")
    if now.are_used_up:
        return Progress(now, "Not passed", "orange", then="no attempts left")
    if attempt.state == State.FAILED:
        again = now.again_from
        if again and timezone.now() < again:
            then = f"can try again from {day_and_time(again)}"
            return Progress(now, "Not passed", "orange", then=then)
        press, then = ("Try again", "can try again") if now.newest else ("", "")
        return Progress(now, "Not passed", "orange", press, then)
    return Progress(now, "Not finished in time", "grey", "Begin again" if now.newest else "")


def _place(attempt: Attempt, parts: int) -> str:
    """Say at which part a live attempt is, such as 'Part 3 of 6'."""
    if attempt.check_begun_at:
        return "In the check"
    read = attempt.read  # type: ignore[attr-defined]
    return "The check is next" if read >= parts else f"Part {read + 1} of {parts}"
