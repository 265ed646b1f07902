"""Grant somebody an attempt beyond those allowed, or count a module as done: the office's verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from elearning.learning import notices, standing
from elearning.learning.ending import end, finish, lock
from elearning.learning.followers import attempt_followers
from elearning.learning.refusing import LearningRefused
from elearning.models import Attempt, ExtraAttempt, Module
from lms.formatting import day

if TYPE_CHECKING:
    from agencies.models import Person
    from elearning.learning.standing import Standing

State = Attempt.State


@transaction.atomic
def grant(person: Person, module: Module, reason: str, *, by: Person) -> ExtraAttempt:
    """Give somebody who has used up their attempts one more, and tell them. Raises LearningRefused.

    Pressed twice it gives one: then they have an attempt left.
    """
    now = _standing(person, module)
    _refuse_own(person, by)
    if not now.are_used_up:
        raise LearningRefused(f"{person} has an attempt left, so nothing was changed.")
    last = now.attempts[0]
    granted = ExtraAttempt.objects.create(
        person=person, module=module, round=last.round, reason=reason, granted_by=by
    )
    facts = {"round": last.round, "allowed": now.allowed + 1}
    history.record("attempt.granted", last, by=by, was={"allowed": now.allowed}, now=facts)
    notices.attempt_granted(last, now)
    return granted


@transaction.atomic
def waive(person: Person, module: Module, reason: str, *, by: Person) -> Attempt:
    """Count a module as done for somebody, and tell them. Raises LearningRefused.

    What they have begun ends as it is; what follows from a pass follows, without a certificate.
    """
    now = _standing(person, module)
    _refuse_own(person, by)
    if why := why_not_waived(now):
        raise LearningRefused(why)
    if now.live:
        end(now.live, State.LAPSED, by=by)
    last, is_next = now.last, now.is_between
    attempt = Attempt.objects.create(
        person=person,
        module=module,
        version=now.newest,
        round=last.round + (0 if is_next else 1) if last else 1,
        number=last.number + 1 if last and is_next else 1,
        why=Attempt.Why.WAIVED,
        reason=reason,
    )
    finish(attempt, State.COMPLETED, by=by)
    notices.waived(attempt)
    return attempt


def why_not_waived(now: Standing) -> str:
    """Return why a module cannot be counted as done for somebody; empty if it can."""
    person = now.person
    if now.newest is None:
        return f"‘{now.module}’ has no issued version, so it can’t be counted as done."
    if now.done and not now.is_between:
        again_on = now.refresher_from
        if again_on is None or timezone.localdate() < again_on:
            done_on = day(now.done.ended_at)
            return f"{person} finished ‘{now.module}’ on {done_on}, so nothing was changed."
    sentences = [each.why_not_waived(now.module, person) for each in attempt_followers]
    return " ".join(filter(None, sentences))


def _standing(person: Person, module: Module) -> Standing:
    lock(person.pk)
    return standing.standing_of(module, person)


def _refuse_own(person: Person, by: Person) -> None:
    if person == by:
        raise LearningRefused("This is your own learning: ask a colleague to do it.")
