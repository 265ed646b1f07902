"""Say who of an agency's staff has completed which course, and who is to refresh it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from courses.completion.renewal import refresh_on
from courses.models import Completion, Course, Evidence
from elearning.learning import progress
from elearning.models import Attempt

if TYPE_CHECKING:
    from agencies.models import Person, Post
    from elearning.learning.progress import Progress

# Before its day, a refresh is due for so long.
DUE_FOR = relativedelta(months=2)
HEADINGS = [
    "Name", "Email address", "Job title", "Agency", "Course", "State", "Completed on", "How",
    "Refresh by", "How far",
]  # fmt: skip


class State(Enum):
    """State of somebody in a course: words and colour."""

    DONE = "Up to date", "green"
    DUE = "Refresh due soon", "yellow"
    OVERDUE = "Refresh overdue", "red"
    NOT_DONE = "Not completed", "grey"

    @property
    def words(self) -> str:
        return self.value[0]

    @property
    def colour(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class StaffLine:
    """Member of staff and one course: last completed when, what is sent, how far in its module."""

    post: Post
    completion: Completion | None
    refresh_on: dt.date | None
    state: State
    is_sent: bool = False
    progress: Progress | None = None

    @property
    def how(self) -> str:
        """Say how it was completed, such as 'Classroom' or 'Online, given by e-LfH'."""
        if self.completion is None:
            return ""
        known = self.completion.certified.get("format")
        return known or ("Training elsewhere" if self.completion.evidence_id else "")


@dataclass(frozen=True)
class Summary:
    """Course, and how many of the staff are in which state."""

    course: Course
    numbers: Counter[State]

    @property
    def done(self) -> int:
        return self.numbers[State.DONE]

    @property
    def due(self) -> int:
        return self.numbers[State.DUE]

    @property
    def overdue(self) -> int:
        return self.numbers[State.OVERDUE]

    @property
    def not_done(self) -> int:
        return self.numbers[State.NOT_DONE]


def summaries(posts: Iterable[Post], courses: Sequence[Course], *, viewer: Person) -> list[Summary]:
    """Count the staff by state for each course, one person once. One query."""
    people = {post.person_id for post in posts}
    latest = _latest(people, courses, viewer)
    return [
        Summary(course, Counter(_state(latest.get((pk, course.pk)))[0] for pk in people))
        for course in courses
    ]


def lines(posts: Iterable[Post], course: Course, *, viewer: Person) -> list[StaffLine]:
    """List the staff, one person once, each with their last completion, and how far they are."""
    first: dict[int, Post] = {}
    for post in posts:
        first.setdefault(post.person_id, post)
    latest = _latest(set(first), [course], viewer)
    waiting = Evidence.objects.visible_to(viewer).undecided()
    sent = set(waiting.filter(course=course, person__in=first).values_list("person", flat=True))
    begun = _progress(set(first), course, viewer)
    found = []
    for person, post in first.items():
        completion = latest.get((person, course.pk))
        state, refresh = _state(completion)
        found.append(StaffLine(post, completion, refresh, state, person in sent, begun.get(person)))
    return found


def _progress(people: set[int], course: Course, viewer: Person) -> dict[int, Progress]:
    """Return how far staff are in the module of the course: begun or not passed, by person."""
    if not course.is_module:
        return {}
    theirs = Attempt.objects.of_staff_of(viewer).filter(module=course.module_id)
    found = progress.of_attempts(theirs.filter(person__in=people))
    return {each.attempt.person_id: each for each in found if not each.is_done}


def cells(line: StaffLine, course: Course) -> list[str | dt.date | None]:
    """List a line's values for an export, in the order of HEADINGS."""
    return [
        line.post.person.name,
        line.post.person.email,
        line.post.title,
        line.post.agency.name,
        course.title,
        line.state.words,
        line.completion.completed_on if line.completion else None,
        line.how,
        line.refresh_on,
        line.progress.words if line.progress else "",
    ]


def _latest(
    people: set[int], courses: Sequence[Course], viewer: Person
) -> dict[tuple[int, int], Completion]:
    """Return the last completion that the viewer may see, by person and course (ids)."""
    by_pk = {course.pk: course for course in courses}
    found = Completion.objects.visible_to(viewer).valid().filter(course__in=by_pk)
    found = found.filter(person__in=people).order_by("completed_on", "pk")
    latest = {}
    for completion in found:
        completion.course = by_pk[completion.course_id]
        latest[completion.person_id, completion.course_id] = completion
    return latest


def _state(completion: Completion | None) -> tuple[State, dt.date | None]:
    if completion is None:
        return State.NOT_DONE, None
    refresh, today = refresh_on(completion), timezone.localdate()
    if refresh is None or refresh - DUE_FOR > today:
        return State.DONE, refresh
    return (State.OVERDUE if refresh < today else State.DUE), refresh
