"""Submit, accept, refuse and withdraw evidence of training from other providers."""

from __future__ import annotations

import datetime as dt
from typing import IO, TYPE_CHECKING

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import history
from agencies import access, joining
from agencies.models import Post
from courses.completion import completing, evidence_files
from courses.completion.renewal import refresh_on
from courses.models import Completion, Course, Evidence
from courses.notices import notices
from lms.refused import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

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
    sent = Evidence(
        person=person, course=course, title=title, provider=provider, completed_on=completed_on
    )
    return _send(sent, file, by=by)


def upload(
    person: Person,
    course: Course,
    *,
    completed_on: dt.date,
    file: IO[bytes],
    declared: bool,
    by: Person,
    post: Post | None = None,
) -> Evidence:
    """Submit the certificate of a course given elsewhere, which says what it is called.

    `declared`: whoever sends it has said that it is the person's own. `post` is the job for which a
    lead sends it, at an agency that they lead; the person is told. Raises TrainingElsewhereRefused.
    """
    if not course.is_elsewhere:
        raise TrainingElsewhereRefused(
            "This course is taught by us, so its completion follows from the register. Send proof "
            "of similar training under ‘Training elsewhere’."
        )
    if not declared:
        raise TrainingElsewhereRefused(
            "Tick the box to say whose certificate it is, and that it names no child.", "declared"
        )
    _refuse_unless_counts_still(course, completed_on)
    sent = Evidence(
        person=person,
        course=course,
        title=course.title,
        provider=course.provider,
        completed_on=completed_on,
    )
    if by.pk != person.pk:
        sent.agency, sent.sent_by = _agency_led(person, post, by), by
    return _send(sent, file, by=by)


def _send(sent: Evidence, file: IO[bytes], *, by: By) -> Evidence:
    _refuse_unless_past(sent.completed_on)
    _refuse_unless_wanted(sent)
    try:
        read = evidence_files.read_evidence(file)
    except ValidationError as wrong:
        raise TrainingElsewhereRefused(wrong.messages[0], "file") from None
    _refuse_same_file(sent, read.sha256)
    path = evidence_files.keep(read)
    with transaction.atomic():
        joining.lock(sent.person)
        _refuse_unless_wanted(sent)
        _refuse_same_file(sent, read.sha256)
        sent.file_path, sent.file_sha256, sent.file_type = path, read.sha256, read.kind
        sent.sent_at = timezone.now()
        sent.save(force_insert=True)
        now = {"course": sent.course_id} | ({"agency": sent.agency_id} if sent.sent_by else {})
        history.record("evidence.sent", sent, by=by, now=now)
        if sent.sent_by:
            notices.certificate_sent_for_you(sent)
    return sent


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
        _refuse_if_completed(evidence)
        post = _job_of(evidence)
        agency = evidence.agency = post.agency
        evidence.role_group = post.role_group
        completion = completing.complete(
            evidence.person,
            evidence.course,
            source=evidence,
            agency=agency,
            completed_on=evidence.completed_on,
            by=by,
        )
        _decide(evidence, State.ACCEPTED, by=by, completion=completion.pk, agency=agency.pk)
        notices.training_accepted(evidence, refresh_on(completion))
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
    evidence.save(update_fields=["state", "decided_at", "reason", "agency", "role_group"])
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


def _refuse_unless_counts_still(course: Course, completed_on: dt.date) -> None:
    """Refuse a day so long ago that the course is to be taken again by now."""
    months = course.renewal_months
    if months and completed_on + relativedelta(months=months) < timezone.localdate():
        raise TrainingElsewhereRefused(
            f"This day is more than {months} months ago, and the course is taken again every "
            f"{months} months. Take it again on {course.provider}, and upload the new certificate.",
            "completed_on",
        )


def _refuse_unless_wanted(sent: Evidence) -> None:
    person, course = sent.person, sent.course
    if not person.posts.exists():
        raise TrainingElsewhereRefused(
            "Tell us where you work before you send this: see 'My jobs' in My learning."
        )
    if Evidence.objects.undecided().filter(person=person, course=course).exists():
        if sent.sent_by:
            raise TrainingElsewhereRefused(
                f"The training office has a certificate of {person.name} for this course already. "
                "We’ll email them when it has been looked at.",
                "course",
            )
        raise TrainingElsewhereRefused(
            "You have sent us something for this course already. We write to you when the "
            "training office has looked at it; then you can send more.",
            "course",
        )
    if sent.sent_by and _completed_by(sent).exists():
        # Without the day: it may be of another agency's time.
        raise TrainingElsewhereRefused(
            f"{person.name} has completed {course} already, so nothing more is needed.", "course"
        )
    _refuse_if_completed(sent)


def _refuse_if_completed(sent: Evidence) -> None:
    if found := _completed_by(sent).first():
        raise TrainingElsewhereRefused(
            f"{sent.course} is completed already, on {found.completed_on:%-d %B %Y}: it is in My "
            "learning, and nothing more is needed.",
            "course",
        )


def _completed_by(sent: Evidence) -> QuerySet[Completion]:
    """Filter to completions after which this is not needed; what renews may be completed later."""
    held = Completion.objects.valid().filter(person=sent.person, course=sent.course)
    if sent.course.renewal_months:
        held = held.filter(completed_on__gte=sent.completed_on)
    return held


def _refuse_same_file(sent: Evidence, sha256: str) -> None:
    """Refuse the file of a certificate that was accepted before: a refresher has its own."""
    before = Evidence.objects.filter(person=sent.person, course=sent.course, file_sha256=sha256)
    if found := before.filter(state=State.ACCEPTED).first():
        raise TrainingElsewhereRefused(
            f"This is the same file as the certificate of {found.completed_on:%-d %B %Y}, which "
            "was accepted. Choose the new certificate.",
            "file",
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
    if not isinstance(by, str) and by.pk == evidence.sent_by_id:
        raise TrainingElsewhereRefused(
            "You sent this certificate for a colleague, so somebody else must decide about it. Ask "
            "a colleague in the training office."
        )


def _agency_led(person: Person, post: Post | None, by: Person) -> Agency:
    """Return the agency of this job of the person, which `by` leads."""
    theirs = Post.objects.current().filter(person=person, agency__in=access.agencies_led_by(by))
    found = theirs.filter(pk=post.pk).select_related("agency").first() if post else None
    if found is None:
        raise TrainingElsewhereRefused(
            "You can send a certificate for people who work at your agency today. They can also "
            "send it themselves."
        )
    return found.agency


def _job_of(evidence: Evidence) -> Post:
    """Return the job that it counts for: current if there is one, else the latest confirmed.

    What a lead sent counts for the agency that they sent it for.
    """
    posts = Post.objects.select_related("agency", "role_group").filter(person=evidence.person)
    if evidence.agency_id:
        posts = posts.filter(agency=evidence.agency_id)
    post = posts.current().first() or posts.confirmed().first()
    if post is None:
        raise TrainingElsewhereRefused(
            "Nobody has confirmed where this person works, so there is no agency that it would "
            "count for. Confirm their job first."
        )
    return post
