"""Sum up the answers of an attempt: by outcome, with the lessons to read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elearning.learning import places
from elearning.learning.asking import Answered

if TYPE_CHECKING:
    from elearning.learning.places import Part
    from elearning.models import Attempt


@dataclass
class Outcome:
    """What some questions asked about, and how they were answered."""

    words: str
    questions: list[Answered] = field(default_factory=list)
    lessons: list[Part] = field(default_factory=list)

    @property
    def right(self) -> int:
        return sum(each.is_right for each in self.questions)

    @property
    def is_all_right(self) -> bool:
        return self.right == len(self.questions)


def by_outcome(attempt: Attempt) -> list[Outcome]:
    """List the outcomes of a check in the order in which they were asked.

    Nothing once the answers are erased, nor of an attempt that ended before its last answer.
    """
    found: dict[str, Outcome] = {}
    answers = list(attempt.answers.select_related("question_version").order_by("position"))
    if any(each.given_at is None for each in answers):
        return []
    parts = {part.key: part for part in places.parts(attempt)} if answers else {}
    for answer in answers:
        outcome = found.setdefault(answer.outcome, Outcome(answer.outcome))
        asked = Answered(answer, attempt)
        outcome.questions.append(asked)
        lesson = parts.get(asked.lesson)
        if lesson and not asked.is_right and lesson not in outcome.lessons:
            outcome.lessons.append(lesson)
    return list(found.values())


def lesson_of(question: Answered, attempt: Attempt) -> Part | None:
    """Return the lesson in which a question's answer can be read."""
    return next((part for part in places.parts(attempt) if part.key == question.lesson), None)
