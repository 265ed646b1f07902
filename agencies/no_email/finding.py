"""Find people by name, where nobody is taken for another without a press."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from django.db.models import Q

from agencies.free_text import names
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person, PersonQuerySet

NUMBER = re.compile(r"(?P<name>.*?)[\s,]*\bnumber\s*(?P<number>\d{1,12})", re.IGNORECASE)
AT_MOST = 10
# How alike two folded names are at least, so that one is shown beside the other.
ALIKE = 0.85


class NotFound(Refused):
    """Refusal of words that mean nobody for certain; it says what to enter."""


def as_typed(person: Person) -> str:
    """Return what names this person, who has no address, and nobody else."""
    return f"{person.name}, number {person.pk}"


def person_at(typed: str, people: PersonQuerySet) -> Person:
    """Return the person whose address this is; of those without one, by name with its number.

    A name alone never stands for somebody: the refusal says who has it, and what to enter.
    """
    typed = " ".join(typed.split())
    if "@" in typed:
        main = people.filter(email=typed.lower())
        if found := main.first() or people.with_address(typed.lower()).first():
            return found
        raise NotFound("Nobody has this address. Add the person first.")
    without = people.filter(email=None).exclude(name_key="")
    if by_number := NUMBER.fullmatch(typed):
        found = without.filter(pk=int(by_number["number"])).first()
        if found and names.key(by_number["name"]) in ("", found.name_key):
            return found
        raise NotFound("Nobody without an email address has this name and number. Check both.")
    same = list(without.filter(name_key=names.key(typed)).order_by("pk")[:AT_MOST])
    if not same:
        raise NotFound(
            "Enter an email address, or the full name of somebody who has none. Add the person "
            "first if they are not here yet."
        )
    raise NotFound(
        "We need to know which person you mean, as names are not enough. Enter "
        + ", or ".join(f"“{as_typed(one)}” {_known_as(one)}" for one in same)
    )


def _known_as(person: Person) -> str:
    job = person.posts.open().select_related("agency").first()
    return f"for the one at {job.agency} ({job.title})" if job else "for the one without a job"


def alike(name: str, people: PersonQuerySet) -> list[Person]:
    """List open accounts among these whose name is this one or much like it, the same first."""
    key = names.key(name)
    first, last = key.partition(" ")[0], key.rpartition(" ")[2]
    if not key:
        return []
    # The same first or last word; what is alike is decided among those.
    near = Q(name_key=key) | Q(name_key__endswith=f" {last}") | Q(name_key__startswith=f"{first} ")
    near |= Q(name_key__startswith=f"{last} ")
    found = people.filter(near, is_active=True).exclude(name_key="").order_by("pk")
    close = [one for one in found if are_alike(key, one.name_key)]
    return sorted(close, key=lambda one: (one.name_key != key, one.pk))[:AT_MOST]


def somebody_new(doubles: list[Person]) -> str:
    """Return the choice that somebody is none of these: of other people it says nothing."""
    return "-".join(["new", *(str(one.pk) for one in doubles)])


def are_alike(one: str, other: str) -> bool:
    """Return whether two folded names may be of one person."""
    mine, theirs = one.split(), other.split()
    if sorted(mine) == sorted(theirs):
        return True
    if mine[-1] == theirs[-1] and len(mine) > 1 and len(theirs) > 1:
        first, second = sorted((mine[0], theirs[0]), key=len)
        if second.startswith(first):
            return True
    return SequenceMatcher(None, one, other).ratio() >= ALIKE
