"""Submit, accept, refuse and withdraw evidence of training from other providers."""

from __future__ import annotations

import datetime as dt
from typing import IO, TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import history
from agencies import joining
from agencies.models import Post
from courses.completion import completing, evidence_files
from courses.models import Completion, Course, Evidence
from courses.notices import notices
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Agency, Person

    By = Person | str

State = Evidence.State
# An earlier year is taken for a typing error.
EARLIEST_YEAR = 1970


class TrainingElsewhereRefused(Refused):
    """Evidence that cannot be taken or decided; the message says what to do next.

    `about` names the field at fault (a parameter of `send`), or is None.
    """

    def __init__(self, sentence: str, about: str | None = None) -> None:
        super().__init__(sentence)
        self.about = about


def send(
    person: Person,
    course: Course,
    *,
    title: str,
    provider: str,
    completed_on: dt.date,
    file: IO[bytes],
    by: By,
) -> Evidence:
    """Submit evidence of external training for the training office to decide.

    The file is written before the row that names it; when two submissions race, the loser's file
    stays behind without a row. Raises TrainingElsewhereRefused.
    """
    title, provider = title.strip(), provider.strip()
    _refuse_unless_told(title, provider)
    _refuse_unless_past(completed_on)
    _refuse_unless_wanted(person, course, completed_on)
    try:
        read = evidence_files.read_evidence(file)
    except ValidationError as wrong:
        raise TrainingElsewhereRefused(wrong.messages[0], "file") from None
    path = evidence_files.keep(read)
    with transaction.atomic():
        joining.lock(person)
        _refuse_unless_wanted(person, course, completed_on)
        evidence = Evidence.objects.create(
            person=person,
            course=course,
            title=title,
            provider=provider,
            completed_on=completed_on,
            file_path=path,
            file_sha256=read.sha256,
            file_type=read.kind,
            sent_at=timezone.now(),
        )
        history.record("evidence.sent", evidence, by=by, now={"course": course.pk})
    return evidence


def accept(evidence: Evidence, *, by: By) -> Completion:
    """Accept evidence: create a completion on the evidence's date and notify the person.

    It counts for the agency of the person's current job, else of their latest. No certificate is
    issued: theirs is the one they sent. Idempotent. Source: rules.md, 'A completion follows from a
    run, passed e-learning, or accepted training elsewhere'.
    """
    with transaction.atomic():
        evidence = _locked(evidence)
        if evidence.state == State.ACCEPTED:
            return evidence.completions.valid().get()
        _refuse_unless_undecided(evidence, by)
        _refuse_if_completed(evidence.person, evidence.course, evidence.completed_on)
        agency = _agency_of(evidence.person)
        completion = completing.complete(
            evidence.person,
            evidence.course,
            source=evidence,
            agency=agency,
            completed_on=evidence.completed_on,
            by=by,
        )
        _decide(evidence, State.ACCEPTED, by=by, completion=completion.pk, agency=agency.pk)
        notices.training_accepted(evidence)
    return completion


def refuse(evidence: Evidence, *, by: By, reason: str) -> Evidence:
    """Refuse evidence, so that it counts for nothing, and mail the person why. Idempotent."""
    reason = reason.strip()[:240]
    if not reason:
        raise TrainingElsewhereRefused("Say why it is not accepted: the person will read it.")
    with transaction.atomic():
        evidence = _locked(evidence)
        if evidence.state == State.REFUSED and evidence.reason == reason:
            return evidence
        _refuse_unless_undecided(evidence, by)
        evidence.reason = reason
        _decide(evidence, State.REFUSED, by=by)
        notices.training_not_accepted(evidence)
    return evidence


def take_back(evidence: Evidence, *, by: By, reason: str) -> Evidence:
    """Withdraw the completion of evidence accepted by mistake and mail the person why.

    Idempotent. Raises TrainingElsewhereRefused.
    """
    reason = reason.strip()[:240]
    if not reason:
        raise TrainingElsewhereRefused("Say why it no longer counts: the person will read it.")
    with transaction.atomic():
        evidence = _locked(evidence)
        if evidence.state == State.REFUSED and evidence.reason == reason:
            return evidence
        _refuse_own(evidence, by)
        if evidence.state != State.ACCEPTED:
            raise TrainingElsewhereRefused(
                "Only training that was accepted can be taken back. Go back and look at it again."
            )
        completion = evidence.completions.valid().get()
        evidence.reason = reason
        _decide(evidence, State.REFUSED, by=by, was_accepted=True, completion=completion.pk)
        completing.withdraw(completion, reason, by=by)
    return evidence


def _locked(evidence: Evidence) -> Evidence:
    found = Evidence.objects.select_for_update(of=["self"])
    return found.select_related("person", "course").get(pk=evidence.pk)


def _decide(evidence: Evidence, state: State, *, by: By, **now: int) -> None:
    evidence.state, evidence.decided_at = state, timezone.now()
    evidence.save(update_fields=["state", "decided_at", "reason"])
    history.record(f"evidence.{state}", evidence, by=by, now=now)


def _refuse_unless_told(title: str, provider: str) -> None:
    if not title:
        raise TrainingElsewhereRefused("Say what the training was called.", "title")
    if not provider:
        raise TrainingElsewhereRefused("Say who gave the training.", "provider")


def _refuse_unless_past(completed_on: dt.date) -> None:
    if completed_on > timezone.localdate():
        raise TrainingElsewhereRefused(
            "This day is still to come. Send it when you have completed the training, with the "
            "day that is on the certificate.",
            "completed_on",
        )
    if completed_on.year < EARLIEST_YEAR:
        raise TrainingElsewhereRefused(
            "Check the year: give the day that is on the certificate.", "completed_on"
        )


def _refuse_unless_wanted(person: Person, course: Course, completed_on: dt.date) -> None:
    if not person.posts.exists():
        raise TrainingElsewhereRefused(
            "Tell us where you work before you send this: see 'My jobs' in My learning."
        )
    if Evidence.objects.undecided().filter(person=person, course=course).exists():
        raise TrainingElsewhereRefused(
            "You have sent us something for this course already. We write to you when the "
            "training office has looked at it; then you can send more.",
            "course",
        )
    _refuse_if_completed(person, course, completed_on)


def _refuse_if_completed(person: Person, course: Course, completed_on: dt.date) -> None:
    """Refuse if a completion is held; courses that renew may be completed again later."""
    held = Completion.objects.valid().filter(person=person, course=course)
    if course.renewal_months:
        held = held.filter(completed_on__gte=completed_on)
    if found := held.first():
        raise TrainingElsewhereRefused(
            f"{course} is completed already, on {found.completed_on:%-d %B %Y}: it is in My "
            "learning, and nothing more is needed.",
            "course",
        )


def _refuse_unless_undecided(evidence: Evidence, by: By) -> None:
    _refuse_own(evidence, by)
    if evidence.state != State.SENT:
        raise TrainingElsewhereRefused(
            f"Somebody has decided about this meanwhile: {evidence.get_state_display().lower()}. "
            "Go back and look at it again."
        )


def _refuse_own(evidence: Evidence, by: By) -> None:
    if not isinstance(by, str) and by.pk == evidence.person_id:
        raise TrainingElsewhereRefused(
            "Somebody else must decide about your own training. Ask a colleague in the training "
            "office."
        )


def _agency_of(person: Person) -> Agency:
    """Return the agency of the person's current job, else of their latest confirmed one."""
    posts = Post.objects.select_related("agency").filter(person=person)
    post = posts.current().first() or posts.confirmed().first()
    if post is None:
        raise TrainingElsewhereRefused(
            "Nobody has confirmed where this person works, so there is no agency that it would "
            "count for. Confirm their job first."
        )
    return post.agency
