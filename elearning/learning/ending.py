"""End attempts: finish them, and do what follows; or end them without being finished."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

import history
from agencies.models import Person
from elearning.learning import notices, standing
from elearning.learning.followers import attempt_followers
from elearning.learning.refusing import LearningRefused
from elearning.models import Attempt, Statement

if TYPE_CHECKING:
    from typing import Any

State = Attempt.State
Verb = Statement.Verb
# Between two presses no more than this counts as time that somebody learned.
LONGEST_GAP = dt.timedelta(minutes=5)
ENDS = {
    State.PASSED: Verb.PASSED,
    State.COMPLETED: Verb.COMPLETED,
    State.FAILED: Verb.FAILED,
    State.LAPSED: Verb.ABANDONED,
    State.SET_ASIDE: Verb.ABANDONED,
}


def lock(person_id: int) -> None:
    """Let this person's presses, and whatever merges their account, take turns.

    By the account and not by the attempt: who begins has none yet, and one lock has no order.
    """
    rows = Person.objects.order_by().filter(pk=person_id)
    list(rows.select_for_update(no_key=True).values_list("pk"))


def in_turn(attempt: Attempt) -> Attempt:
    """Lock an attempt until the transaction ends; return it fresh, live or not."""
    lock(attempt.person_id)
    return Attempt.objects.select_related("version", "module").get(pk=attempt.pk)


def locked(attempt: Attempt) -> Attempt:
    """Lock a live attempt until the transaction ends; return it fresh.

    Raises LearningRefused if it has ended.
    """
    fresh = in_turn(attempt)
    refuse_ended(fresh)
    return fresh


def refuse_ended(fresh: Attempt) -> None:
    if fresh.state != State.BEGUN:
        raise LearningRefused(
            "That page was of an attempt that has ended. Nothing was changed: go on from here."
        )


def note_time(attempt: Attempt) -> None:
    """Count the time since the last press, and save it with all that the verb has changed."""
    now = timezone.now()
    gap = min(max(now - attempt.last_at, dt.timedelta()), LONGEST_GAP)
    attempt.seconds_measured += round(gap.total_seconds())
    attempt.last_at = now
    attempt.save()


def finish(attempt: Attempt, state: Attempt.State, *, by: Person | str, **result: Any) -> None:
    """End an attempt as passed, completed or failed, and do what follows from it.

    In the caller's transaction, under its lock. `result` is what the statement keeps.
    """
    attempt.score = result.get("score")
    end(attempt, state, by=by, **result)
    if attempt.is_done:
        for follower in attempt_followers:
            follower.finished(attempt, by=by)
        return
    now = standing.standing_of(attempt.module, attempt.person)
    if now.are_used_up:
        notices.attempts_used_up(attempt, now)
        history.record("attempt.used_up", attempt, by=by, now={"failed": len(now.failed)})


def end(attempt: Attempt, state: Attempt.State, *, by: Person | str, **result: Any) -> None:
    """End a live attempt, locked by the caller, in whatever way."""
    attempt.state, attempt.ended_at = state, timezone.now()
    attempt.save()
    verb = Verb.WAIVED if attempt.is_waived else ENDS[state]
    Statement.objects.create(attempt=attempt, verb=verb, result=result)
    action = "attempt.waived" if attempt.is_waived else f"attempt.{state.value}"
    now = {"state": state.value, "version": attempt.version_id} | result
    history.record(action, attempt, by=by, was={"state": "begun"}, now=now)
