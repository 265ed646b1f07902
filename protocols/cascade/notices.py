"""Mail agencies about a cascade, and decide who in each agency receives it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial

from django.db.models import Q
from django.urls import reverse

from agencies.models import Agency, Person, Post
from lms import links
from lms.mail import outbox
from protocols.models import Dissemination, Edition


def notify_readers(
    disseminations: list[Dissemination], kind: str, *, not_before: dt.datetime | None = None
) -> None:
    """Send each person one mail per edition, naming all of their agencies."""
    for edition, to in _readers(disseminations).items():
        told = about(edition) | {"address": links.address(reverse("protocols:agency_protocols"))}
        with outbox.batch():
            outbox.enqueue_each(to, partial(_tell_person, kind, edition, to, told, not_before))


def _tell_person(
    kind: str,
    edition: Edition,
    to: Mapping[Person, list[Dissemination]],
    told: dict[str, str],
    not_before: dt.datetime | None,
    person: Person,
) -> None:
    theirs = to[person]
    its = {
        "name": person.name,
        "agencies": "\n".join(f"- {one.agency}" for one in theirs),
        "message": theirs[0].message,
        "deadline": f"{min(one.deadline_on for one in theirs):%-d %B %Y}",
    }
    outbox.enqueue(kind, to=person, about=edition, context=told | its, not_before=not_before)


def about(edition: Edition) -> dict[str, str]:
    return {
        "protocol": edition.title,
        "version": edition.label,
        "in_force_from": f"{edition.in_force_from:%-d %B %Y}",
        "reason": edition.withdrawn_reason or edition.reason,
    }


def _readers(
    disseminations: list[Dissemination],
) -> dict[Edition, dict[Person, list[Dissemination]]]:
    editions: dict[Edition, dict[Person, list[Dissemination]]] = defaultdict(
        lambda: defaultdict(list)
    )
    who = who_sees_to(disseminations)
    for one in disseminations:
        for person in who[one.pk]:
            editions[one.edition][person].append(one)
    return editions


def who_sees_to(disseminations: Iterable[Dissemination]) -> dict[int, list[Person]]:
    """Return the recipients of each dissemination, by its primary key.

    That is the contact while they work there, else the agency's leads; then the leads of the agency
    it was merged into, else of its parent.
    """
    disseminations = list(disseminations)
    if not disseminations:
        return {}
    posts = _posts(one.contact_id for one in disseminations)
    leading = leading_each(posts)
    working: dict[tuple[int, int | None], list[Person]] = {
        (post.agency_id, post.person_id): [post.person] for post in posts
    }
    return {
        one.pk: working.get((one.agency_id, one.contact_id)) or leading[one.agency_id]
        for one in disseminations
    }


def leading_each(posts: list[Post] | None = None) -> dict[int, list[Person]]:
    """Return the leads who receive an agency's mail, by the pk of each agency."""
    agencies = {agency.pk: agency for agency in Agency.objects.all()}
    leads: dict[int, list[Person]] = defaultdict(list)
    for post in _posts() if posts is None else posts:
        if post.is_lead:
            leads[post.agency_id].append(post.person)
    return {pk: _leading(agency, agencies, leads) for pk, agency in agencies.items()}


def _posts(contacts: Iterable[int | None] = ()) -> list[Post]:
    """List the current posts of all leads, and of these contacts."""
    wanted = Q(is_lead=True) | Q(person__in={pk for pk in contacts if pk})
    posts = Post.objects.current().filter(wanted, person__is_active=True)
    return list(posts.select_related("person").order_by("person"))


def _leading(
    agency: Agency, agencies: dict[int, Agency], leads: dict[int, list[Person]]
) -> list[Person]:
    for _ in range(3):  # As many mergers as `access.agencies_led_by` follows.
        if found := leads.get(agency.pk):
            return found
        if not agency.merged_into_id:
            break
        agency = agencies[agency.merged_into_id]
    return leads.get(agency.pk) or leads.get(agency.parent_id or 0) or []
