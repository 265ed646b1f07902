"""Match the names in a meeting to the bookings of a run.

By a verified address, by an earlier match, or by a name that only one of those booked has. Never by
likeness: where it is not certain, the trainer is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.utils import timezone

from courses.attendance.imports.people import Attendee
from courses.models import Booking, MeetingAlias, Run
from courses.rules import completion_rule
from lms.gathering import A_STATEMENT

if TYPE_CHECKING:
    from agencies.models import Person

BY_ADDRESS = "by email address"
AS_BEFORE = "as it was matched before"
BY_NAME = "by name"
LEADS = "leads the meeting"
TRAINER = "trainer of this date"
MACHINE = "records or takes notes"
# Unicode's decomposition (NFKD) leaves these letters as they are.
STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i"})
APOSTROPHES = "'\u2018\u2019\u02bc`"
ASIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
NOT_A_NAME = {"external", "extern", "guest", "unverified"}
# Names of devices are not remembered: the next to join with one may be somebody else.
DEVICES = re.compile(r"\b(ipad|iphone|galaxy|samsung|laptop|phone|zoom|teams|user|guest|host)\b")
MOST_WORDS = 254
MOST_STAYS = 20  # of a shared name, to be matched one by one


@dataclass(frozen=True)
class Match:
    """Booking of somebody in the meeting, and how it was found.

    `how` is empty where the trainer has to choose; with `how`, no booking means left out.
    """

    attendee: Attendee
    booking: int | None = None
    how: str = ""


class Booked:
    """Confirmed bookings of a run, by all that a meeting may know their people by."""

    def __init__(self, run: Run):
        bookings = Booking.objects.confirmed().filter(run=run).select_related("person", "agency")
        self.bookings = completion_rule.by_last_name(bookings)
        by_person = {booking.person_id: booking.pk for booking in self.bookings}
        self.addresses = _verified(by_person)
        self.names = _gathered((folded(b.person.name), b.pk) for b in self.bookings)
        known = MeetingAlias.objects.filter(person__in=by_person)
        self.known = _gathered((row.words, by_person[row.person_id]) for row in known)
        self.trainers = list(run.trainers.all())
        self.trainers_addresses = _verified({person.pk: person.pk for person in self.trainers})

    def labels(self) -> dict[int, str]:
        """Return a label for each booking that tells it from the others."""
        words = {b.pk: f"{b.person.name}, {b.agency.name}" for b in self.bookings}
        alike = Counter(words.values())
        return {
            b.pk: words[b.pk]
            if alike[words[b.pk]] == 1
            else f"{words[b.pk]} ({b.person.email_in_words})"
            for b in self.bookings
        }


def match(booked: Booked, attendees: Iterable[Attendee]) -> list[Match]:
    """Match everybody in the meeting, in its order."""
    attendees = list(attendees)
    given = {attendee.email for attendee in attendees if attendee.email}
    ours = EmailAddress.objects.filter(verified=True, email__in=given)
    others = ours.exclude(user__in=[booking.person_id for booking in booked.bookings])
    others = set(others.values_list("email", flat=True))
    return [_match(booked, attendee, others) for attendee in attendees]


def told_apart(booked: Booked, attendees: Iterable[Attendee]) -> list[Attendee]:
    """Split attendees whose name two or more of those booked have, into one for each stay.

    The trainer can then say of each stay whose it was.
    """
    found = []
    for attendee in attendees:
        stays = attendee.stays if not attendee.email and attendee.minutes is None else ()
        if 1 < len(stays) <= MOST_STAYS and len(_named(booked, attendee)) > 1:
            found += [replace(attendee, stays=(stay,)) for stay in stays]
        else:
            found.append(attendee)
    return found


def remember(
    booked: Booked,
    matches: list[Match],
    chosen: Mapping[int, int | None],
    *,
    by: Person,
) -> None:
    """Remember the address or name of those whom the trainer has matched, for next time.

    `chosen` is by position in `matches`; a remembered match that was corrected is forgotten.
    """
    people = {booking.pk: booking.person_id for booking in booked.bookings}
    new, wrong = [], set()
    for position, booking in chosen.items():
        made = matches[position]
        words = _to_remember(booked, made.attendee)
        if not words or booking == made.booking:
            continue
        if made.how == AS_BEFORE and made.booking:
            wrong.add((words, people[made.booking]))
        if booking:
            person = people[booking]
            new.append(
                MeetingAlias(
                    person_id=person, words=words, matched_at=timezone.now(), matched_by=by
                )
            )
    _forget(wrong)
    MeetingAlias.objects.bulk_create(new, batch_size=A_STATEMENT, ignore_conflicts=True)


def _forget(wrong: set[tuple[str, int]]) -> None:
    """Forget that these words stand for this person."""
    known = MeetingAlias.objects.filter(words__in={words for words, _ in wrong})
    found = [row.pk for row in known if (row.words, row.person_id) in wrong]
    MeetingAlias.objects.filter(pk__in=found).delete()


def folded(name: str) -> str:
    """Normalise a name for comparison: no case, no accents, 'Surname, First' turned round."""
    name = ASIDE.sub(" ", name)
    if name.count(",") == 1:
        surname, first = name.split(",")
        name = f"{first} {surname}"
    parts = unicodedata.normalize("NFKD", name.casefold().translate(STROKES))
    letters = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(
        "".join(c if c.isalnum() else " " for c in letters if c not in APOSTROPHES).split()
    )


def _match(booked: Booked, attendee: Attendee, others: set[str]) -> Match:
    email = attendee.email
    if email in booked.addresses:
        return Match(attendee, booked.addresses[email], BY_ADDRESS)
    if why := _why_left_out(booked, attendee):
        return Match(attendee, None, why)
    if len(known := booked.known.get(email, set()) if email else set()) == 1:
        return Match(attendee, next(iter(known)), AS_BEFORE)
    if email in others:
        return Match(attendee)  # somebody whom we know, and who is not booked
    if len(could_be := _named(booked, attendee)) == 1:
        only = next(iter(could_be))
        is_name = any(only in booked.names.get(name, ()) for name in _names(attendee))
        return Match(attendee, only, BY_NAME if is_name else AS_BEFORE)
    return Match(attendee)


def _why_left_out(booked: Booked, attendee: Attendee) -> str:
    if attendee.is_machine:
        return MACHINE
    if attendee.email in booked.trainers_addresses:
        return TRAINER
    if _named(booked, attendee):
        return ""
    trainers = {folded(person.name) for person in booked.trainers}
    if trainers & set(_names(attendee)):
        return TRAINER
    return LEADS if attendee.leads else ""


def _named(booked: Booked, attendee: Attendee) -> set[int]:
    """Return the bookings of those who have this name, or were matched to it before."""
    return {
        booking
        for name in _names(attendee)
        for known in (booked.names, booked.known)
        for booking in known.get(name, ())
    }


def _names(attendee: Attendee) -> list[str]:
    """List the name shown, and the name before it was changed, which Zoom gives in brackets."""
    asides = [
        aside
        for aside in ASIDE.findall(attendee.name)
        if "/" not in aside and aside.lower() not in NOT_A_NAME
    ]
    return [words for said in (attendee.name, *asides) if (words := folded(said))]


def _to_remember(booked: Booked, attendee: Attendee) -> str:
    """Return the address, else a name of two or more words that no two share, else ''."""
    words = attendee.email or folded(attendee.name)
    if len(words) > MOST_WORDS or len(booked.names.get(words, ())) > 1:
        return ""
    is_common = not attendee.email and (" " not in words or DEVICES.search(words))
    return "" if is_common else words


def _verified(by_person: Mapping[int, int]) -> dict[str, int]:
    rows = EmailAddress.objects.filter(verified=True, user__in=by_person)
    return {email.lower(): by_person[person] for email, person in rows.values_list("email", "user")}


def _gathered(pairs: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    found = defaultdict(set)
    for words, booking in pairs:
        found[words].add(booking)
    return dict(found)
