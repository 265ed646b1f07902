"""Decide what a package's report means: done, passed, failed or not yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """Verdict on an attempt, from the least to the most; it never goes down."""

    NOT_YET = "not yet"
    FAILED = "failed"
    COMPLETED = "completed"
    PASSED = "passed"

    @property
    def is_done(self) -> bool:
        return self in (Verdict.COMPLETED, Verdict.PASSED)


@dataclass(frozen=True)
class Report:
    """Report of one part: the words of its standard, and scores as it gave them.

    `status` is cmi.core.lesson_status of SCORM 1.2; completion, success, scaled and progress are
    of SCORM 2004. `raw`, `lowest` and `highest` are of both.
    """

    status: str = ""
    completion: str = ""
    success: str = ""
    scaled: float | None = None
    progress: float | None = None
    raw: float | None = None
    lowest: float | None = None
    highest: float | None = None


def of_part_12(report: Report, mark: float | None) -> Verdict:
    """Judge a part of SCORM 1.2; `mark` is ours, in per cent.

    Completed with a score below our mark is failed, whatever the package calls it.
    """
    if report.status == "passed":
        return Verdict.PASSED
    if report.status == "failed":
        return Verdict.FAILED
    if report.status == "completed":
        score = per_cent(report)
        if mark is None or score is None:
            return Verdict.COMPLETED
        return Verdict.PASSED if score >= mark else Verdict.FAILED
    return Verdict.NOT_YET


def of_part_2004(
    report: Report, *, least_progress: float | None = None, least_scaled: float | None = None
) -> Verdict:
    """Judge a part of SCORM 2004 by its thresholds, which come before its own words.

    A scaled score is never worked out from a raw one. A part that says nothing about success is
    done when it is complete. Passed is done, unless its author asks for more progress.
    """
    success = report.success
    if least_scaled is not None and report.scaled is not None:
        success = "passed" if report.scaled >= least_scaled else "failed"
    completion, lacks_progress = report.completion, False
    if least_progress is not None and report.progress is not None:
        lacks_progress = report.progress < least_progress
        completion = "incomplete" if lacks_progress else "completed"
    if success == "failed":
        return Verdict.FAILED
    if success == "passed":
        return Verdict.NOT_YET if lacks_progress else Verdict.PASSED
    return Verdict.COMPLETED if completion == "completed" else Verdict.NOT_YET


def by_score(report: Report, mark: float) -> Verdict:
    """Judge by the score alone, in per cent."""
    score = per_cent(report)
    if score is None:
        return Verdict.NOT_YET
    return Verdict.PASSED if score >= mark else Verdict.FAILED


def per_cent(report: Report) -> float | None:
    """Return the score in per cent, or None if the package gave none that can be read as such."""
    if report.scaled is not None:
        return report.scaled * 100
    if report.raw is None:
        return None
    lowest = report.lowest or 0.0
    highest = 100.0 if report.highest is None else report.highest
    if highest <= lowest or not lowest <= report.raw <= highest:
        return None
    return (report.raw - lowest) / (highest - lowest) * 100


def of_all(verdicts: Iterable[Verdict]) -> Verdict:
    """Judge a package by its parts: done when each is, failed if one is and none is open."""
    found = list(verdicts)
    if not found or Verdict.NOT_YET in found:
        return Verdict.NOT_YET
    if Verdict.FAILED in found:
        return Verdict.FAILED
    return Verdict.PASSED if Verdict.PASSED in found else Verdict.COMPLETED


def never_down(before: Verdict, now: Verdict) -> Verdict:
    """Return the better of two verdicts: a pass is never replaced."""
    order = list(Verdict)
    return max(before, now, key=order.index)
