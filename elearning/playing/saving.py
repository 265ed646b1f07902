"""Save what a package reports: each element once, in the order of its numbers, never downwards."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from elearning.learning.ending import LONGEST_GAP, finish, in_turn
from elearning.models import Attempt, ItemState, PackageItem, Rule
from elearning.packages.verdict import Verdict
from elearning.playing.reports import judge, judge_part, playable, seconds_in
from lms.refused import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

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
MOST_KEPT = 4 * 1024**2
ELEMENT = re.compile(r"cmi\.[A-Za-z0-9_.]{1,240}")


class PlayingRefused(Refused):
    """A report that is not taken."""


class TakenOver(PlayingRefused):
    """The attempt was opened elsewhere since."""


@transaction.atomic
def open_session(attempt: Attempt, item: PackageItem) -> ItemState:
    """Let this window report on a part from now on, and none that was opened before.

    Returns the part's state as it is now, with its attempt. What the last session claimed as its
    time is added up. A part of an attempt that has ended is read again, and nothing changes.
    """
    attempt = settle(attempt)
    if attempt.state != State.BEGUN:
        found = attempt.items.filter(key=item.identifier).first()
        found = found or ItemState(key=item.identifier)
        found.attempt = attempt
        return found
    ItemState.objects.get_or_create(attempt=attempt, key=item.identifier)
    state = _locked().get(attempt=attempt, key=item.identifier)
    attempt.session, attempt.last_at = uuid.uuid4(), timezone.now()
    attempt.save(update_fields=["session", "last_at"])
    for name in SESSION_TIMES:
        state.claimed_seconds += seconds_in(state.reported.pop(name, ""))
    state.sequences, state.last_at = {}, timezone.now()
    state.save()
    state.attempt = attempt
    return state


def report(
    attempt: int, item: int, session: str, number: int, changed: dict[str, Any], *, ends: bool
) -> Attempt:
    """Take what a session reports of a part (pks): elements with the values that they have now.

    `number` counts the session's messages: a later one stands, whichever arrives first. Ended
    attempts change no more. Returns the attempt as it is then. Raises TakenOver, PlayingRefused,
    or ItemState.DoesNotExist for a part that was never opened.
    """
    taken = _take(attempt, item, session, number, _cleaned(changed))
    if taken.state == State.BEGUN and (ends or _matters(changed)):
        # Apart, as it locks the person: what was reported must not wait for that.
        return settle(taken, ends=ends)
    return taken


@transaction.atomic
def _take(attempt: int, item: int, session: str, number: int, changed: dict[str, str]) -> Attempt:
    part = PackageItem.objects.filter(pk=item).values("identifier")
    state = _locked().get(attempt=attempt, key__in=part)
    fresh = state.attempt
    if fresh.state != State.BEGUN:
        return fresh
    if str(fresh.session) != session:
        raise TakenOver("This module was opened in another window, which goes on from here.")
    _merge(state, number, changed)
    _note_time(state)
    state.save()
    return fresh


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
    known = set(attempt.items.values_list("key", flat=True))
    keys = [part.identifier for part in playable(attempt.version)]
    ItemState.objects.bulk_create(
        ItemState(attempt=attempt, key=key) for key in keys if key not in known
    )
    attempt.items.filter(done_at=None).update(done_at=timezone.now())
    return settle(attempt)


def _locked() -> QuerySet[ItemState]:
    """Lock a part's state and then its attempt: both are read as whoever was before left them.

    Whatever changes both does it in this order.
    """
    states = ItemState.objects.select_related("attempt")
    return states.select_for_update(of=("self", "attempt"), no_key=True)


def _cleaned(changed: dict[str, Any]) -> dict[str, str]:
    """Return the elements as a database can keep them. Raises PlayingRefused for what is none."""
    if len(changed) > MOST_ELEMENTS:
        raise PlayingRefused("Too many elements in one report.")
    found = {}
    for element, value in changed.items():
        if not ELEMENT.fullmatch(element) or not isinstance(value, str):
            raise PlayingRefused("That is no report of a package.")
        if len(value) > LONGEST_VALUE:
            raise PlayingRefused("One value of the report is too long to keep.")
        found[element] = value.replace("\0", "").encode(errors="replace").decode()
    return found


def _merge(state: ItemState, number: int, changed: dict[str, str]) -> None:
    for element, value in changed.items():
        if number <= state.sequences.get(element, 0):
            continue
        state.sequences[element] = number
        if element == BOOKMARK:
            state.bookmark = value
        else:
            state.reported[element] = value
    if sum(map(len, state.reported.values())) > MOST_KEPT:
        raise PlayingRefused("The package has reported more than can be kept.")


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
