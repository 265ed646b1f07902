"""Draw a check, take its answers one by one, and end the attempt with the last of them.

No token says which tab answers: each press names the row that its page asked (`Answer.pk`, which no
two attempts share), and a row takes one answer. So a second tab, Back or another device can neither
replace an answer nor give one to another question; and none has to be taken over from another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from elearning.learning import draw, verdict
from elearning.learning.ending import finish, in_turn, note_time, refuse_ended
from elearning.learning.learning import is_done_with_items
from elearning.learning.refusing import LearningRefused
from elearning.models import Answer, Attempt

if TYPE_CHECKING:
    from agencies.models import Person

State = Attempt.State


@transaction.atomic
def begin_check(attempt: Attempt, *, by: Person) -> Attempt:
    """Draw the questions of this attempt's check, once: the rows of `Answer` are the draw.

    Raises LearningRefused while lessons are left to read.
    """
    attempt = in_turn(attempt)
    if attempt.check_begun_at:
        return attempt
    refuse_ended(attempt)
    if not is_done_with_items(attempt):
        raise LearningRefused("Finish every part before the check. The contents show what is left.")
    asked = draw.questions(attempt.version.pools, attempt.seed)
    Answer.objects.bulk_create(
        [
            Answer(attempt=attempt, position=position, question_version_id=pk, outcome=outcome)
            for position, (pk, outcome) in enumerate(asked, 1)
        ]
    )
    attempt.check_begun_at = timezone.now()
    note_time(attempt)
    return attempt


@transaction.atomic
def give(attempt: Attempt, asked: int, given: Any, *, by: Person) -> Answer:
    """Answer one question of a check, for good; the last answer ends the attempt.

    `asked` is the key of the row that the page showed; `given` is as `Answer.given` says. The same
    answer again changes nothing. Raises LearningRefused.
    """
    attempt = in_turn(attempt)
    answer = attempt.answers.select_related("question_version").filter(pk=asked).first()
    if answer is None:
        raise LearningRefused(
            "That question was of another attempt. Nothing was changed: this is the question now."
        )
    if answer.given_at:
        if answer.given != given:
            raise LearningRefused(
                f"You answered question {answer.position} before, and an answer can’t be changed. "
                "This is what you answered."
            )
        return answer
    refuse_ended(attempt)
    answer.given, answer.given_at = given, timezone.now()
    answer.is_right = verdict.is_right(answer.question_version.content, given)
    answer.save(update_fields=["given", "given_at", "is_right"])
    note_time(attempt)
    finish_check(attempt, by=by)
    return answer


def finish_check(attempt: Attempt, *, by: Person) -> None:
    """End a locked attempt of which every question is answered: nobody has to ask for the result.

    A pass that waits for a last press would be lost with the tab.
    """
    answered = list(attempt.answers.values_list("is_right", flat=True))
    if None in answered:
        return
    right = sum(map(bool, answered))
    found = verdict.of(right, len(answered), attempt.version.pass_mark)
    state = State.PASSED if found.is_passed else State.FAILED
    finish(attempt, state, by=by, score=found.score, right=right, asked=len(answered))
