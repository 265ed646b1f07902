"""Report on the certificates of one run, and start or stop making them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, Subquery
from django_tasks_db.models import DBTaskResult

import history
from certificates.models import Certificate
from courses.completion import awarding
from courses.models import Completion, Run
from lms.mail import templates
from lms.refused import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person


class AwardingRefused(Refused):
    """Expected refusal; the message is shown to the person who asked."""


@dataclass(frozen=True)
class CertificateProgress:
    """Certificates of a run: made, to be made, and held back with a reason each."""

    made: list[Certificate]
    to_make: list[Completion]
    kept_back: list[tuple[Completion, str]]
    is_under_way: bool
    is_stopped: bool

    @property
    def most(self) -> int:
        """Number of certificates once the worker is done."""
        return len(self.made) + len(self.to_make)

    @property
    def is_waiting(self) -> bool:
        """True while the worker is still making certificates, so that the page should poll."""
        return self.is_under_way and not self.is_stopped and bool(self.to_make)


def progress_of(run: Run, *, viewer: Person) -> CertificateProgress:
    """Collect the certificate status of a run, in a fixed number of queries."""
    completions = list(
        Completion.objects.visible_to(viewer)
        .valid()
        .filter(booking__run=run, evidence=None)
        .select_related("person", "course__certificate_design", "agency", "booking__run")
    )
    completions.sort(key=lambda each: (each.person.sort_key, each.pk))
    awards = [completion.award for completion in completions]
    issued = Certificate.objects.visible_to(viewer).filter(award__in=awards)
    made = list(issued.live().defer("outcomes"))
    # A certificate keeps the name of its day: lists are sorted by today's.
    keys = {completion.award: completion.person.sort_key for completion in completions}
    made.sort(key=lambda each: (keys[each.award], each.pk))
    have = {certificate.award for certificate in made}
    busy = is_under_way(run)
    rest = [completion for completion in completions if completion.award not in have]
    reasons = reasons_of(rest, run, is_thorough=not busy)
    return CertificateProgress(
        made=made,
        to_make=[each for each in rest if not reasons[each.pk]],
        kept_back=[(each, why) for each in rest if (why := reasons[each.pk])],
        is_under_way=busy,
        is_stopped=awarding.is_stopped(run.pk),
    )


def reasons_of(rest: list[Completion], run: Run, *, is_thorough: bool) -> dict[int, str]:
    """Return by completion (pk) why it has no certificate; empty where the worker will make it.

    Checking whether a page can be printed is slow: skip it (`is_thorough=False`) while a worker is
    at it and the page is polled.
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
    """Enqueue a task that makes the outstanding certificates of this run.

    Idempotent while one is under way; resumes after `stop`. Raises AwardingRefused.
    """
    run = Run.objects.lock(run)
    if not run.closed_at:
        raise AwardingRefused("The register of this date is not signed off yet.")
    if is_under_way(run) and not awarding.is_stopped(run.pk):
        return
    if not progress_of(run, viewer=by).to_make:
        raise AwardingRefused("There is no certificate to be made.")
    awarding.award_certificates.enqueue(run.pk)
    history.record(awarding.ASKED, run, by=by)


@transaction.atomic
def stop(run: Run, *, by: Person) -> None:
    """Stop making certificates of this run after the one in hand, until the office asks again.

    Those made stay valid, and people can still fetch their own. Does nothing unless under way.
    """
    run = Run.objects.lock(run)
    if is_under_way(run) and not awarding.is_stopped(run.pk):
        history.record(awarding.STOPPED, run, by=by)


def is_under_way(run: Run) -> bool:
    """Return whether a task for this run is running or ready to run."""
    tasks = DBTaskResult.objects.filter(task_path=awarding.award_certificates.module_path)
    return any(task.args_kwargs["args"] == [run.pk] for task in tasks.running() | tasks.ready())


def completions_of(run: Run) -> QuerySet[Any]:
    """Filter to the run's valid completions, with how the certificate of each stands."""
    waiting = Completion.objects.without_certificate().values("pk")
    return (
        Completion.objects.valid()
        .filter(booking__run=run)
        .annotate(
            is_without=Q(pk__in=waiting),
            is_owing=Q(pk__in=Completion.objects.owing_evaluation().values("pk")),
            ordered=Subquery(awarding.orders(run.pk).values("action")[:1]),
        )
        .only("booking")
    )


def in_words(completions: Iterable[Any]) -> str:
    """Say in a sentence or two what has become of the certificates of `completions_of` a run."""
    found = list(completions)
    without = [each for each in found if each.is_without]
    owing = sum(each.is_owing for each in without)
    made, rest = len(found) - len(without), len(without) - owing
    said = []
    if made:
        said.append(f"{_certificates(made)} made.")
    if owing:
        waits = "waits" if owing == 1 else "wait"
        said.append(f"{owing} {waits} until the person has answered the evaluation.")
    if rest and found[0].ordered == awarding.STOPPED:
        said.append(f"{rest} not made: the office has stopped them.")
    elif rest:
        said.append(f"{rest} being made now: each is sent by email when it is there.")
    return f"Certificates: {' '.join(said)}" if said else ""


def _certificates(many: int) -> str:
    return "1 is" if many == 1 else f"{many} are"
