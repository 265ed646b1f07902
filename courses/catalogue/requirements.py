"""Requirements for booking a course, whether a person meets them, and how its runs stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from agencies import access
from agencies.models import Post
from courses.models import BookingPolicy, Completion, Evidence, Fee
from courses.rules import charging, deadlines, quotas
from courses.rules.eligibility import listed
from lms.formatting import pounds

if TYPE_CHECKING:
    from agencies.models import Agency
    from courses.models import Course, Run


@dataclass(frozen=True)
class Requirement:
    """Condition of booking. `is_met` is None where nothing is to be met or it cannot be told."""

    words: str
    is_met: bool | None = None
    what_next: str = ""
    course: Course | None = None


class Requirements:
    """Requirements of a course for a viewer, by the job that a booking would count for."""

    def __init__(self, course: Course, viewer, dates: list[Run]) -> None:
        self.course, self.dates = course, dates
        self.person = viewer if access.is_signed_in(viewer) else None
        self.groups = list(course.for_role_groups.all())
        self.sectors = list(course.for_sectors.all())
        self.post = self._job()
        self.prerequisites = list(course.prerequisites.select_related("page"))
        self.missing = self._missing()
        asked = (
            self._for_job(),
            self._for_groups(),
            self._for_sectors(),
            *self._for_prerequisites(),
            self._approval(),
            self._fee(),
        )
        self.listed = [need for need in asked if need]
        self.unmet = [need for need in self.listed if need.is_met is False]

    @property
    def stop(self) -> bool:
        """True if something is not met that the person cannot settle on the way."""
        return any(need.what_next != "job" for need in self.unmet)

    def _job(self) -> Post | None:
        """Return the newest job that the course is for, else the newest."""
        if self.person is None:
            return None
        posts = Post.objects.current().filter(person=self.person)
        posts = list(posts.select_related("agency__sector", "role_group"))
        fitting = (post for post in posts if self._fits(post))
        return next(fitting, posts[0] if posts else None)

    def _fits(self, post: Post) -> bool:
        return (not self.groups or post.role_group in self.groups) and (
            not self.sectors or post.agency.sector in self.sectors
        )

    def _missing(self) -> list[Course]:
        if not self.prerequisites or self.person is None:
            return []
        held = Completion.objects.valid().filter(person=self.person)
        done = set(held.filter(course__in=self.prerequisites).values_list("course", flat=True))
        return [course for course in self.prerequisites if course.pk not in done]

    def _met(self, holds: bool) -> bool | None:
        return holds if self.post else None

    def _for_job(self) -> Requirement | None:
        if self.person is None or self.post:
            return None
        return Requirement("A job at an agency of the partnership", False, "job")

    def _for_groups(self) -> Requirement | None:
        if not self.groups:
            return None
        met = self._met(bool(self.post and self.post.role_group in self.groups))
        return Requirement(f"It is only for {listed(self.groups)}", met, "profession")

    def _for_sectors(self) -> Requirement | None:
        if not self.sectors:
            return None
        met = self._met(bool(self.post and self.post.agency.sector in self.sectors))
        return Requirement(f"It is only for agencies of: {listed(self.sectors)}", met, "office")

    def _for_prerequisites(self) -> list[Requirement]:
        sent = set()
        if self.missing and self.person:
            undecided = Evidence.objects.undecided().filter(person=self.person)
            sent = set(undecided.values_list("course", flat=True))
        return [
            Requirement(
                "Complete this first:",
                None if self.person is None else needed not in self.missing,
                "sent" if needed.pk in sent else "elsewhere",
                needed,
            )
            for needed in self.prerequisites
        ]

    def _approval(self) -> Requirement | None:
        asking = [run for run in self.dates if run.asks_approval]
        if not asking:
            return None
        which = "" if len(asking) == len(self.dates) else ", on some of the dates"
        days = BookingPolicy.load().approval_days
        return Requirement(
            f"Your manager’s approval{which}. We write to them for it when you book, and a place "
            f"is held for {days} working days"
        )

    def _fee(self) -> Requirement | None:
        if not self.course.charges_fee:
            return None
        if self.post is None:
            return Requirement(
                "Agencies of some sectors pay for attending. Sign in to see if yours does"
            )
        agency = self.post.agency
        rate = Fee.objects.filter(sector=agency.sector_id).first()
        if rate is None or not rate.a_day:
            return Requirement(f"Attending is free for {agency}")
        return Requirement(
            f"Attending costs {agency} {pounds(rate.a_day)} a day: have a purchase order or cost "
            "code ready"
        )


def annotate_dates(dates: list[Run], agency: Agency | None) -> None:
    """Set `waits`, `why_wait` and what `annotate_costs` adds on each run (with waiting counted)."""
    annotate_costs(dates)
    limits = quotas.quotas_for_runs(dates) if agency else {}
    for run in dates:
        its = limits.get(run.pk)
        run.why_wait = its.why_not(agency) if its and agency else ""
        is_limited = bool(its and its.are_limited)
        run.waits = run.is_full or bool(run.why_wait) or (bool(run.waiting) and not is_limited)


def annotate_costs(dates: list[Run]) -> None:
    """Set `late_price`, and until when cancelling is free (`free_until`, `free_day`, `is_late`)."""
    policy = BookingPolicy.load()
    for run in dates:
        run.late_price = charging.price_of_an_empty_place(run, policy)
        run.free_until = deadlines.free_until(run, policy)
        run.is_late = run.free_until is not None and run.free_until <= timezone.now()
        run.free_day = run.free_until and deadlines.last_free_day(run.free_until)
