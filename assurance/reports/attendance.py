"""Count attendance by agency and by profession, and completions online beside it.

Only dates with a signed-off register count, so that each rate has one denominator: attended of
those booked on these dates, and booked of the places on these dates. Who completed a course online,
was on no date: completions and their hours have columns of their own, and are in
no rate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, F, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils import timezone

from agencies import mergers
from agencies.models import Agency, RoleGroup
from courses.models import Booking, Completion, Course, Mark, Run
from lms import periods

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Sector

NO_PROFESSION = "Profession not given"


@dataclass(frozen=True)
class Question:
    """Filters of the report: the period (both days included), course and sector."""

    since: dt.date
    until: dt.date
    course: Course | None = None
    sector: Sector | None = None

    @property
    def period(self) -> str:
        """Period in words, such as '1 December 2025 to 30 November 2026'."""
        return periods.in_words(self.since, self.until)

    def runs(self) -> QuerySet[Run]:
        """Filter to runs of the period that took place, signed off or not."""
        begins = timezone.make_aware(dt.datetime.combine(self.since, dt.time.min))
        ends = timezone.make_aware(
            dt.datetime.combine(self.until + dt.timedelta(days=1), dt.time.min)
        )
        runs = Run.objects.begun().filter(starts_at__gte=begins, starts_at__lt=ends)
        return runs.filter(course=self.course) if self.course else runs

    def runs_counted(self) -> QuerySet[Run]:
        """Filter to the runs whose register is signed off."""
        return self.runs().exclude(closed_at=None)

    def completed_online(self) -> QuerySet[Completion]:
        """Filter to completions in the period of courses that people take online."""
        valid = Completion.objects.valid().filter(course__in=Course.objects.without_dates())
        found = valid.filter(completed_on__gte=self.since, completed_on__lte=self.until)
        return found.filter(course=self.course) if self.course else found

    def includes(self, agency: Agency) -> bool:
        """Return whether this agency counts, by the sector that it is in today."""
        return self.sector is None or agency.sector_id == self.sector.pk


@dataclass(frozen=True)
class Attendance:
    """Figures of one agency, one profession or everybody."""

    name: str
    runs: int = 0
    booked: int = 0
    attended: int = 0
    apologies: int = 0
    online: int = 0
    online_hours: Decimal = Decimal(0)

    @property
    def absent(self) -> int:
        """Number of people who did not come and sent no apologies."""
        return self.booked - self.attended - self.apologies

    @property
    def attendance_rate(self) -> float | None:
        """Share of those booked who attended; None where nobody was booked."""
        return self.attended / self.booked if self.booked else None


@dataclass(frozen=True)
class Filling:
    """Fill rate of the dates, for everybody only, as no agency has places of its own."""

    booked: int
    places: int

    @property
    def rate(self) -> float | None:
        """Share of the places booked, on dates with a limit; None where no date has one."""
        return self.booked / self.places if self.places else None


@dataclass(frozen=True)
class Figures:
    """The whole report.

    `sent_nobody` lists agencies without a booking on a counted date and a completion online.
    """

    agencies: list[Attendance]
    sent_nobody: list[Attendance]
    professions: list[Attendance]
    everybody: Attendance
    filling: Filling | None
    left_out: int


class Tally(NamedTuple):
    """Bookings of one agency and one profession on one date.

    `answered` counts those who came or sent apologies.
    """

    agency: int
    profession: int | None
    run: int
    has_limit: bool
    booked: int
    attended: int
    answered: int


class Online(NamedTuple):
    """Completion of a course taken online, and the hours that it counts as."""

    agency: int
    profession: int | None
    hours: Decimal


def attendance(question: Question) -> Figures:
    """Count by agency as of today, by profession as when booked, and in all."""
    agencies = Agency.objects.order_by().in_bulk()
    lineages = mergers.Lineages(agencies.values())
    today = {pk: agencies[lineages.today(pk)] for pk in agencies}
    tallies = [each for each in _tallies(question) if question.includes(today[each.agency])]
    online = [each for each in _online(question) if question.includes(today[each.agency])]
    professions: dict[int | None, str] = dict(RoleGroup.objects.values_list("pk", "name"))
    dates = _dates(question)
    counted = _by(tallies, online, lambda each: today[each.agency].name)
    booked = {row.name for row in counted}
    expected = {agency.name for agency in today.values() if question.includes(agency)}
    return Figures(
        agencies=counted,
        sent_nobody=[Attendance(name) for name in sorted(expected - booked, key=str.casefold)],
        professions=_by(
            tallies, online, lambda each: professions.get(each.profession, NO_PROFESSION)
        ),
        everybody=_sum("All", tallies, online, runs=dates["counted"]),
        filling=None if question.sector else Filling(_limited(tallies), dates["places"] or 0),
        left_out=dates["left_out"],
    )


def _tallies(question: Question) -> Iterator[Tally]:
    """Aggregate bookings and marks in one query; two sessions of a booking are one attendance."""
    came, apologised = Q(marks__kind__in=Mark.CAME), Q(marks__kind=Mark.Kind.APOLOGIES)
    bookings = Booking.objects.confirmed().filter(run__in=question.runs_counted().values("pk"))
    bookings = bookings.order_by().annotate(has_limit=Q(run__places__isnull=False))
    counts = bookings.values_list("agency", "role_group", "run", "has_limit").annotate(
        booked=Count("pk", distinct=True),
        attended=Count("pk", distinct=True, filter=came),
        answered=Count("pk", distinct=True, filter=came | apologised),
    )
    return map(Tally._make, counts)


def _online(question: Question) -> Iterator[Online]:
    """Read the completions online in one query, with the hours fixed when they were accepted."""
    found = question.completed_online().order_by().annotate(fixed=KT("certified__hours"))
    profession = Coalesce("evidence__role_group", "role_group")
    rows = found.values_list("agency", profession, "fixed", "course__hours")
    for agency, profession, fixed, hours in rows:
        yield Online(agency, profession, Decimal(fixed) if fixed else hours)


def _dates(question: Question) -> dict[str, int]:
    counted = Q(closed_at__isnull=False)
    return question.runs().aggregate(
        counted=Count("pk", filter=counted),
        left_out=Count("pk", filter=~counted),
        places=Sum(F("places") + F("extra"), filter=counted),
    )


def _by(
    tallies: Iterable[Tally], online: Iterable[Online], name_of: Callable[[Tally | Online], str]
) -> list[Attendance]:
    groups: dict[str, tuple[list[Tally], list[Online]]] = {}
    for tally in tallies:
        groups.setdefault(name_of(tally), ([], []))[0].append(tally)
    for each in online:
        groups.setdefault(name_of(each), ([], []))[1].append(each)
    return [_sum(name, *groups[name]) for name in sorted(groups, key=str.casefold)]


def _sum(
    name: str, tallies: list[Tally], online: list[Online], runs: int | None = None
) -> Attendance:
    attended = sum(each.attended for each in tallies)
    return Attendance(
        name=name,
        runs=len({each.run for each in tallies}) if runs is None else runs,
        booked=sum(each.booked for each in tallies),
        attended=attended,
        apologies=sum(each.answered for each in tallies) - attended,
        online=len(online),
        online_hours=sum((each.hours for each in online), Decimal(0)),
    )


def _limited(tallies: list[Tally]) -> int:
    """Count the bookings on dates that have a limit."""
    return sum(each.booked for each in tallies if each.has_limit)
