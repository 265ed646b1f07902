"""Count the days that each agency gave by lending its people as trainers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from agencies import mergers
from agencies.models import Post
from assurance.reports.attendance import Question
from courses.models import BookingPolicy, Run
from courses.rules import charging

if TYPE_CHECKING:
    from django.db.models import QuerySet

NO_AGENCY = "No agency"
# Runs prefetched at once: each is a query parameter.
A_BATCH = 1000


@dataclass
class Given:
    """Days given by one trainer, for the agency of their job at the time."""

    agency: str
    trainer: str
    dates: int = 0
    days: Decimal = field(default_factory=Decimal)


def by_agency_and_trainer(question: Question) -> list[Given]:
    """List days by agency and trainer; a date with two trainers counts for each of them.

    In half days or the days taught, as for charges. Counts dates of the period that are over.
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
    """Total the days of each agency, most first."""
    days: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        days[line.agency] += line.days
    return sorted(days.items(), key=lambda each: (-each[1], each[0]))


def _agencies_of(runs: QuerySet[Run]) -> Callable[[int, dt.date], str]:
    """Build a function that returns a trainer's agency on a day, under today's name.

    It is that of their newest job then.
    """
    people = Run.trainers.through.objects.filter(run__in=runs.order_by().values("pk"))
    posts = Post.objects.confirmed().filter(person__in=people.values("person"))
    posts = posts.annotate(name_today=mergers.name_today("agency"))
    held: dict[int, list[Post]] = defaultdict(list)
    for post in posts.order_by("-starts_on", "-pk"):
        held[post.person_id].append(post)

    def agency(person: int, day: dt.date) -> str:
        for post in held[person]:
            if post.starts_on <= day and (post.ends_on is None or day <= post.ends_on):
                return post.name_today
        return NO_AGENCY

    return agency


def _day(run: Run) -> dt.date:
    return timezone.localdate(run.starts_at)
