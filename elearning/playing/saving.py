"""Save what a package reports: each element once, in the order of its numbers, never downwards."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from elearning.learning.ending import LONGEST_GAP, finish, in_turn
from elearning.models import Attempt, ItemState, Rule
from elearning.packages.verdict import Verdict
from elearning.playing.reports import judge, judge_part, playable, seconds_in
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person

State = Attempt.State
ENDS = {
    Verdict.PASSED: State.PASSED,
    Verdict.COMPLETED: State.COMPLETED,
    Verdict.FAILED: State.FAILED,
}
BOOKMARK = "cmi.suspend_data"
SESSION_TIMES = ("cmi.core.session_time", "cmi.session_time")
# Longer bookmarks than the standards ask for are kept; no value is longer than this.
LONGEST_VALUE = 256 * 1024
MOST_ELEMENTS = 5000


class PlayingRefused(Refused):
    """A report that is not taken."""


class TakenOver(PlayingRefused):
    """The attempt was opened elsewhere since."""


@transaction.atomic
def open_session(state: ItemState) -> uuid.UUID:
    """Let this window report from now on, and none that was opened before.

    What the last session claimed as its time is added up.
    """
    attempt = in_turn(state.attempt)
    attempt.session = uuid.uuid4()
    attempt.save(update_fields=["session"])
    fresh = ItemState.objects.select_for_update().get(pk=state.pk)
    for name in SESSION_TIMES:
        fresh.claimed_seconds += seconds_in(fresh.reported.pop(name, ""))
    fresh.sequences = {}
    fresh.last_at = timezone.now()
    fresh.save()
    return attempt.session


@transaction.atomic
def take(
    state_id: int, session: str, number: int, changed: dict[str, Any], *, ends: bool
) -> Attempt | None:
    """Take what a session reports: elements with the values that they have now.

    `number` counts the session's messages: a later one stands, whichever arrives first. Ended
    attempts change no more. Returns the attempt if it has to be settled: apart, as that locks the
    person, and this must not wait for it. Raises TakenOver or PlayingRefused.
    """
    _refuse_unfit(changed)
    states = ItemState.objects.select_related("attempt__version")
    state = states.select_for_update(of=("self",)).get(pk=state_id)
    attempt = state.attempt
    if str(attempt.session) != session:
        raise TakenOver("This module was opened in another window, which goes on from here.")
    if attempt.state != State.BEGUN:
        return None
    _merge(state, number, changed)
    _note_time(state)
    state.save()
    return attempt if ends or _matters(changed) else None


@transaction.atomic
def settle(attempt: Attempt, *, ends: bool = False) -> Attempt:
    """Finish the attempt if its parts say so; one that failed ends when its session does.

    Safe to call again: whatever was saved and not settled, as a process was killed, is then.
    """
    attempt = in_turn(attempt)
    _mark_done_parts(attempt)
    found, score = judge(attempt)
    if attempt.state == State.BEGUN and (found.is_done or (ends and found is Verdict.FAILED)):
        _finish(attempt, found, score)
    return attempt


@transaction.atomic
def declare(attempt: Attempt, *, by: Person) -> Attempt:
    """Count every part as done, because the learner says so, where that is the rule."""
    attempt = in_turn(attempt)
    if attempt.version.rule != Rule.DECLARED:
        raise PlayingRefused("This module says by itself when you’ve finished it.")
    attempt.items.filter(done_at=None).update(done_at=timezone.now())
    return settle(attempt)


def _refuse_unfit(changed: dict[str, Any]) -> None:
    if len(changed) > MOST_ELEMENTS:
        raise PlayingRefused("Too many elements in one report.")
    for element, value in changed.items():
        if not element.startswith("cmi.") or len(element) > 250 or not isinstance(value, str):
            raise PlayingRefused("That is no report of a package.")
        if len(value) > LONGEST_VALUE:
            raise PlayingRefused("One value of the report is too long to keep.")


def _merge(state: ItemState, number: int, changed: dict[str, Any]) -> None:
    for element, value in changed.items():
        if number <= state.sequences.get(element, 0):
            continue
        state.sequences[element] = number
        value = value.replace("\0", "")
        if element == BOOKMARK:
            state.bookmark = value
        else:
            state.reported[element] = value


def _note_time(state: ItemState) -> None:
    now = timezone.now()
    gap = min(max(now - (state.last_at or now), dt.timedelta()), LONGEST_GAP)
    state.seconds += round(gap.total_seconds())
    state.last_at = now


def _matters(changed: dict[str, Any]) -> bool:
    """Return whether these elements can change a verdict."""
    words = ("status", "score", "progress")
    return any(word in element for element in changed for word in words)


def _mark_done_parts(attempt: Attempt) -> None:
    """Note which parts are done, for the contents; a part stays done."""
    if attempt.version.rule == Rule.DECLARED:
        return
    items = {item.identifier: item for item in playable(attempt.version)}
    for state in attempt.items.filter(done_at=None, key__in=items):
        if judge_part(items[state.key], state, attempt.version).is_done:
            state.done_at = timezone.now()
            state.save(update_fields=["done_at"])


def _finish(attempt: Attempt, found: Verdict, score: float | None) -> None:
    attempt.seconds_measured = sum(attempt.items.values_list("seconds", flat=True))
    attempt.last_at = timezone.now()
    result = {} if score is None else {"score": max(0, min(100, int(score)))}
    finish(attempt, ENDS[found], by=attempt.person, **result)
