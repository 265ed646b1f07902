"""Find other places that somebody has at the same time, session by session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from courses.models import Booking, Session
from lms.formatting import moment


@dataclass(frozen=True)
class Clash:
    """Another place of the same person, and those of its sessions that overlap."""

    other: Booking
    sessions: list[Session]


def clashing(bookings: Iterable[Booking]) -> dict[int, list[Clash]]:
    """Return by booking (pk) the person's other places whose sessions overlap: two queries."""
    mine = [each for each in bookings if each.state == Booking.State.CONFIRMED]
    if not mine:
        return {}
    places = Booking.objects.confirmed().filter(person__in={each.person_id for each in mine})
    places = places.filter(run__cancelled_at=None).select_related("run__course")
    places = places.prefetch_related("run__sessions").order_by("run__starts_at", "pk")
    of_person = defaultdict(list)
    for place in places:
        of_person[place.person_id].append(place)
    found: dict[int, list[Clash]] = {}
    for theirs in of_person.values():
        found |= among(theirs)
    return {each.pk: found[each.pk] for each in mine if each.pk in found}


def among(places: Sequence[Booking]) -> dict[int, list[Clash]]:
    """Return by booking (pk) which of one person's places overlap; without a query of its own.

    The sessions of each are read already.
    """
    found = {}
    for place in places:
        pairs = ((each, _overlapping(place, each)) for each in places if each.pk != place.pk)
        others = [Clash(each, sessions) for each, sessions in pairs if sessions]
        if others:
            found[place.pk] = others
    return found


def in_words(others: Iterable[Clash]) -> str:
    """Say what else the person has booked at that time; empty where nothing."""
    return " ".join(map(_sentence, others))


def _overlapping(one: Booking, other: Booking) -> list[Session]:
    """List the other's sessions during which one of the first is, in order."""
    return [
        theirs
        for theirs in other.run.sessions.all()
        if any(
            mine.starts_at < theirs.ends_at and theirs.starts_at < mine.ends_at
            for mine in one.run.sessions.all()
        )
    ]


def _sentence(clash: Clash) -> str:
    when = " and ".join(moment(session.starts_at) for session in clash.sessions)
    return (
        f"You also have a place on {clash.other.run.course.title} at the same time: {when}. If you "
        "cannot do both, cancel one of them."
    )
