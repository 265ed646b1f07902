"""Describe a date as the office wants it, and say what of it cannot be so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from django.utils import timezone

from courses.models import Course, Mark, Run, Session
from lms.formatting import weekday

if TYPE_CHECKING:
    from agencies.models import Sector
    from courses.models import Venue

# Fields of Run that decide who gets a place, besides places and reserves.
RULES = ("agency_cap", "asks_approval", "freed_places", "priority_rule")
# Fields of Run that say what is given, where, and when it can be booked.
FACTS = (
    "venue", "link", "format", "joining_instructions", "minimum", "booking_opens_at",
    "booking_closes_at",
)  # fmt: skip
DETAILS = (*FACTS, *RULES, "places")


class Details(TypedDict, total=False):
    """Fields of a run that the office decides: DETAILS."""

    venue: Venue | None
    link: str
    format: str
    joining_instructions: str
    minimum: int
    booking_opens_at: dt.datetime | None
    booking_closes_at: dt.datetime | None
    agency_cap: int | None
    asks_approval: bool
    freed_places: str
    priority_rule: str
    places: int | None


@dataclass(frozen=True)
class PlannedSession:
    """Session as requested; `pk` of the one that it changes, None for a new one."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    name: str = ""
    is_essential: bool = False
    pk: int | None = None


@dataclass(frozen=True)
class RequestedReserve:
    """Reserve as requested: places for a sector, until they are free for everybody."""

    sector: Sector
    places: int
    release_on: dt.date


def usual_format(course: Course, venue: Venue | None, link: str) -> str:
    """Return the format of a date for which none is chosen: its course's, else by its place."""
    by_place = Run.Format.ONLINE if link and not venue else Run.Format.CLASSROOM
    return course.format or by_place


def why_wrong(course: Course, details: Mapping[str, Any]) -> dict[str, str]:
    """Map each of these details of a date that cannot be so to the sentence that says why."""
    if not course.has_dates:
        how = f"given online by {course.provider}" if course.is_elsewhere else "e-learning"
        return {"course": f"{course} is {how}, so it has no dates. Choose another course."}
    wrong = {}
    venue, link, format = (details.get(name) for name in ("venue", "link", "format"))
    if course.kind == Course.Kind.BRIEFING and not (venue or link):
        wrong["venue"] = "A briefing needs a venue or a link. Give one of them."
    elif format in (Run.Format.ONLINE, Run.Format.HYBRID) and not link:
        wrong["link"] = "A virtual classroom needs the link to join it. Enter it here."
    elif format in (Run.Format.CLASSROOM, Run.Format.HYBRID) and not venue:
        wrong["venue"] = "A classroom course needs a venue. Choose one."
    places = details.get("places")
    if places is not None and (details.get("minimum") or 0) > places:
        wrong["minimum"] = (
            "The minimum cannot be more than the places. Lower it, or raise the places."
        )
    if details.get("agency_cap") == 0:
        wrong["agency_cap"] = "Give at least 1, or leave it empty for no cap."
    opens, closes = details.get("booking_opens_at"), details.get("booking_closes_at")
    if opens and closes and closes <= opens:
        wrong["booking_closes_at"] = "Booking must close after it opens. Give a later moment."
    return wrong


def why_sessions_wrong(sessions: Iterable[PlannedSession]) -> str:
    """Return why a date cannot have these sessions; empty if it can."""
    times = sorted((session.starts_at, session.ends_at) for session in sessions)
    if not times:
        return "Give at least one session with its times."
    if any(ends <= starts for starts, ends in times):
        return "The end must be after the start. Give a later time."
    if any(starts < ends for (_, ends), (starts, _) in zip(times, times[1:], strict=False)):
        return "Two sessions overlap. Put their times right."
    return ""


def why_not_removed(run: Run, sessions: Collection[Session]) -> str:
    """Return why these sessions of the run cannot be removed; empty if they can."""
    if sessions and Mark.objects.filter(session__in=sessions).exists():
        return "A session whose register has marks cannot be removed. Keep it."
    if sessions and run.bookings.live().exists():
        return (
            "People are booked, so a session cannot be removed: change its times instead, or "
            "cancel this date."
        )
    return ""


def why_not_moved(sessions: Iterable[Session], planned: Iterable[PlannedSession]) -> str:
    """Return why these sessions cannot have the times planned; empty if they can.

    What has begun and has marks took place at its times, and the marks are of those.
    """
    wanted = {plan.pk: _minutes(plan) for plan in planned if plan.pk}
    begun = [each for each in sessions if each.starts_at <= timezone.now()]
    moved = [each for each in begun if wanted.get(each.pk, _minutes(each)) != _minutes(each)]
    marked = set(Mark.objects.filter(session__in=moved).values_list("session", flat=True))
    for session in moved:
        if session.pk in marked:
            return (
                f"The session of {weekday(timezone.localdate(session.starts_at))} has begun and "
                "its register has marks, so its times cannot change. To teach it again or to "
                "finish it on another day, add a new date. To change who was there, use the "
                "register."
            )
    return ""


def _minutes(session: Session | PlannedSession) -> list[dt.datetime]:
    """Return when it begins and ends, as exactly as forms show it."""
    times = (session.starts_at, session.ends_at)
    return [moment.replace(second=0, microsecond=0) for moment in times]


def why_reserves_wrong(reserves: Collection[RequestedReserve], places: int | None) -> str:
    """Return why a date with so many places cannot have these reserves; empty if it can."""
    if len({reserve.sector for reserve in reserves}) != len(reserves):
        return "A sector has one reserve only: put its places together."
    kept = sum(reserve.places for reserve in reserves)
    if places is not None and kept > places:
        return f"{kept} places are reserved, and the date has only {places}."
    return ""
