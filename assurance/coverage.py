"""Compare topics of protocols and indicators with the topics of courses, to find gaps."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain

from django.db.models import Value
from django.utils import timezone

from courses.models import Course
from protocols.models import Indicator, ProtocolPage, Topic

NAMES, MISSING, NOTHING = "names", "missing", "nothing"
PROTOCOL, INDICATOR, COURSE, TAUGHT = "protocol", "indicator", "course", "taught"


@dataclass(frozen=True)
class TopicCoverage:
    """One topic: its protocols, its indicators, and for each course whether it names the topic."""

    topic: Topic
    protocols: int
    indicators: int
    cells: list[str]

    @property
    def courses(self) -> int:
        return self.cells.count(NAMES)

    @property
    def missing(self) -> int:
        """Number of courses that teach a protocol on the topic but do not name it."""
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
    lines: list[TopicCoverage]

    @property
    def gaps(self) -> int:
        return sum(line.has_gap for line in self.lines)


def coverage() -> Coverage:
    """Build the matrix of topics by offered courses; wider topics include their narrower ones.

    A course should name a topic of each protocol that it teaches: where it does not, that is a gap,
    and so is a topic of a protocol or an indicator that no course names.
    """
    topics = list(Topic.objects.order_by("name"))
    courses = list(Course.objects.filter(is_offered=True).only("code", "title"))
    pairs = _pairs()
    wider = {topic.pk: topic.parent_id for topic in topics}
    about = _topics_of(pairs[PROTOCOL], wider)
    of_indicators = _topics_of(pairs[INDICATOR], wider)
    named = _topics_of(pairs[COURSE], wider)
    taught: dict[int, set[int]] = defaultdict(set)
    for course, page in pairs[TAUGHT]:
        taught[course] |= about[page]
    protocols, indicators = (Counter(chain(*of.values())) for of in (about, of_indicators))
    lines = [
        TopicCoverage(
            topic,
            protocols[topic.pk],
            indicators[topic.pk],
            [_cell(topic, named[course.pk], taught[course.pk]) for course in courses],
        )
        for topic in topics
    ]
    return Coverage(courses, lines)


def _cell(topic: Topic, named: set[int], taught: set[int]) -> str:
    if topic.pk in named:
        return NAMES
    return MISSING if topic.pk in taught else NOTHING


def _pairs() -> dict[str, list[tuple[int, int]]]:
    """Return (thing, topic) pairs by kind, and (course, protocol) pairs, in one query.

    Protocols no longer in force are excluded.
    """
    in_force = ProtocolPage.objects.in_force().order_by().values("pk")
    indicators = Indicator.objects.on(timezone.localdate()).values("pk")
    asked = {
        PROTOCOL: (ProtocolPage.topics.through, "protocolpage", "topic", in_force),
        INDICATOR: (Indicator.topics.through, "indicator", "topic", indicators),
        COURSE: (Course.topics.through, "course", "topic", None),
        TAUGHT: (Course.protocols_taught.through, "course", "protocolpage", None),
    }
    queries = []
    for kind, (through, thing, other, among) in asked.items():
        found = through.objects.filter(**{f"{thing}__in": among} if among is not None else {})
        queries.append(found.annotate(kind=Value(kind)).values_list("kind", thing, other))
    pairs = defaultdict(list)
    for kind, thing, other in queries[0].union(*queries[1:], all=True):
        pairs[kind].append((thing, other))
    return pairs


def _topics_of(pairs: list[tuple[int, int]], wider: dict[int, int | None]) -> dict[int, set[int]]:
    """Map each thing's id to its topics and their wider topics."""
    found: dict[int, set[int]] = defaultdict(set)
    for thing, topic in pairs:
        found[thing] |= {topic} | ({parent} if (parent := wider[topic]) else set())
    return found
