"""Is each topic in all training that should have it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from courses.models import Course
from protocols.models import Indicator, ProtocolPage, Topic

NAMES, MISSING, NOTHING = "names", "missing", "nothing"


@dataclass(frozen=True)
class Line:
    """One topic: what is about it, and for each course whether it names it."""

    topic: Topic
    protocols: int
    indicators: int
    cells: list[str]

    @property
    def courses(self) -> int:
        return self.cells.count(NAMES)

    @property
    def missing(self) -> int:
        """Courses that teach a protocol on it, and do not name it."""
        return self.cells.count(MISSING)

    @property
    def is_untaught(self) -> bool:
        return not self.courses and bool(self.protocols or self.indicators)

    @property
    def has_gap(self) -> bool:
        return self.is_untaught or bool(self.missing)


@dataclass(frozen=True)
class Coverage:
    courses: list[Course]
    lines: list[Line]

    @property
    def gaps(self) -> int:
        return sum(line.has_gap for line in self.lines)


def coverage() -> Coverage:
    """Every topic by every course that is offered. A wider topic has what its narrower ones have.

    A course should name a topic when a protocol that it teaches is about it: where it does not,
    that is a gap, and so is a topic of a protocol or an indicator that no course names.
    """
    topics = list(Topic.objects.order_by("name"))
    wider = {topic.pk: topic.parent_id for topic in topics}
    courses = list(Course.objects.filter(is_offered=True).only("code", "title"))
    protocols = set(ProtocolPage.objects.in_force().values_list("pk", flat=True))
    about = _topics_of(ProtocolPage.topics.through, "protocolpage_id", wider)
    of_indicators = _topics_of(Indicator.topics.through, "indicator_id", wider)
    standing = set(Indicator.objects.on(timezone.localdate()).values_list("pk", flat=True))
    named = _topics_of(Course.topics.through, "course_id", wider)
    taught: dict[int, set[int]] = defaultdict(set)
    for course, page in Course.protocols_taught.through.objects.values_list(
        "course_id", "protocolpage_id"
    ):
        if page in protocols:
            taught[course] |= about[page]
    lines = [
        Line(
            topic,
            sum(topic.pk in about[page] for page in protocols),
            sum(topic.pk in of_indicators[indicator] for indicator in standing),
            [_cell(topic, named[course.pk], taught[course.pk]) for course in courses],
        )
        for topic in topics
    ]
    return Coverage(courses, lines)


def _cell(topic: Topic, named: set[int], taught: set[int]) -> str:
    if topic.pk in named:
        return NAMES
    return MISSING if topic.pk in taught else NOTHING


def _topics_of(through, of: str, wider: dict[int, int | None]) -> dict[int, set[int]]:
    """By the number of the thing: its topics, with the wider one of each."""
    found: dict[int, set[int]] = defaultdict(set)
    pairs: Iterable[tuple[int, int]] = through.objects.values_list(of, "topic_id")
    for thing, topic in pairs:
        found[thing] |= {topic} | ({parent} if (parent := wider[topic]) else set())
    return found
