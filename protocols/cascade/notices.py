"""Mail agencies about a cascade, and decide who in each agency receives it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial

from django.db.models import Q
from django.urls import reverse

from agencies import access, mergers
from agencies.models import Agency, Person, Post
from lms import links
from lms.mail import outbox
from lms.models import Mail
from protocols.models import Dissemination, Edition
from protocols.reminder_days import left_in_words


def notify_readers(
    disseminations: list[Dissemination], kind: str, *, not_before: dt.datetime | None = None
) -> None:
    """Send each person one mail per edition, naming all of their agencies."""
    names = _names(disseminations)
    for edition, to in _readers(disseminations).items():
        told = about(edition) | {"address": links.address(reverse("protocols:agency_protocols"))}
        with outbox.batch():
            outbox.enqueue_each(
                to, partial(_tell_person, kind, edition, to, names, told, not_before)
            )


def notify_staff(disseminations: list[Dissemination], kind: str) -> None:
    """Tell staff to whom their agency emailed a version that it is withdrawn, or put back.

    Once each, whatever became of their job since.
    """
    with outbox.batch():
        for person, one in staff_who_had(disseminations).items():
            told = about(one.edition) | {
                "name": person.name,
                "because": f"You have this email because {one.agency} emailed you this version.",
                "address": links.address(one.edition.page.path_of_page),
                "stop_link": "",
            }
            outbox.enqueue(kind, to=person, about=one, context=told)


def staff_who_had(disseminations: list[Dissemination]) -> dict[Person, Dissemination]:
    """Return the people to whom an agency emailed one of these, each with one of theirs."""
    emailed = {str(one.pk): one for one in disseminations if one.mailed_to}
    mails = Mail.objects.filter(
        template="protocol_cascaded",
        about_type=Dissemination._meta.label_lower,
        about_id__in=list(emailed),
    )
    by_address = {mail.to: emailed[mail.about_id] for mail in mails.only("to", "about_id")}
    staff = Person.objects.filter(is_active=True, email__in=mails.values("to")).order_by("pk")
    return {person: by_address[person.email] for person in staff}


def _tell_person(
    kind: str,
    edition: Edition,
    to: Mapping[Person, list[Dissemination]],
    names: Mapping[int, str],
    told: dict[str, str],
    not_before: dt.datetime | None,
    person: Person,
) -> None:
    theirs = to[person]
    deadline = min(one.deadline_on for one in theirs)
    its = {
        "name": person.name,
        "agencies": "\n".join(f"- {names[one.agency_id]}" for one in theirs),
        "message": theirs[0].message,
        "deadline": f"{deadline:%-d %B %Y}",
        "left": left_in_words(deadline),
    }
    outbox.enqueue(kind, to=person, about=edition, context=told | its, not_before=not_before)


def names_today(disseminations: Iterable[Dissemination]) -> dict[int, str]:
    """Return by agency (pk) the name of the agency that it is today; no query without a merger."""
    agencies = {one.agency_id: one.agency for one in disseminations}
    merged = [pk for pk, agency in agencies.items() if agency.merged_into_id]
    names = {pk: agency.name for pk, agency in agencies.items()}
    if merged:
        today = Agency.objects.filter(pk__in=merged).order_by()
        names |= dict(today.values_list("pk", mergers.name_today("pk")))
    return names


def _names(disseminations: Iterable[Dissemination]) -> dict[int, str]:
    """Return by agency (pk) its name, with that of the one that it is part of today."""
    disseminations = list(disseminations)
    today = names_today(disseminations)
    names = {one.agency_id: one.agency.name for one in disseminations}
    return {
        pk: name if today[pk] == name else f"{name} (now part of {today[pk]})"
        for pk, name in names.items()
    }


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

    That is the contact while they work there, else who answers for the agency, else for its parent.
    """
    disseminations = list(disseminations)
    if not disseminations:
        return {}
    posts = _posts(one.contact_id for one in disseminations)
    lineages, leading = _leading_each(posts)
    working: dict[tuple[int, int | None], list[Person]] = {
        (lineages.today(post.agency_id), post.person_id): [post.person] for post in posts
    }
    return {
        one.pk: working.get((lineages.today(one.agency_id), one.contact_id))
        or leading[one.agency_id]
        for one in disseminations
    }


def mark_unasked(disseminations: Iterable[Dissemination]) -> dict[int, list[Person]]:
    """Mark those that nobody receives, and return the recipients of each that waits."""
    waiting = [one for one in disseminations if not one.is_confirmed]
    readers = who_sees_to(waiting)
    for one in waiting:
        one.has_nobody = not readers[one.pk]
    return readers


def in_numbers(disseminations: list[Dissemination]) -> str:
    """Say how many people were emailed for how many agencies, and how many have nobody to ask."""
    readers = who_sees_to(disseminations)
    people = {person.pk for found in readers.values() for person in found}
    asked = sum(bool(found) for found in readers.values())
    without = len(disseminations) - asked
    sentences = []
    if people:
        many = f"{len(people)} {'person' if len(people) == 1 else 'people'}"
        sentences.append(f"Emailed {many} for {_agencies(asked)}.")
    else:
        sentences.append("Nobody was emailed.")
    if without:
        has = "has" if without == 1 else "have"
        sentences.append(f"{_agencies(without)} {has} nobody to ask: name somebody.")
    return " ".join(sentences)


def _agencies(many: int) -> str:
    return f"{many} agenc{'y' if many == 1 else 'ies'}"


def leading_each() -> dict[int, list[Person]]:
    """Return who receives an agency's mail unless a contact is named, by the pk of each agency."""
    _, leading = _leading_each(_posts())
    return leading


def _leading_each(posts: list[Post]) -> tuple[mergers.Lineages, dict[int, list[Person]]]:
    agencies = list(Agency.objects.only("merged_into", "parent").order_by())
    lineages = mergers.Lineages(agencies)
    leads = access.LeadsByAgency(posts, lineages)
    parents = {one.pk: one.parent_id for one in agencies}
    return lineages, {pk: leads[pk] or leads[parents[lineages.today(pk)] or 0] for pk in parents}


def _posts(contacts: Iterable[int | None] = ()) -> list[Post]:
    """List the current posts of all leads, and of these contacts."""
    wanted = Q(is_lead=True) | Q(person__in={pk for pk in contacts if pk})
    posts = Post.objects.current().filter(wanted, person__is_active=True)
    return list(posts.select_related("person").order_by("person"))
