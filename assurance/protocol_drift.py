"""Find courses behind the latest major edition of their protocols, and people trained on older.

Nothing is stored when an edition is issued: all is computed from editions, course checks, dates
and completions.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from agencies import mergers
from agencies.models import Person
from courses.models import Completion, Course, ProtocolCheck, Run
from protocols.models import Edition, ProtocolPage

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Fields of an edition that are loaded.
TOLD = ("page", "number", "title", "reason", "in_force_from")


@dataclass
class CourseAlignment:
    """Alignment of one course, offered or ended, with one protocol."""

    course: Course
    checked: Edition | None
    checked_on: dt.date | None
    is_behind: bool
    dates: list[Run] = field(default_factory=list)

    @property
    def state(self) -> str:
        if not self.course.is_offered:
            return "ended"
        if not self.is_behind:
            return "checked"
        return "behind" if self.checked else "never"


@dataclass
class ProtocolDrift:
    """One protocol, with how far courses and people are behind its last major edition."""

    edition: Edition
    major: Edition
    has_older: bool
    taught: list[CourseAlignment]
    people: list[tuple[str, int]] = field(default_factory=list)

    @property
    def is_behind(self) -> bool:
        return any(each.is_behind for each in self.taught)

    @property
    def people_in_all(self) -> int:
        return sum(count for _, count in self.people)


def protocols() -> list[ProtocolDrift]:
    """List taught protocols, by title, with editions before the last major or a course behind."""
    return [one for one in _all() if one.taught and (one.has_older or one.is_behind)]


def drift_of(page: ProtocolPage) -> ProtocolDrift | None:
    """Return one protocol's drift with upcoming dates and people trained on older editions."""
    one = next(iter(_all(page)), None)
    if one:
        one.edition.page = page
        _tell_dates(one)
        one.people = trained_on_older(one)
    return one


def _all(page: ProtocolPage | None = None) -> Iterable[ProtocolDrift]:
    taught = _taught(page)
    found = Edition.objects.in_force().filter(page__in=[page] if page else list(taught))
    each = Edition.objects.filter(page=OuterRef("page"))
    first, major = each.order_by("number"), each.filter(is_major=True).order_by("-number")
    editions: list[Any] = list(
        found.only(*TOLD)
        .annotate(
            first=Subquery(first.values("number")[:1]),
            last=Coalesce(Subquery(major.values("pk")[:1]), Subquery(first.values("pk")[:1])),
        )
        .order_by("title", "pk")
    )
    majors = Edition.objects.only(*TOLD).in_bulk({edition.last for edition in editions})
    for edition in editions:
        last = majors[edition.last]
        courses = [_as_taught(each, last) for each in taught[edition.page_id]]
        yield ProtocolDrift(edition, last, last.number > edition.first, courses)


def _taught(page: ProtocolPage | None) -> dict[int, list[tuple[Course, ProtocolCheck | None]]]:
    """Map each protocol to the courses that teach it, with their last check.

    Courses no longer offered are included for the people they have trained.
    """
    has_trained = Exists(Completion.objects.filter(course=OuterRef("course")))
    pairs = Course.protocols_taught.through.objects.filter(
        Q(has_trained) | Q(course__is_offered=True)
    )
    pairs = pairs.filter(protocolpage=page) if page else pairs
    last: dict[tuple[int, int], ProtocolCheck] = {}
    checks = ProtocolCheck.objects.select_related("edition").order_by("edition__number")
    for check in checks.only("course", "checked_at", "edition__page", "edition__number"):
        last[check.course_id, check.edition.page_id] = check
    found = defaultdict(list)
    pairs = pairs.select_related("course")
    shown = ("title", "is_offered", "kind", "provider")
    pairs = pairs.only(*(f"course__{name}" for name in shown), "protocolpage")
    for pair in pairs.order_by("-course__is_offered", "course__title"):
        check_of = last.get((pair.course_id, pair.protocolpage_id))
        found[pair.protocolpage_id].append((pair.course, check_of))
    return found


def _as_taught(pair: tuple[Course, ProtocolCheck | None], major: Edition) -> CourseAlignment:
    course, check = pair
    if check is None:
        return CourseAlignment(course, None, None, is_behind=course.is_offered)
    on = timezone.localdate(check.checked_at)
    is_behind = course.is_offered and check.edition.number < major.number
    return CourseAlignment(course, check.edition, on, is_behind)


def _tell_dates(one: ProtocolDrift) -> None:
    """Add the upcoming dates of courses that are behind."""
    behind = {each.course.pk: each for each in one.taught if each.is_behind}
    runs = Run.objects.upcoming().filter(course__in=behind)
    for run in runs.select_related("course", "venue").order_by("starts_at", "pk"):
        behind[run.course_id].dates.append(run)


def completions(one: ProtocolDrift) -> QuerySet[Completion]:
    """Filter to completions of people not retrained since a course taught the last major edition.

    A course teaches it from the day of its first check against it or a later edition. Without an
    older edition, nobody was trained too early.
    """
    valid = Completion.objects.valid()
    if not one.has_older:
        return valid.none()
    checks = ProtocolCheck.objects.filter(
        edition__page=one.edition.page_id, edition__number__gte=one.major.number
    )
    since = {
        row["course"]: timezone.localdate(row["first"])
        for row in checks.order_by().values("course").annotate(first=Min("checked_at"))
    }
    older, newer = Q(pk__in=[]), Q(pk__in=[])
    for each in one.taught:
        taught_from = since.get(each.course.pk, dt.date.max)
        older |= Q(course=each.course, completed_on__lt=taught_from)
        newer |= Q(course=each.course, completed_on__gte=taught_from)
    up_to_date = valid.filter(newer).values("person")
    return valid.filter(older).exclude(person__in=up_to_date)


def trained_on_older(one: ProtocolDrift) -> list[tuple[str, int]]:
    """Count people by the agency, under today's name, of their last such completion."""
    found = completions(one).order_by("completed_on", "pk")
    last: dict[int, str] = dict(found.values_list("person", mergers.name_today("agency")))
    return sorted(Counter(last.values()).items())


def people_of(one: ProtocolDrift) -> QuerySet[Person]:
    """Return those people whose accounts are still open."""
    people = Person.objects.filter(pk__in=completions(one).values("person"), is_active=True)
    return people.order_by("pk")
