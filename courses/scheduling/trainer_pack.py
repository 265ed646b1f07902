"""Collect what a trainer needs on the day: participants, numbers and access needs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from courses.models import Booking, Run
from courses.rules import completion_rule


@dataclass(frozen=True)
class Pack:
    """Participants of one run as of now, including access needs, for the trainer alone."""

    bookings: list[Booking]
    trainers: int

    @property
    def by_agency(self) -> list[tuple[str, int]]:
        return _counted(booking.agency.name for booking in self.bookings)

    @property
    def by_profession(self) -> list[tuple[str, int]]:
        return _counted(
            booking.role_group.name if booking.role_group else "Not given"
            for booking in self.bookings
        )

    @property
    def with_needs(self) -> list[Booking]:
        return [booking for booking in self.bookings if booking.access_needs]

    @property
    def with_answers(self) -> list[Booking]:
        return [booking for booking in self.bookings if booking.pre_course_answers]

    @property
    def to_cater_for(self) -> str:
        places, trainers = _many(len(self.bookings), "place"), _many(self.trainers, "trainer")
        return f"{len(self.bookings) + self.trainers}: {places} and {trainers}"


def pack_of(run: Run) -> Pack:
    bookings = Booking.objects.confirmed().filter(run=run)
    bookings = bookings.select_related("person", "agency", "role_group")
    return Pack(completion_rule.by_last_name(bookings), len(run.trainers.all()))


def _counted(names) -> list[tuple[str, int]]:
    """Count names, most frequent first, then by name."""
    return sorted(Counter(names).items(), key=lambda each: (-each[1], each[0]))


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
