"""Find other places that somebody has at the same time, session by session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from courses.models import Booking
from lms.formatting import moment


def clashing(bookings: Iterable[Booking]) -> dict[int, list[Booking]]:
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
    found: dict[int, list[Booking]] = {}
    for theirs in of_person.values():
        found |= among(theirs)
    return {each.pk: found[each.pk] for each in mine if each.pk in found}


def among(places: Sequence[Booking]) -> dict[int, list[Booking]]:
    """Return by booking (pk) which of one person's places overlap; without a query of its own.

    The sessions of each are read already.
    """
    found = {}
    for place in places:
        others = [each for each in places if each.pk != place.pk and _overlap(place, each)]
        if others:
            found[place.pk] = others
    return found


def in_words(others: Iterable[Booking]) -> str:
    """Say what else the person has booked at that time; empty where nothing."""
    return " ".join(map(_sentence, others))


def _overlap(one: Booking, other: Booking) -> bool:
    return any(
        a.starts_at < b.ends_at and b.starts_at < a.ends_at
        for a in one.run.sessions.all()
        for b in other.run.sessions.all()
    )


def _sentence(other: Booking) -> str:
    run = other.run
    when = f": {moment(run.starts_at)}" if run.starts_at else ""
    return (
        f"You also have a place on {run.course.title} at the same time{when}. If you cannot do "
        "both, cancel one of them."
    )
