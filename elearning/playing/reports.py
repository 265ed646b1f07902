"""Read what a part has reported, and judge an attempt by all of its parts."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from elearning.models import Attempt, ItemState, Rule
from elearning.packages import verdict
from elearning.packages.manifest import SCORM_12
from elearning.packages.verdict import Report, Verdict

if TYPE_CHECKING:
    from elearning.models import ModuleVersion, PackageItem

SPAN_12 = re.compile(r"^(\d{1,4}):(\d{2}):(\d{2}(?:\.\d+)?)$")
SPAN_2004 = re.compile(
    r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$"
)
A_DAY = 86_400


def report_of(state: ItemState, standard: str) -> Report:
    """Read a part's report from the elements that it set."""
    said = state.reported
    if standard == SCORM_12:
        return Report(
            status=said.get("cmi.core.lesson_status", ""),
            raw=_number(said.get("cmi.core.score.raw")),
            lowest=_number(said.get("cmi.core.score.min")),
            highest=_number(said.get("cmi.core.score.max")),
        )
    return Report(
        completion=said.get("cmi.completion_status", ""),
        success=said.get("cmi.success_status", ""),
        scaled=_number(said.get("cmi.score.scaled")),
        progress=_number(said.get("cmi.progress_measure")),
        raw=_number(said.get("cmi.score.raw")),
        lowest=_number(said.get("cmi.score.min")),
        highest=_number(said.get("cmi.score.max")),
    )


def judge_part(item: PackageItem, state: ItemState | None, version: ModuleVersion) -> Verdict:
    """Judge one part by the version's rule; a part that was not opened is not done."""
    if state is None:
        return Verdict.NOT_YET
    report, rule = report_of(state, item.package.standard), version.rule
    if rule == Rule.OPENED or (not item.is_sco and rule != Rule.DECLARED):
        return Verdict.COMPLETED
    if rule == Rule.DECLARED:
        return Verdict.COMPLETED if state.done_at else Verdict.NOT_YET
    if rule == Rule.SCORE:
        return verdict.by_score(report, version.pass_mark)
    if item.package.standard == SCORM_12:
        mark = item.mastery_score if item.mastery_score is not None else version.pass_mark
        return verdict.of_part_12(report, mark)
    return verdict.of_part_2004(
        report, least_progress=item.least_progress, least_scaled=least_scaled(item)
    )


def judge(attempt: Attempt) -> tuple[Verdict, float | None]:
    """Judge an attempt by all of its parts; return it with the mean of their scores."""
    version = attempt.version
    items = list(playable(version))
    states = {state.key: state for state in attempt.items.all()}
    found = [judge_part(item, states.get(item.identifier), version) for item in items]
    reports = [report_of(state, items[0].package.standard) for state in states.values()]
    scores = [score for each in reports if (score := verdict.per_cent(each)) is not None]
    return verdict.of_all(found), sum(scores) / len(scores) if scores else None


def playable(version: ModuleVersion) -> list[PackageItem]:
    """List the parts of a version's package that can be opened."""
    items = version.package.items.exclude(href="").select_related("package")
    return list(items)


def least_scaled(item: PackageItem) -> float | None:
    """Return the scaled score that the part's primary objective asks for."""
    for each in item.objectives:
        if each["is_primary"] and each["satisfied_by_measure"]:
            return 1.0 if each["least"] is None else float(each["least"])
    return None


def seconds_in(span: str) -> int:
    """Read a length of time as SCORM 1.2 or 2004 writes it; 0 for one that is not, or too long."""
    if found := SPAN_12.match(span):
        hours, minutes, seconds = found.groups()
        return round(int(hours) * 3600 + int(minutes) * 60 + float(seconds))
    found = SPAN_2004.match(span)
    if not found or not any(found.groups()):
        return 0
    years, months, days, hours, minutes, seconds = (float(each or 0) for each in found.groups())
    total = ((years * 365 + months * 30 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
    return round(total) if total <= 366 * A_DAY else 0


def _number(text: object) -> float | None:
    try:
        number = float(str(text))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
