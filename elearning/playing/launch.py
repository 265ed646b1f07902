"""Collect what a package finds when it starts: where it was, its marks, what it has said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elearning.models import Attempt, ItemState
from elearning.packages.manifest import SCORM_12
from elearning.playing.reports import least_scaled

if TYPE_CHECKING:
    from elearning.models import PackageItem

# Set by a package, and not read by the next session of it.
NOT_READ_AGAIN = ("cmi.interactions.", "cmi.core.exit", "cmi.exit", "session_time")


def starting_data(state: ItemState, item: PackageItem) -> dict[str, str]:
    """Return the elements, with their values, that a part starts with."""
    is_review = state.attempt.state != Attempt.State.BEGUN
    said = {
        element: value
        for element, value in state.reported.items()
        if not any(each in element for each in NOT_READ_AGAIN)
    }
    has_been = bool(said or state.bookmark)
    entry = "resume" if has_been else "ab-initio"
    make = _of_12 if item.package.standard == SCORM_12 else _of_2004
    found = make(state, item, is_review) | said
    prefix = "cmi.core." if item.package.standard == SCORM_12 else "cmi."
    found[f"{prefix}entry"] = "" if is_review and item.package.standard == SCORM_12 else entry
    if state.bookmark:
        found["cmi.suspend_data"] = state.bookmark
    if item.launch_data:
        found["cmi.launch_data"] = item.launch_data
    return found


def _of_12(state: ItemState, item: PackageItem, is_review: bool) -> dict[str, str]:
    person = state.attempt.person
    found = {
        "cmi.core.student_id": f"learner-{state.attempt_id}",
        "cmi.core.student_name": person.name,
        "cmi.core.credit": "no-credit" if is_review else "credit",
        "cmi.core.lesson_mode": "review" if is_review else "normal",
        "cmi.core.total_time": _clock(state.claimed_seconds),
    }
    if item.mastery_score is not None:
        found["cmi.student_data.mastery_score"] = f"{item.mastery_score:g}"
    return found


def _of_2004(state: ItemState, item: PackageItem, is_review: bool) -> dict[str, str]:
    person = state.attempt.person
    found = {
        "cmi.learner_id": f"learner-{state.attempt_id}",
        "cmi.learner_name": person.name,
        "cmi.credit": "no-credit" if is_review else "credit",
        "cmi.mode": "review" if is_review else "normal",
        "cmi.total_time": f"PT{state.claimed_seconds}S",
    }
    if item.least_progress is not None:
        found["cmi.completion_threshold"] = f"{item.least_progress:g}"
    if (least := least_scaled(item)) is not None:
        found["cmi.scaled_passing_score"] = f"{least:g}"
    # Some packages show an error unless the objectives of their manifest are there.
    for number, each in enumerate(each for each in item.objectives if each["id"]):
        found[f"cmi.objectives.{number}.id"] = each["id"]
    return found


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:04d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
