"""Where do the certificates of one date stand, and how are they all made at once?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django_tasks_db.models import DBTaskResult

import history
from certificates.models import Certificate
from courses.completion import awarding
from courses.models import Completion, Run
from lms.mail import templates

if TYPE_CHECKING:
    from agencies.models import Person


class AwardingRefused(Exception):
    """Expected: the sentence is fit for the person who asked."""


@dataclass(frozen=True)
class Standing:
    """Of each who completed: made, still to be made, kept back for a reason, or not to be made."""

    made: list[Certificate]
    to_make: list[Completion]
    kept_back: list[tuple[Completion, str]]
    is_under_way: bool
    is_stopped: bool

    @property
    def most(self) -> int:
        """As many as there are once the worker is through."""
        return len(self.made) + len(self.to_make)

    @property
    def is_waiting(self) -> bool:
        """The page need not be looked at again before something else happens."""
        return self.is_under_way and not self.is_stopped and bool(self.to_make)


def standing_of(run: Run, *, viewer: Person) -> Standing:
    """As many questions to the database however many people came."""
    completions = list(
        Completion.objects.visible_to(viewer)
        .standing()
        .filter(booking__run=run, evidence=None)
        .select_related("person", "course__certificate_design", "agency")
        .order_by("person__name", "pk")
    )
    awards = [completion.award for completion in completions]
    issued = Certificate.objects.visible_to(viewer).filter(award__in=awards)
    made = list(issued.live().defer("outcomes").order_by("name", "pk"))
    have = {certificate.award for certificate in made}
    busy = is_under_way(run)
    rest = [completion for completion in completions if completion.award not in have]
    reasons = reasons_of(rest, run, is_thorough=not busy)
    return Standing(
        made=made,
        to_make=[each for each in rest if not reasons[each.pk]],
        kept_back=[(each, why) for each in rest if (why := reasons[each.pk])],
        is_under_way=busy,
        is_stopped=awarding.is_stopped(run.pk),
    )


def reasons_of(rest: list[Completion], run: Run, *, is_thorough: bool) -> dict[int, str]:
    """Why each has no certificate, a sentence for the office; empty where the worker makes it.

    Whether a page can be drawn takes a moment to see: not while somebody watches it being drawn.
    """
    asked = Completion.objects.owing_evaluation().filter(booking__run=run)
    owing = set(asked.values_list("pk", flat=True))
    taken_back = awarding.revoked().filter(award__in=[each.award for each in rest])
    revoked = set(taken_back.values_list("award", flat=True))
    reasons = {}
    with templates.cached_context():
        for each in rest:
            if each.award in revoked:
                reasons[each.pk] = "Revoked. It is not made again by asking again."
            elif each.pk in owing:
                reasons[each.pk] = "The evaluation is not answered yet. The certificate follows it."
            else:
                reasons[each.pk] = awarding.why_unprintable(each) if is_thorough else ""
    return reasons


@transaction.atomic
def make_all(run: Run, *, by: Person) -> None:
    """The worker makes each certificate of this date that is not there yet.

    Pressed again while it is at it, nothing changes; after `stop` it goes on. Raises
    AwardingRefused.
    """
    run = Run.objects.lock(run)
    if not run.closed_at:
        raise AwardingRefused("The register of this date is not signed off yet.")
    if is_under_way(run) and not awarding.is_stopped(run.pk):
        return
    if not standing_of(run, viewer=by).to_make:
        raise AwardingRefused("There is no certificate to be made.")
    awarding.award_certificates.enqueue(run.pk)
    history.record(awarding.ASKED, run, by=by)


@transaction.atomic
def stop(run: Run, *, by: Person) -> None:
    """No more certificates of this date are made than the one in hand, until the office asks again.

    Those that are made stay; who asks for their own has it. While nothing is made, nothing changes.
    """
    run = Run.objects.lock(run)
    if is_under_way(run) and not awarding.is_stopped(run.pk):
        history.record(awarding.STOPPED, run, by=by)


def is_under_way(run: Run) -> bool:
    """A worker is at it, or takes it as its next."""
    tasks = DBTaskResult.objects.filter(task_path=awarding.award_certificates.module_path)
    return any(task.args_kwargs["args"] == [run.pk] for task in tasks.running() | tasks.ready())
