"""Find accounts that may be of one person, and record that two are of two people.

Two open accounts of one name, folded, at one agency as it is today. The training office and the
agency's lead see it, and nobody else: who signs up could otherwise learn, by giving a colleague's
name, at which other address that colleague has an account. Nothing is merged here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

import history
from agencies import access, mergers
from agencies.models import NO_EMAIL, Person, Post, TwoPeople
from lms.refused import Refused


class NotSettled(Refused):
    """Refusal to record that two accounts are of two people."""


@dataclass(frozen=True)
class Pair:
    """Two accounts that may be of one person, and the agency that they share today."""

    newer: Person
    older: Person
    agency: str


def possible() -> QuerySet[Person]:
    """Return the newer accounts of possible pairs, the newest first."""
    older = _same_named().filter(pk__lt=models.OuterRef("pk"))
    named = Person.objects.filter(is_active=True).exclude(name_key="")
    return named.filter(models.Exists(older)).order_by("-pk")


def has_another() -> models.Exists:
    """Build, for a query of people, whether another account may be of the same person."""
    return models.Exists(_same_named().exclude(pk=models.OuterRef("pk")))


def _same_named() -> QuerySet[Person]:
    """Return open accounts of the outer person's name and agency that are not settled."""
    me = models.OuterRef("pk")
    its = _jobs().alias(at=mergers.today("agency")).filter(at=models.OuterRef("at"))
    its = its.filter(person=models.OuterRef(models.OuterRef(me)))
    shared = _jobs().alias(at=mergers.today("agency"))
    shared = shared.filter(models.Exists(its), person=models.OuterRef("pk"))
    return Person.objects.filter(
        ~_is_settled("pk", me),
        models.Exists(shared),
        is_active=True,
        name_key=models.OuterRef("name_key"),
    ).exclude(name_key="")


def _is_settled(one: str, other: models.OuterRef) -> models.Exists:
    """Build whether the office has found these to be two people; `other` is of the outer query."""
    one_is, other_is = models.OuterRef(one), models.OuterRef(other)
    either = Q(older=one_is, newer=other_is) | Q(older=other_is, newer=one_is)
    return models.Exists(TwoPeople.objects.filter(either))


def _jobs() -> QuerySet[Post]:
    """Return jobs, ended ones too; not those that an agency refused."""
    return Post.objects.exclude(confirmed_at=None, ends_on__isnull=False)


def pairs_of(newer: Iterable[Person]) -> list[Pair]:
    """List the pairs of these newer accounts, in their order, in a fixed number of queries."""
    return _pairs({each.pk: each for each in newer}, is_either=False)


def pairs_with(person: Person) -> list[Pair]:
    """List the pairs in which this account is the newer or the older."""
    return _pairs({person.pk: person}, is_either=True)


def _pairs(wanted: dict[int, Person], *, is_either: bool) -> list[Pair]:
    keys = {each.name_key for each in wanted.values() if each.is_active} - {""}
    if not keys:
        return []
    people = Person.objects.filter(is_active=True, name_key__in=keys).order_by("pk")
    named: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        named[person.name_key].append(person)
    among = [each.pk for some in named.values() for each in some]
    agencies = _agencies_today(among)
    settled = set(TwoPeople.objects.filter(newer__in=among).values_list("older", "newer"))
    found = []
    for some in named.values():
        for at, newer in enumerate(some):
            for older in some[:at]:
                is_wanted = newer.pk in wanted or (is_either and older.pk in wanted)
                shared = agencies[newer.pk].keys() & agencies[older.pk].keys()
                if is_wanted and shared and (older.pk, newer.pk) not in settled:
                    names = sorted(agencies[newer.pk][agency] for agency in shared)
                    found.append(Pair(newer, older, names[0]))
    order = {pk: place for place, pk in enumerate(wanted)}
    return sorted(found, key=lambda pair: (order.get(pair.newer.pk, 0), pair.older.pk))


def _agencies_today(people: list[int]) -> dict[int, dict[int, str]]:
    """Map people to the agencies, as they are today, at which they have or had a job."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    jobs = _jobs().filter(person__in=people).order_by()
    jobs = jobs.annotate(at=mergers.today("agency"), at_name=mergers.name_today("agency"))
    for person, agency, name in jobs.values_list("person", "at", "at_name"):
        found[person][agency] = name
    return found


def with_same_name(posts: QuerySet[Post], viewer: Person) -> QuerySet[Post]:
    """Annotate jobs with `same_name`, the address of somebody else of that name; null if nobody.

    Of somebody without an address it is NO_EMAIL.
    For an agency's lead, who sees nothing here but their own staff.
    """
    staff = Post.objects.current().filter(agency__in=access.agencies_led_by(viewer))
    theirs = staff.filter(
        ~_is_settled("person", models.OuterRef("person")),
        person__is_active=True,
        person__name_key=models.OuterRef("person__name_key"),
    )
    theirs = theirs.exclude(person__name_key="").exclude(person=models.OuterRef("person"))
    address = Coalesce("person__email", models.Value(NO_EMAIL))
    first = theirs.order_by("person").values_list(address)[:1]
    return posts.annotate(same_name=models.Subquery(first))


@transaction.atomic
def are_two_people(one: Person, other: Person, *, by: Person) -> TwoPeople:
    """Record that two accounts are of two people: nobody is asked again. Idempotent."""
    if not access.is_training_administrator(by):
        raise NotSettled("Only the training office can settle this. Ask it to.")
    if one.pk == other.pk:
        raise NotSettled("This is one account. Choose two.")
    older, newer = sorted((one, other), key=lambda each: each.pk)
    list(Person.objects.select_for_update().filter(pk__in=[older.pk, newer.pk]).order_by("pk"))
    found, is_new = TwoPeople.objects.get_or_create(
        older=older, newer=newer, defaults={"found_by": by}
    )
    if is_new:
        now = {"older": older.pk, "newer": newer.pk}
        for person in (older, newer):
            history.record("person.not_the_same", person, by=by, now=now)
    return found
