"""Who came, by agency and by profession?

Only dates whose register is signed off are counted, so that each rate has one denominator: of
those booked on these dates, how many came; of the places on these dates, how many were booked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from courses.models import Booking, Course, Mark, Run

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Sector

NO_PROFESSION = "Profession not given"


@dataclass(frozen=True)
class Question:
    """Which dates and whose bookings are counted; both days are included."""

    since: dt.date
    until: dt.date
    course: Course | None = None
    sector: Sector | None = None

    def runs(self) -> QuerySet[Run]:
        """Every date of the period that took place, signed off or not."""
        begins = timezone.make_aware(dt.datetime.combine(self.since, dt.time.min))
        ends = timezone.make_aware(
            dt.datetime.combine(self.until + dt.timedelta(days=1), dt.time.min)
        )
        runs = Run.objects.begun().filter(starts_at__gte=begins, starts_at__lt=ends)
        return runs.filter(course=self.course) if self.course else runs

    def runs_counted(self) -> QuerySet[Run]:
        """Those of the dates whose register is signed off."""
        return self.runs().exclude(closed_at=None)

    def bookings(self) -> QuerySet[Booking]:
        """Confirmed bookings on the dates that are counted."""
        bookings = Booking.objects.confirmed().filter(run__in=self.runs_counted().values("pk"))
        return bookings.filter(agency__sector=self.sector) if self.sector else bookings


@dataclass(frozen=True)
class Row:
    """What is counted for one agency, one profession or all together."""

    name: str
    runs: int
    places: int
    booked: int
    attended: int
    apologies: int
    booked_where_limited: int = field(default=0, compare=False)

    @property
    def absent(self) -> int:
        """Did not come and sent no apologies."""
        return self.booked - self.attended - self.apologies

    @property
    def attendance_rate(self) -> float | None:
        """Attended, of those booked; None where nobody was booked."""
        return self.attended / self.booked if self.booked else None

    @property
    def fill_rate(self) -> float | None:
        """Booked, of the places on these dates; None where no date has a limit.

        Bookings on dates without a limit are in neither figure.
        """
        return self.booked_where_limited / self.places if self.places else None


def attendance_by_agency(question: Question) -> list[Row]:
    """A row an agency, by name; an agency that was merged is counted under the one it became."""
    return _rows(question, Coalesce("agency__merged_into__name", "agency__name"))


def attendance_by_profession(question: Question) -> list[Row]:
    """A row a profession, by name, as it was when the place was booked."""
    return _rows(question, F("role_group__name"))


def attendance_in_all(question: Question) -> Row:
    """The same counts for all bookings together, with every date that is counted, empty or not."""
    counts = _counted(question.bookings()).aggregate(**_COUNTS)
    dates = question.runs_counted().aggregate(
        runs=Count("pk"), places=Sum(F("places") + F("extra"), default=0)
    )
    return Row(name="All", runs=dates["runs"], places=dates["places"], **_of(counts))


def dates_left_out(question: Question) -> int:
    """How many dates of the period are not counted, because their register is not signed off."""
    return question.runs().filter(closed_at=None).count()


_COUNTS: dict[str, Any] = {
    "runs": Count("run", distinct=True),
    "booked": Count("pk"),
    "booked_where_limited": Count("pk", filter=Q(run__places__isnull=False)),
    "attended": Count("pk", filter=Q(came=True)),
    "apologies": Count("pk", filter=Q(came=False, apologised=True)),
}


def _rows(question: Question, name: Any) -> list[Row]:
    bookings: Any = _counted(question.bookings().annotate(group=name))  # mypy knows no `group`
    places = _places_by_group(question.bookings().annotate(group=name))
    return [
        Row(
            name=counts["group"] or NO_PROFESSION,
            runs=counts["runs"],
            places=places.get(counts["group"], 0),
            **_of(counts),
        )
        for counts in bookings.values("group").annotate(**_COUNTS).order_by("group")
    ]


def _counted(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    marks = Mark.objects.filter(booking=OuterRef("pk"))
    return bookings.annotate(
        came=Exists(marks.filter(kind__in=Mark.CAME)),
        apologised=Exists(marks.filter(kind=Mark.Kind.APOLOGIES)),
    )


def _places_by_group(bookings: QuerySet[Booking]) -> dict[str, int]:
    """The places of the dates on which each group was booked, each date once."""
    pairs = bookings.exclude(run__places=None).values_list(
        "group", "run", F("run__places") + F("run__extra")
    )
    places: dict[str, int] = {}
    for group, _, limit in pairs.order_by().distinct():
        places[group] = places.get(group, 0) + limit
    return places


def _of(counts: dict[str, int]) -> dict[str, int]:
    names = ("booked", "booked_where_limited", "attended", "apologies")
    return {name: counts[name] for name in names}
