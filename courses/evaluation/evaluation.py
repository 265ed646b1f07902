"""Ask for course evaluations, remind people, and store answers without names.

Answers refer to a sheet (a UUID), not a person. While a booking knows its sheet, answers before and
after the course can be compared; the link is deleted after 12 months. Source: rules.md, 'Data'.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

import history
from agencies.free_text import nhs_numbers
from courses.completion import awarding, materials
from courses.models import Answer, Booking, Completion, Course, Evaluation, Question, Run
from courses.notices import notices
from courses.rules import approvers
from history import records
from lms import jobs, links
from lms.gathering import A_STATEMENT
from lms.mail import outbox
from lms.refused import Refused
from lms.reminder_days import came_due

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str
    Answers = Mapping[int, int | str]

Kind = Evaluation.Kind
PURPOSE = "evaluation"
LINK_GOOD_FOR = dt.timedelta(days=90)
REMINDS_AFTER = dt.timedelta(days=5)
# If no worker was running, mail is still sent this late, but no later.
STAYS_DUE_FOR = dt.timedelta(days=14)
LINKED_FOR = relativedelta(months=12)
A_BATCH = 50
# The valid answers of each kind of question with a number.
NUMBERS = {
    Question.Kind.AGREE: range(1, 6),
    Question.Kind.CONFIDENT: range(1, 6),
    Question.Kind.YES_NO: range(2),
}
# Fields that stay once somebody has answered, so that answers keep their meaning.
MEANING = frozenset({"words", "kind", "course"})


class EvaluationRefused(Refused):
    """Answers that cannot be taken; the message says what to do next."""


def invite(run: Run, *, by: By) -> list[Evaluation]:
    """Ask everybody who attended for an evaluation, each by a personal link, unless asked before.

    Asks nobody before the register is signed off, or where there is no question.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        if not run.closed_at or not asks_at_the_end(run.course):
            return []
        came = Booking.objects.came().filter(run=run).exclude(evaluations__kind=Kind.END)
        asked = _ask(run, came, [Kind.END])
        if asked:
            people = [evaluation.booking_id for evaluation in asked]
            history.record("evaluation.asked", run, by=by, now={"kind": "end", "bookings": people})
    return asked


@jobs.in_words("Ask people and their managers about a course some months later")
def invite_later() -> bool:
    """Ask attendees and their line managers again some months after a run; True while more are due.

    Managers only at an address that counts (courses.rules.approvers). Periodic job
    (settings.LMS_PERIODIC_JOBS).
    """
    this = jobs.Round(invite_later)
    for course in _asked_later():
        kinds = [k for k in (Kind.LATER, Kind.MANAGER) if questions(course, k).exists()]
        due = this.ready(_due_later(course, kinds)) if kinds else Booking.objects.none()
        if first := due.first():
            of_a_date = list(due.filter(run=first.run_id)[:A_BATCH])
            this.work(of_a_date, partial(_invite_later, course, kinds))
            return True
    return False


@jobs.in_words("Ask again for an evaluation that has not been answered")
def remind() -> bool:
    """Remind once those who have not answered for 5 days; True while more are due.

    Periodic job (settings.LMS_PERIODIC_JOBS).
    """
    due = _unreminded().order_by("asked_at", "pk")
    return jobs.for_some(remind, due, _remind, most=A_BATCH)


def _unreminded() -> QuerySet[Evaluation]:
    return Evaluation.objects.unanswered().filter(
        Q(kind=Kind.MANAGER) | Q(booking__person__is_active=True),
        came_due("asked_at", timezone.now() - REMINDS_AFTER, stays_due_for=STAYS_DUE_FOR),
        reminded_at=None,
    )


def _remind(evaluations: list[Evaluation]) -> None:
    """Send reminders, skipping evaluations that another worker has locked."""
    still = _unreminded().filter(pk__in=[evaluation.pk for evaluation in evaluations])
    locked = still.select_for_update(of=["self"], skip_locked=True)
    found = list(_with_names(locked).order_by("asked_at", "pk"))
    chosen = Evaluation.objects.filter(pk__in=[evaluation.pk for evaluation in found])
    chosen.update(reminded_at=timezone.now())
    for evaluation in found:
        _write_to(evaluation, again=True)


def answer(evaluation: Evaluation, answers: Answers, *, by: By) -> Evaluation:
    """Store answers apart from the person, and enqueue the certificate if it waited for them.

    `answers` maps question pk to a number, 1 or 0 for yes or no, or text. Idempotent. Raises
    EvaluationRefused.
    """
    with transaction.atomic():
        run = Run.objects.lock(evaluation.run)
        evaluation = Evaluation.objects.select_related("booking").get(pk=evaluation.pk)
        evaluation.booking.run = run
        if evaluation.answered_at:
            return evaluation
        _keep(evaluation, checked(run.course, evaluation.kind, answers))
        evaluation.answered_at = timezone.now()
        evaluation.save(update_fields=["answered_at"])
        # History says that there are answers, never what they are.
        history.record("evaluation.answered", evaluation, by=by, now={"kind": evaluation.kind})
        if evaluation.keeps_certificate:
            awarding.award_certificates.enqueue(run.pk)
    return evaluation


def answer_before(booking: Booking, answers: Answers) -> None:
    """Store or replace the answers on the scales asked before the course.

    For courses.evaluation.pre_course, in its transaction. Raises EvaluationRefused.
    """
    told = checked(booking.run.course, Kind.BEFORE, answers)
    if not told:
        return
    now = timezone.now()
    evaluation, _ = Evaluation.objects.get_or_create(
        booking=booking, kind=Kind.BEFORE, defaults={"sheet": _sheet_of(booking)}
    )
    if evaluation.sheet:
        Answer.objects.filter(sheet=evaluation.sheet, kind=Kind.BEFORE).delete()
    evaluation.booking = booking
    _keep(evaluation, told)
    Evaluation.objects.filter(pk=evaluation.pk).update(asked_at=now, answered_at=now)


def said_before(booking: Booking) -> Answers:
    """Return by question pk what the person answered before the course; to show to them alone."""
    sheets = booking.evaluations.filter(kind=Kind.BEFORE).exclude(sheet=None).values("sheet")
    said = Answer.objects.filter(kind=Kind.BEFORE, sheet__in=sheets)
    return {each.question_id: each.words if each.number is None else each.number for each in said}


def questions(course: Course, kind: str) -> QuerySet[Question]:
    """List the questions of this kind of evaluation of a course, in order."""
    return Question.objects.about(course, kind)


def asks_at_the_end(course: Course) -> bool:
    """Return whether people are asked how this course was when its register is signed off."""
    return questions(course, Kind.END).exists()


def checked(course: Course, kind: str, answers: Answers) -> dict[Question, int | str]:
    """Return non-empty answers by question; raise EvaluationRefused if missing or invalid."""
    told: dict[Question, int | str] = {}
    for question in questions(course, kind):
        said = answers.get(question.pk, "")
        said = said.strip() if isinstance(said, str) else said
        if said == "" and question.is_needed:
            raise EvaluationRefused(f"Answer this too: {question.words}")
        if said != "":
            _refuse_unless_fits(question, said)
            told[question] = said
    return told


def what_follows(evaluation: Evaluation) -> dict[str, object]:
    """Return, as template context, the certificate and handouts that follow the answers."""
    if evaluation.kind != Kind.END:
        return {"certificate_follows": False, "handouts": []}
    completions = Completion.objects.valid().filter(booking=evaluation.booking_id)
    return {
        "certificate_follows": evaluation.keeps_certificate and completions.exists(),
        "handouts": materials.materials_for(evaluation.booking),
    }


def add_question(*, by: By, **details: Any) -> Question:
    """Ask a question from now on: about one course, or about all."""
    return records.save(Question(**details), by=by)


def change_question(question: Question, *, by: By, **details: Any) -> Question:
    """Change these fields of a question.

    Raises EvaluationRefused if that would change the MEANING of one that has been answered.
    """
    with transaction.atomic():
        question = Question.objects.select_for_update(of=["self"]).get(pk=question.pk)
        changed = {name for name, value in details.items() if getattr(question, name) != value}
        if changed & MEANING and question.answers.exists():
            raise EvaluationRefused(
                "It has been answered, so what it asks stays. To ask otherwise, retire it and add "
                "another."
            )
        for name, value in details.items():
            setattr(question, name, value)
        return records.save(question, by=by)


def retire(question: Question, *, by: Person) -> Question:
    """Stop asking a question, keeping its answers. Idempotent."""
    with transaction.atomic():
        question = Question.objects.select_for_update(of=["self"]).get(pk=question.pk)
        if question.retired_at is None:
            question.retired_at = timezone.now()
            question.save(update_fields=["retired_at"])
            history.record("question.retired", question, by=by)
    return question


def with_old_sheets(now: dt.datetime) -> QuerySet[Evaluation]:
    """Return what still links a booking to its answers 12 months after the first of them.

    Source: rules.md, 'Data'.
    """
    old = Evaluation.objects.filter(answered_at__lt=now - LINKED_FOR)
    return Evaluation.objects.exclude(sheet=None).filter(booking__in=old.values("booking"))


def forget_sheets(evaluations: Sequence[Evaluation]) -> None:
    """Unlink these bookings from their answers, a batch at most."""
    chosen = Evaluation.objects.filter(pk__in=[evaluation.pk for evaluation in evaluations])
    chosen.update(sheet=None)
    unlinked: list[history.Change] = [(evaluation, {}, {}) for evaluation in evaluations]
    history.record_each("evaluation.unlinked", unlinked, by="NIGHTLY")


def _ask(run: Run, bookings: QuerySet[Booking], kinds: Iterable[str]) -> list[Evaluation]:
    """Create evaluations of these kinds for each booking, and mail those that have an address."""
    now, made = timezone.now(), []
    bookings = bookings.select_related("person", "agency").prefetch_related("evaluations")
    found = list(bookings.order_by("pk"))
    managers = approvers.managers_addresses(found) if Kind.MANAGER in kinds else {}
    for booking in found:
        booking.run = run
        sheet = _sheet_of(booking)
        for kind in kinds:
            to = _address_of(booking, kind, managers)
            made.append(
                Evaluation(
                    booking=booking,
                    kind=kind,
                    sheet=sheet,
                    sent_to=to,
                    asked_at=now if to else None,
                )
            )
    Evaluation.objects.bulk_create(made, batch_size=A_STATEMENT)
    asked = [evaluation for evaluation in made if evaluation.asked_at]
    for evaluation in asked:
        _write_to(evaluation)
    return asked


def _write_to(evaluation: Evaluation, *, again: bool = False) -> None:
    until = timezone.now() + LINK_GOOD_FOR
    token = links.create(PURPOSE, evaluation, sent_to=evaluation.sent_to, until=until)
    notices.evaluation(evaluation, token, again=again)


def _address_of(booking: Booking, kind: str, managers: Mapping[int, str]) -> str:
    """Return where to ask, empty for nobody; `managers` maps booking pks to valid addresses.

    Nobody answers in place of somebody without an address: whose answer it is would be known.
    """
    if not booking.person.is_active:
        return ""
    return managers[booking.pk] if kind == Kind.MANAGER else booking.person.email or ""


def _sheet_of(booking: Booking) -> uuid.UUID:
    """Return the booking's sheet, or a new one if it has none or it was unlinked."""
    had = (evaluation.sheet for evaluation in booking.evaluations.all() if evaluation.sheet)
    return next(had, None) or uuid.uuid4()


def _asked_later() -> QuerySet[Course]:
    later = Question.objects.in_use().filter(Q(later=True) | Q(of_manager=True))
    of_course = later.filter(Q(course=None) | Q(course=OuterRef("pk")))
    return Course.objects.filter(Exists(of_course), later_months__gt=0).order_by("pk")


def _due_later(course: Course, kinds: Sequence[str]) -> QuerySet[Booking]:
    ended_by = timezone.now() - relativedelta(months=course.later_months)
    runs = Run.objects.not_cancelled().filter(course=course, closed_at__isnull=False)
    runs = runs.filter(came_due("ends_at", ended_by, stays_due_for=STAYS_DUE_FOR))
    came = Booking.objects.came().filter(run__in=runs).exclude(evaluations__kind=kinds[0])
    return came.order_by("run__ends_at", "run", "pk")


def _invite_later(course: Course, kinds: Sequence[str], bookings: list[Booking]) -> None:
    """Ask about bookings that are all of one run."""
    run = Run.objects.lock(bookings[0].run)
    run.course = course
    still = _due_later(course, kinds).filter(pk__in=[booking.pk for booking in bookings])
    asked = _ask(run, still, kinds)
    now = {"kind": "later", "bookings": sorted({each.booking_id for each in asked})}
    history.record("evaluation.asked", run, by="MINUTELY", now=now)


def _with_names(evaluations: QuerySet[Evaluation]) -> QuerySet[Evaluation]:
    return evaluations.select_related("booking__person", "booking__run__course")


def _keep(evaluation: Evaluation, told: Mapping[Question, int | str]) -> None:
    # After 12 months the evaluation is unlinked: a new sheet keeps these answers anonymous.
    sheet = evaluation.sheet or uuid.uuid4()
    Answer.objects.bulk_create(
        Answer(
            run=evaluation.run,
            kind=evaluation.kind,
            sheet=sheet,
            question=question,
            number=None if isinstance(said, str) else said,
            words=said if isinstance(said, str) else "",
            answered_on=timezone.localdate(),
        )
        for question, said in told.items()
    )


def _refuse_unless_fits(question: Question, said: int | str) -> None:
    if question.kind == Question.Kind.WORDS:
        if not isinstance(said, str):
            raise EvaluationRefused(f"Answer this in words: {question.words}")
        if nhs_numbers.are_in(said):
            raise EvaluationRefused("There is an NHS number in an answer. Take it out.")
    elif said not in NUMBERS[Question.Kind(question.kind)]:
        raise EvaluationRefused(f"Choose one of the answers to this: {question.words}")
