"""Award certificates for completions: one at a time, per run in the background, and by retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_tasks import task

from certificates import issuing
from certificates.models import Certificate
from courses.completion import certified
from courses.models import Completion, Run
from courses.notices import notices
from elearning.models import Attempt
from history.models import Event
from lms import jobs
from lms.models import JobFailure

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str

# Certificates retried in one pass: rendering each takes a moment.
FEW = 10
# History actions: the latest of the two says whether making a run's certificates is stopped.
ASKED, STOPPED = "run.certificates_asked", "run.certificates_stopped"


def award_certificate(completion: Completion, *, by: By) -> Certificate:
    """Return the completion's certificate; issue it and mail the person if there is none yet.

    Takes no lock while rendering: idempotent under concurrency, because a certificate is unique per
    award. Raises CertificateRefused if it was revoked (asking again does not restore it), if the
    end evaluation is unanswered, or for external training.
    """
    if completion.evidence_id:
        raise issuing.CertificateRefused(
            "We make no certificate of training that others gave: keep the one that you sent us."
        )
    if completion.attempt and completion.attempt.why == Attempt.Why.WAIVED:
        raise issuing.CertificateRefused(
            "The training office counts this course as done, so there is no certificate of ours."
        )
    if revoked().filter(award=completion.award).exists():
        raise issuing.CertificateRefused(
            "Your certificate for this training was revoked. Ask the training office why."
        )
    if Completion.objects.owing_evaluation().filter(pk=completion.pk).exists():
        raise issuing.CertificateRefused(
            "Answer the evaluation of this course first: your certificate follows it at once."
        )
    certificate = issuing.issue(
        completion.person, award=completion.award, by=by, **_facts(completion)
    )
    _tell_once(completion, certificate, by=by)
    return certificate


def why_unprintable(completion: Completion) -> str:
    """Return why issuing would be refused before rendering; empty if it would not."""
    return issuing.why_unprintable(completion.person, **_facts(completion))


def _facts(completion: Completion) -> dict[str, Any]:
    """Collect the certificate's contents as they were fixed, and its design as it is today."""
    return certified.for_issuing(completion) | {"design": completion.course.certificate_design}


@task()
def award_certificates(run_id: int) -> None:
    """Award the outstanding certificates of a run. Idempotent; may be interrupted and rerun.

    Skips completions whose evaluation is unanswered, and ends once the office stops it
    (`run_certificates.stop`). One that fails does not block the others: it is recorded for the
    office, and `award_again` retries it.
    """
    this = jobs.Round(award_again)
    waiting = _waiting().filter(booking__run=run_id)
    for completion in waiting.select_related("person", "course", "agency", "booking__run"):
        if is_stopped(run_id):
            break
        _award(this, completion)


@task()
def award_online(completion_id: int) -> None:
    """Award the certificate of an online course, as `award_certificates` does those of a run."""
    waiting = _waiting().filter(pk=completion_id)
    for completion in waiting.select_related("person", "course", "agency", "attempt"):
        _award(jobs.Round(award_again), completion)


@jobs.in_words("Make a certificate")
def award_again() -> bool:
    """Retry failed certificates whose pause is over; True while more are due. Periodic job."""
    this = jobs.Round(award_again)
    failed = JobFailure.objects.filter(
        job=this.path, about_id=jobs.id_in_text(Completion, OuterRef("pk"))
    )
    due = _waiting().filter(Exists(failed)).order_by("pk")
    ready = this.ready(due).select_related("person", "course", "agency", "booking__run", "attempt")
    completions = list(ready[: FEW + 1])
    for completion in completions[:FEW]:
        if not (completion.booking and is_stopped(completion.booking.run_id)):
            _award(this, completion)
    this.forget_settled(due)
    return len(completions) > FEW


def _award(this: jobs.Round, completion: Completion) -> None:
    """Award one certificate or record its failure, outside a transaction to hold no locks."""
    try:
        award_certificate(completion, by="CERTIFICATES")
    except jobs.DATABASE_IS_AWAY:
        raise
    except Exception as error:
        this.fail(completion, error)
    else:
        this.forget(completion)


def _waiting() -> QuerySet[Completion]:
    waiting = Completion.objects.without_certificate()
    waiting = waiting.exclude(award__in=revoked().values("award"))
    return waiting.exclude(pk__in=Completion.objects.owing_evaluation().values("pk"))


def is_stopped(run_id: int) -> bool:
    """Return whether the office has stopped making this run's certificates and not resumed it."""
    return orders(run_id).values_list("action", flat=True).first() == STOPPED


def orders(run_id: int) -> QuerySet[Event]:
    """List what the office has ordered about making this run's certificates, the latest first."""
    asked = Event.objects.about(Run(pk=run_id)).filter(action__in=[ASKED, STOPPED])
    return asked.order_by("-pk")


def revoked() -> QuerySet[Certificate]:
    return Certificate.objects.exclude(revoked_at=None)


def _tell_once(completion: Completion, certificate: Certificate, *, by: By) -> None:
    with transaction.atomic():
        completion = Completion.objects.select_for_update().get(pk=completion.pk)
        if completion.withdrawn_at:
            _revoke_late(certificate, by=by)
        elif completion.told_at is None:
            completion.told_at = timezone.now()
            completion.save(update_fields=["told_at"])
            notices.certificate_ready(completion, certificate)


def _revoke_late(certificate: Certificate, *, by: By) -> None:
    """Revoke a certificate whose completion was withdrawn before anybody was told of it."""
    if Certificate.objects.live().filter(pk=certificate.pk).exists():
        issuing.revoke_each([certificate], by=by, reason="The register was corrected.")
