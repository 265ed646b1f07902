"""How many days did each agency give, by lending its people as trainers?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from agencies.models import Post
from assurance.reports.attendance import Question
from courses.models import BookingPolicy, Run
from courses.rules import charging

if TYPE_CHECKING:
    from django.db.models import QuerySet

NO_AGENCY = "No agency"
# Dates whose sessions and trainers are asked for at once: each is a parameter.
A_BATCH = 1000


@dataclass
class Given:
    """What one trainer gave, for the agency of their job at the time."""

    agency: str
    trainer: str
    dates: int = 0
    days: Decimal = field(default_factory=Decimal)


def by_agency_and_trainer(question: Question) -> list[Given]:
    """A line an agency and trainer, by name. A date that two deliver counts for each of them.

    Half a day or the days on which it was taught, as for charges. Counted are the dates of the
    period that took place and are over.
    """
    runs = question.runs().filter(ends_at__lte=timezone.now())
    runs = runs.select_related("course").prefetch_related("sessions", "trainers")
    policy = BookingPolicy.load()
    lines: dict[tuple[str, int], Given] = {}
    agency = _agencies_of(question.runs())
    for run in runs.iterator(chunk_size=A_BATCH):
        for trainer in run.trainers.all():
            where = agency(trainer.pk, _day(run))
            line = lines.setdefault((where, trainer.pk), Given(where, trainer.name))
            line.dates += 1
            line.days += charging.days_of(run, policy)
    return sorted(lines.values(), key=lambda line: (line.agency, line.trainer))


def by_agency(lines: Iterable[Given]) -> list[tuple[str, Decimal]]:
    """What each agency gave in all, in days, the most first."""
    days: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        days[line.agency] += line.days
    return sorted(days.items(), key=lambda each: (-each[1], each[0]))


def _agencies_of(runs: QuerySet[Run]) -> Callable[[int, dt.date], str]:
    """Where a trainer of these dates worked on a day: the newest job of that day."""
    people = Run.trainers.through.objects.filter(run__in=runs.order_by().values("pk"))
    posts = Post.objects.confirmed().filter(person__in=people.values("person"))
    posts = posts.select_related("agency")
    held: dict[int, list[Post]] = defaultdict(list)
    for post in posts.order_by("-starts_on", "-pk"):
        held[post.person_id].append(post)

    def agency(person: int, day: dt.date) -> str:
        for post in held[person]:
            if post.starts_on <= day and (post.ends_on is None or day <= post.ends_on):
                return post.agency.name
        return NO_AGENCY

    return agency


def _day(run: Run) -> dt.date:
    return timezone.localdate(run.starts_at)
