"""Requirements for booking a course, whether a person meets them, and how its runs stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agencies import access
from courses.models import BookingPolicy, Evidence, Fee
from courses.rules import cancellation, charging, deadlines, quotas
from courses.rules.eligibility import (
    PROFESSION,
    SECTOR,
    Condition,
    Eligibility,
    jobs_to_book_from,
    listed,
    request_before_confirmed,
)
from courses.rules.prerequisites import with_next_dates
from lms.formatting import pounds

if TYPE_CHECKING:
    from agencies.models import Agency
    from courses.models import Booking, Course, Run


@dataclass(frozen=True)
class Requirement:
    """Condition of booking. `is_met` is None where nothing is to be met or it cannot be told."""

    words: str
    is_met: bool | None = None
    what_next: str = ""
    course: Course | None = None
    # What else they have asked for, where it is one request at a time.
    asked: Booking | None = None


class Requirements:
    """Requirements of a course for a viewer, by the job that a booking would count for."""

    def __init__(self, course: Course, viewer, dates: list[Run]) -> None:
        self.course, self.dates = course, dates
        self.person = viewer if access.is_signed_in(viewer) else None
        self.eligibility = Eligibility(course, self.person)
        self.prerequisites, self.missing = self.eligibility.prerequisites, self.eligibility.missing
        with_next_dates(self.prerequisites)
        jobs = jobs_to_book_from(self.person) if self.person else []
        self.post = self.eligibility.job_among(jobs)
        asked = (self._for_job(), *self._conditions(), self._approval(), self._fee())
        self.listed = [need for need in asked if need]
        self.unmet = [need for need in self.listed if need.is_met is False]

    @property
    def stop(self) -> bool:
        """True if something is not met that the person cannot settle on the way."""
        return any(need.what_next not in ("job", "confirmation") for need in self.unmet)

    @property
    def waits_for_job(self) -> bool:
        """True if nobody has confirmed yet that the person works where they say."""
        return bool(self.post and not self.post.is_confirmed)

    def _for_job(self) -> Requirement | None:
        if self.person is None or (self.post and self.post.is_confirmed):
            return None
        if self.course.is_elsewhere:
            words = "A job at an agency of the partnership, which your certificate counts for"
            return None if self.post else Requirement(words, False, "job")
        if self.post is None:
            return Requirement("A job at an agency of the partnership", False, "job")
        words = f"Waiting for {self.post.agency} to confirm that you work there"
        if asked := request_before_confirmed(self.person):
            return Requirement(words, False, "one at a time", asked=asked)
        return Requirement(words, False, "confirmation")

    def _conditions(self) -> list[Requirement]:
        """Word the conditions of the course: see `Eligibility`."""
        sent = set()
        if self.missing:
            undecided = Evidence.objects.undecided().filter(person=self.person)
            sent = set(undecided.values_list("course", flat=True))
        conditions = self.eligibility.conditions(self.post)
        return [_worded(each, sent, self.course) for each in conditions]

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
            how = "Say where you work" if self.person else "Sign in"
            return Requirement(
                f"Agencies of some sectors pay for attending. {how} to see if yours does"
            )
        agency = self.post.agency
        rate = Fee.objects.filter(sector=agency.sector_id).first()
        if rate is None or not rate.a_day:
            return Requirement(f"Attending is free for {agency}")
        return Requirement(
            f"Attending costs {agency} {pounds(rate.a_day)} a day: have a purchase order or cost "
            "code ready"
        )


def _worded(condition: Condition, sent: set[int], of: Course) -> Requirement:
    """Word a condition; `sent` are the courses of which evidence waits for the training office.

    What a provider gives is open to everybody: there it says whom it is meant for.
    """
    if of.is_elsewhere and condition.kind in (PROFESSION, SECTOR):
        agencies = "agencies of: " if condition.kind == SECTOR else ""
        return Requirement(f"It is meant for {agencies}{listed(condition.things)}")
    if condition.kind == PROFESSION:
        words = f"It is only for {listed(condition.things)}"
        return Requirement(words, condition.is_met, "profession")
    if condition.kind == SECTOR:
        words = f"It is only for agencies of: {listed(condition.things)}"
        return Requirement(words, condition.is_met, "office")
    [course] = condition.things
    what_next = "online" if course.is_elsewhere else "elsewhere"
    what_next = "module" if course.is_module else what_next
    what_next = "sent" if course.pk in sent else what_next
    return Requirement("Complete this first:", condition.is_met, what_next, course)


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
    """Set `late_price`, whether cancelling costs (`is_late`), and both in words (`cancelling`)."""
    policy = BookingPolicy.load()
    for run in dates:
        run.late_price = charging.price_of_an_empty_place(run, policy)
        run.is_late = deadlines.costs_now(run, policy)
        run.cancelling = cancellation.in_words(run, whose="an agency", policy=policy)
