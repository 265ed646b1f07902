"""Begin a module, go on with it, and finish its lessons and scenarios.

A press of a page names the attempt that the page showed, and locks its person: two presses at once
do one thing, and one from a page of an attempt that has ended is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

import history
from elearning.learning import standing
from elearning.learning.ending import (
    end,
    finish,
    in_turn,
    lock,
    locked,
    note_time,
    refuse_ended,
)
from elearning.learning.refusing import LearningRefused
from elearning.models import Attempt, ItemState, Module, ModuleVersion, Statement

if TYPE_CHECKING:
    from agencies.models import Person

    Item = dict[str, Any]

State = Attempt.State
Verb = Statement.Verb


@transaction.atomic
def begin(module: Module, *, by: Person) -> Attempt:
    """Begin the module's newest version, for the first time or as a refresher, or try again.

    Pressed twice it returns the live attempt. Raises LearningRefused, with the reason.
    """
    now = _standing(module, by)
    return now.live or _begin(now, by)


@transaction.atomic
def begin_again(module: Module, *, by: Person) -> Attempt:
    """Begin on the newest version, and set aside the live attempt that is on an earlier one.

    Where there is none, or no major version since, this is `begin`.
    """
    now = _standing(module, by)
    if now.live and not now.newer_major:
        return now.live
    if now.live:
        attempt = locked(now.live)
        note_time(attempt)
        end(attempt, State.SET_ASIDE, by=by)
        now = standing.standing_of(now.module, by)
    return _begin(now, by)


def _standing(module: Module, person: Person) -> standing.Standing:
    """Lock this person, and read anew whether the module is open and what they have done."""
    lock(person.pk)
    return standing.standing_of(Module.objects.get(pk=module.pk), person)


def _begin(now: standing.Standing, by: Person) -> Attempt:
    if now.why_not:
        raise LearningRefused(now.why_not)
    last, version = now.last, ModuleVersion.objects.get(pk=now.newest.pk)  # type: ignore[union-attr]
    number_of_round = last.round + (0 if now.is_between else 1) if last else 1
    is_next = last is not None and now.is_between
    attempt = Attempt.objects.create(
        person=by,
        module=now.module,
        version=version,
        round=number_of_round,
        number=last.number + 1 if last and is_next else 1,
        why=_why(now, number_of_round),
    )
    Statement.objects.create(attempt=attempt, verb=Verb.INITIALIZED)
    facts = {"version": version.pk, "round": attempt.round, "number": attempt.number}
    history.record("attempt.begun", attempt, by=by, now=facts)
    if is_next and last and last.state == State.FAILED:
        _keep_what_is_done(last, attempt, now)
    _go_on(attempt, by)
    return attempt


def _go_on(attempt: Attempt, by: Person, *, after: str = "") -> None:
    """Open what is to be read next; a module without a check is completed once nothing is."""
    following = next_item(attempt, after=after)
    if following:
        _open(attempt, following)
    elif not attempt.version.pools:
        finish(attempt, State.COMPLETED, by=by)


def _why(now: standing.Standing, number_of_round: int) -> Attempt.Why:
    if now.is_between and now.failed:
        return Attempt.Why.AGAIN
    return Attempt.Why.REFRESHER if number_of_round > 1 else Attempt.Why.FIRST


def _keep_what_is_done(last: Attempt, attempt: Attempt, now: standing.Standing) -> None:
    """Let lessons stay done after a failed check, unless a major version came between."""
    if not standing.are_one_line(last.version, attempt.version, now.versions):
        return
    keys = {item["key"] for item in attempt.version.items}
    done = last.items.filter(done_at__isnull=False, key__in=keys)
    ItemState.objects.bulk_create(
        [
            ItemState(
                attempt=attempt,
                key=each.key,
                opened_at=each.opened_at,
                done_at=each.done_at,
                place=each.place,
            )
            for each in done
        ]
    )


@transaction.atomic
def resume(attempt: Attempt, *, by: Person) -> Attempt:
    """Go on with a live attempt where it was, on whatever device."""
    attempt = locked(attempt)
    note_time(attempt)
    Statement.objects.create(attempt=attempt, verb=Verb.LAUNCHED)
    return attempt


@transaction.atomic
def finish_item(attempt: Attempt, key: str, *, by: Person) -> Attempt:
    """Finish a lesson or scenario and open the next; the last of a module without check ends it.

    Raises LearningRefused for a scenario in which there is still something to choose.
    """
    attempt = in_turn(attempt)
    item = _item(attempt, key)
    if attempt.is_done and attempt.items.filter(key=key, done_at__isnull=False).exists():
        return attempt  # Pressed twice.
    refuse_ended(attempt)
    state = _open(attempt, item)
    if item["kind"] == "part":
        raise LearningRefused("This part says by itself when you’ve finished it.")
    if item["kind"] == "scenario" and not has_ended(state):
        raise LearningRefused("Choose what to do first: the scenario has not ended.")
    if state.done_at is None:
        state.done_at = timezone.now()
        state.save(update_fields=["done_at"])
    note_time(attempt)
    _go_on(attempt, by, after=key)
    return attempt


@transaction.atomic
def choose(attempt: Attempt, key: str, situation: int, choice: int, *, by: Person) -> ItemState:
    """Choose what to do in a situation of a scenario; both are counted from 1.

    What was chosen stays: Back and a second press find it. Raises LearningRefused.
    """
    attempt = locked(attempt)
    item = _item(attempt, key)
    state = _open(attempt, item)
    chosen = dict(map(tuple, state.place.get("chosen", [])))  # type: ignore[arg-type]
    if situation in chosen:
        if chosen[situation] != choice:
            raise LearningRefused("You have already chosen here. This is what you chose.")
        return state
    at = state.place.get("at", 1)
    if situation != at or not 1 <= choice <= len(item["situations"][at - 1]["choices"]):
        raise LearningRefused("That choice is not open now. Go on from here.")
    goes_to = item["situations"][at - 1]["choices"][choice - 1]["goes_to"]
    state.place = {"at": goes_to or 0, "chosen": [*chosen.items(), (situation, choice)]}
    state.save(update_fields=["place"])
    note_time(attempt)
    return state


@transaction.atomic
def choose_again(attempt: Attempt, key: str, *, by: Person) -> ItemState:
    """Go back to the first situation of a scenario that has ended, to try another way.

    A scenario that is done stays done.
    """
    attempt = locked(attempt)
    state = _open(attempt, _item(attempt, key))
    if has_ended(state):
        state.place = {}
        state.save(update_fields=["place"])
        note_time(attempt)
    return state


def has_ended(state: ItemState) -> bool:
    """Return whether nothing is left to choose in a scenario."""
    return state.place.get("at") == 0


def is_done_with_items(attempt: Attempt) -> bool:
    """Return whether all lessons and scenarios are done, so that the check can be begun."""
    return not _not_done(attempt)


def next_item(attempt: Attempt, *, after: str = "") -> Item | None:
    """Return the item that is to be read next: the first after this one that is not done.

    Where all that follow are done, the first of all that is not; None once all are.
    """
    items, left = attempt.version.items, _not_done(attempt)
    keys = [item["key"] for item in items]
    start = keys.index(after) + 1 if after in keys else 0
    from_here = [*items[start:], *items[:start]]
    return next((item for item in from_here if item["key"] in left), None)


def _not_done(attempt: Attempt) -> set[str]:
    done = attempt.items.filter(done_at__isnull=False).values_list("key", flat=True)
    return {item["key"] for item in attempt.version.items}.difference(done)


def _item(attempt: Attempt, key: str) -> Item:
    for item in attempt.version.items:
        if item["key"] == key:
            return item
    raise LearningRefused("That page is not part of your module. Go on from here.")


def _open(attempt: Attempt, item: Item) -> ItemState:
    return ItemState.objects.get_or_create(attempt=attempt, key=item["key"])[0]
