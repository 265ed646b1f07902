"""Decide who is told in place of somebody who has no email address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lms.mail import templates

if TYPE_CHECKING:
    from django.db.models import Model

    from agencies.models import Person


def news_to(person: Person, about: Model | None = None) -> list[Person | str]:
    """List to whom news for this person goes: themself, or whoever tells them.

    Without an address, that is whoever leads the agency that the news is `about`, which has an
    `agency`, or else the agencies of their open jobs; where nobody leads one, the office.
    """
    if person.email:
        return [person]
    agency = getattr(about, "agency_id", None)
    leads = templates.memoised(
        ("tells", agency) if agency else ("tells them", person.pk),
        lambda: _leads(person, agency),
    )
    return [lead for lead in leads if lead.pk != person.pk] or [templates.board().email]


def address_for(person: Person, about: Model | None = None) -> str:
    """Return the first address to which news for this person goes."""
    first = news_to(person, about)[0]
    return first if isinstance(first, str) else first.email or ""


def is_told_by_office(person: Person, about: Model | None = None) -> bool:
    """Return whether the office tells this person, who has no address and no lead."""
    return isinstance(news_to(person, about)[0], str)


def _leads(person: Person, agency: int | None) -> list[Person]:
    posts = person.posts.model.objects
    at = [agency] if agency else list(person.posts.open().values_list("agency", flat=True))
    if not at:
        return []
    agencies = posts.model._meta.get_field("agency").related_model.objects.filter(pk__in=at)
    people = type(person).objects.leading(*agencies)
    return list(people.exclude(email=None).order_by("pk"))
