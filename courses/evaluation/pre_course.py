"""Store pre-course answers, and release the joining instructions that waited for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from agencies.free_text import nhs_numbers
from courses.evaluation import evaluation
from courses.models import Booking, Evaluation, Run
from courses.notices import notices
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person
    from courses.evaluation.evaluation import Answers

    By = Person | str


class PreCourseRefused(Refused):
    """Answers that cannot be taken; the message says what to do next."""


def answer(
    booking: Booking, answers: Sequence[str], *, by: By, scales: Answers | None = None
) -> Booking:
    """Store pre-course answers, in the order of the course's questions; may change until it begins.

    Sends the joining instructions that waited for them. Trainers and the office read the answers,
    but not those on `scales` (by question pk), which are stored without the person's name to
    compare with later ones. Raises PreCourseRefused.
    """
    with transaction.atomic():
        run = Run.objects.lock(booking.run)
        booking = Booking.objects.select_related("person", "agency").get(pk=booking.pk)
        booking.run = run
        told = _told(booking, answers)
        _keep_scales(booking, scales or {})
        is_first, waited = booking.pre_course_at is None, booking.owes_answers
        if told == booking.pre_course_answers and not is_first:
            return booking
        booking.pre_course_answers = told
        booking.pre_course_at = booking.pre_course_at or timezone.now()
        booking.save(update_fields=["pre_course_answers", "pre_course_at"])
        if waited:
            notices.joining_instructions(booking)
        # History says that there are answers, never what they are.
        history.record("booking.pre_course_answered", booking, by=by, now={"first": is_first})
    return booking


def why_refused(booking: Booking) -> str:
    """Return why the booking's questions cannot be answered now; empty when they can."""
    if booking.state != Booking.State.CONFIRMED:
        return "The questions are for those who have a place. Answer them once you have one."
    if booking.run.has_begun:
        return "This date has begun, so it is too late to answer. Tell the trainer on the day."
    if not booking.run.course.pre_course_list and not asks_scales(booking):
        return "This course asks no questions beforehand. There is nothing more to do."
    return ""


def asks_scales(booking: Booking) -> bool:
    """Return whether the course asks evaluation questions beforehand, to measure change."""
    return evaluation.questions(booking.run.course, Evaluation.Kind.BEFORE).exists()


def _keep_scales(booking: Booking, scales: Answers) -> None:
    try:
        evaluation.answer_before(booking, scales)
    except evaluation.EvaluationRefused as refused:
        raise PreCourseRefused(str(refused)) from None


def _told(booking: Booking, answers: Sequence[str]) -> list[dict[str, str]]:
    if refusal := why_refused(booking):
        raise PreCourseRefused(refusal)
    questions = booking.run.course.pre_course_list
    told = [text.strip() for text in answers]
    if len(told) != len(questions) or not all(told):
        raise PreCourseRefused("Answer each question. ‘No’ or ‘None’ is an answer.")
    if any(map(nhs_numbers.are_in, told)):
        raise PreCourseRefused("There is an NHS number in an answer. Take it out.")
    return [
        {"question": question, "answer": text}
        for question, text in zip(questions, told, strict=True)
    ]
