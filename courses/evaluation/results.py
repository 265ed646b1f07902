"""Aggregate evaluation answers into averages and changes from before to after.

Uses answers alone, which know no name; answers before, at the end and later are compared where one
sheet has both. Unless `few_too`, suppresses results of fewer than 5 people, and whatever would
reveal them by subtraction. Source: rules.md, 'Who may see what'.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import Count, Q

from courses.models import Answer, Course, Evaluation, Question, Run

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    # Answers by (run, sheet), then by time of asking.
    Said: TypeAlias = Mapping[tuple[int, UUID], Mapping[str, float]]

Kind = Evaluation.Kind
SHORT = {
    Kind.BEFORE: "before",
    Kind.END: "at the end",
    Kind.LATER: "later",
    Kind.MANAGER: "manager",
}
STEPS = ((Kind.BEFORE, Kind.END), (Kind.END, Kind.LATER), (Kind.BEFORE, Kind.LATER))
COLUMNS = ["Before", "At the end", "Later", "Manager", "Before to end", "End to later"]
SCALES = (Question.Kind.AGREE, Question.Kind.CONFIDENT)
FEWEST = 5
FEW = range(1, FEWEST)


@dataclass(frozen=True)
class Tally:
    """Numbers answered at one time; empty where suppressed because too few answered."""

    numbers: tuple[float, ...]

    @property
    def people(self) -> int:
        return len(self.numbers)

    @property
    def average(self) -> float | None:
        return sum(self.numbers) / len(self.numbers) if self.numbers else None

    @property
    def yes(self) -> int:
        return int(sum(self.numbers))


@dataclass(frozen=True)
class Change:
    """Differences per sheet between two times of asking; positive if the later answer is higher."""

    was: str
    now: str
    tally: Tally


@dataclass(frozen=True)
class QuestionResults:
    """Results of one question, or of all about confidence (None), by time of asking."""

    question: Question | None
    tallies: dict[str, Tally]
    changes: list[Change]

    @property
    def cells(self) -> list[Tally | None]:
        """Tallies by time, in order; None where it was not asked or not answered."""
        return [self.tallies.get(kind) for kind in SHORT]

    @property
    def change_cells(self) -> list[Tally | None]:
        found = {(change.was, change.now): change.tally for change in self.changes}
        return [found.get(step) for step in STEPS[:2]]

    @property
    def in_order(self) -> list[tuple[str, Tally]]:
        return [
            (words, self.tallies[kind]) for kind, words in SHORT.items() if kind in self.tallies
        ]

    @property
    def is_scale(self) -> bool:
        return self.question is None or self.question.kind in SCALES


@dataclass(frozen=True)
class Results:
    """Results of some runs: how many were asked at the end, how many answered, and what."""

    asked: int
    answered: int
    lines: list[QuestionResults]
    confidence: QuestionResults

    @property
    def scales(self) -> list[QuestionResults]:
        return [line for line in self.lines if line.is_scale]

    @property
    def yes_no(self) -> list[QuestionResults]:
        return [line for line in self.lines if not line.is_scale]


@dataclass(frozen=True)
class ReportRow:
    """Line of a report: a course, or one of its runs."""

    course: Course
    run: Run | None
    results: Results


def results_of(runs: QuerySet[Run], *, few_too: bool) -> Results:
    """Aggregate the results of these runs; those of fewer than 5 people only if `few_too`."""
    return _results(_asked_by_run(runs), _answers(runs), few_too)


def by_course_and_date(runs: QuerySet[Run], *, few_too: bool) -> list[ReportRow]:
    """List a row for each course, by title, each followed by rows of its runs that were asked."""
    asked, answers = _asked_by_run(runs), _answers(runs)
    dates: dict[Course, list[Run]] = defaultdict(list)
    for run in runs.select_related("course").order_by("starts_at", "pk"):
        if run.pk in asked:
            dates[run.course].append(run)
    rows = []
    for course, of_course in sorted(dates.items(), key=lambda each: each[0].title):
        rows.append(_row(course, None, {run.pk for run in of_course}, asked, answers, few_too))
        rows += [_row(course, run, {run.pk}, asked, answers, few_too) for run in of_course]
    return rows


def words_about(run: Run, *, few_too: bool) -> list[tuple[Question, str, list[str]]]:
    """List a run's free-text answers as (question, when, texts in random order), without names.

    Leaves out questions with fewer than 5 texts, unless `few_too`.
    """
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    said = Answer.objects.filter(run=run).exclude(words="").order_by("question", "kind")
    for question, kind, words in said.values_list("question", "kind", "words"):
        found[question, kind].append(words)
    questions = Question.objects.in_bulk({question for question, _ in found})
    for texts in found.values():
        random.shuffle(texts)
    return [
        (questions[question], SHORT[Kind(kind)], texts)
        for (question, kind), texts in found.items()
        if few_too or len(texts) >= FEWEST
    ]


def _row(course, run, pks, asked, answers, few_too) -> ReportRow:
    theirs = [answer for answer in answers if answer.run_id in pks]
    counts = {pk: asked[pk] for pk in pks}
    return ReportRow(course, run, _results(counts, theirs, few_too))


def _asked_by_run(runs: QuerySet[Run]) -> dict[int, tuple[int, int]]:
    """Count by run (pk) how many were asked at its end, and how many of them answered."""
    asked = Evaluation.objects.filter(booking__run__in=runs.values("pk"), kind=Kind.END)
    counted = asked.exclude(asked_at=None).order_by().values("booking__run")
    counted = counted.annotate(n=Count("pk"), said=Count("pk", filter=~Q(answered_at=None)))
    return {each["booking__run"]: (each["n"], each["said"]) for each in counted}


def _answers(runs: QuerySet[Run]) -> list[Answer]:
    said = Answer.objects.filter(run__in=runs.values("pk"), number__isnull=False)
    return list(said.select_related("question").order_by("question__position", "question", "pk"))


def _results(asked: Mapping[int, tuple[int, int]], answers: list[Answer], few_too) -> Results:
    by_question: dict[Question, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_question[answer.question].append(answer)
    confident = [a for a in answers if a.question.kind == Question.Kind.CONFIDENT]
    return Results(
        asked=sum(number for number, _ in asked.values()),
        answered=sum(number for _, number in asked.values()),
        lines=[_line(question, said, few_too) for question, said in by_question.items()],
        confidence=_line(None, confident, few_too),
    )


def _line(question: Question | None, answers: list[Answer], few_too: bool) -> QuestionResults:
    said = _by_sheet(answers)
    kinds = {kind for numbers in said.values() for kind in numbers}
    tallies = {
        kind: _shown(((run, n[kind]) for (run, _), n in said.items() if kind in n), few_too)
        for kind in kinds
    }
    if question and question.kind == Question.Kind.YES_NO:
        hidden = {kind: Tally(()) for kind, tally in tallies.items() if _tells_of_few(tally)}
        return QuestionResults(question, tallies if few_too else tallies | hidden, [])
    return QuestionResults(question, tallies, _changes(said, few_too))


def _by_sheet(answers: Iterable[Answer]) -> Said:
    """Average each sheet's numbers by time of asking, where it answered several questions."""
    found: dict[tuple[int, UUID], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for answer in answers:
        found[answer.run_id, answer.sheet][answer.kind].append(answer.number or 0)
    return {
        sheet: {kind: sum(numbers) / len(numbers) for kind, numbers in by_kind.items()}
        for sheet, by_kind in found.items()
    }


def _changes(said: Said, few_too: bool) -> list[Change]:
    changes = []
    for was, now in STEPS:
        both = [(run, n[now] - n[was]) for (run, _), n in said.items() if was in n and now in n]
        if both:
            changes.append(Change(was, now, _shown(both, few_too)))
    return changes


def _shown(values: Iterable[tuple[int, float]], few_too: bool) -> Tally:
    """Pool all runs' values; unless `few_too`, omit runs that subtraction would reveal."""
    by_run: dict[int, list[float]] = defaultdict(list)
    for run, value in values:
        by_run[run].append(value)
    few = sum(len(found) for found in by_run.values() if len(found) < FEWEST)
    shown = [
        value
        for found in by_run.values()
        for value in found
        if few_too or few not in FEW or len(found) >= FEWEST
    ]
    return Tally(tuple(shown))


def _tells_of_few(tally: Tally) -> bool:
    """Return whether 1 to 4 people said yes, or no: then neither is shown."""
    return tally.yes in FEW or tally.people - tally.yes in FEW
