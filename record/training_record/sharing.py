"""Share a training record by expiring link with readers who have no account."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from agencies.models import Person
from lms import links
from lms.models import ActionLink
from lms.refused import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

PURPOSE = "record"
DAYS = (7, 30, 90)
MOST = 10


class SharingRefused(Refused):
    """Expected refusal; the message is shown to the person who asked."""


@transaction.atomic
def share(person: Person, *, days: int, reader: str, by: Person) -> str:
    """Create a link by which anyone reads the record for `days` whole days; return its token.

    It may be used more than once, as a new employer looks again. `reader` is the person's own note
    of whom it is for. Raises SharingRefused.
    """
    if days not in DAYS:
        raise SharingRefused("Choose for how long: 7, 30 or 90 days.")
    Person.objects.select_for_update().get(pk=person.pk)
    if open_links(person).count() >= MOST:
        raise SharingRefused(f"You have {MOST} links that work. End one of them first.")
    last_day = timezone.localdate() + dt.timedelta(days=days)
    until = timezone.make_aware(dt.datetime.combine(last_day, dt.time(23, 59)))
    token = links.create(PURPOSE, person, sent_to=reader, until=until)
    link = links.find(PURPOSE, token)
    history.record("record.shared", person, by=by, now={"link": link.pk, "until": str(until)})
    return token


@transaction.atomic
def end(link: ActionLink, *, by: Person) -> None:
    """Revoke a shared link. Idempotent."""
    person = Person.objects.select_for_update().get(pk=link.about_id)
    if open_links(person).filter(pk=link.pk).exists():
        links.expire(link)
        history.record("record.share_ended", person, by=by, now={"link": link.pk})


def links_of(person: Person) -> QuerySet[ActionLink]:
    """List all links the person has made, newest first."""
    return ActionLink.objects.filter(
        purpose=PURPOSE, about_type="agencies.person", about_id=person.pk
    )


def open_links(person: Person) -> QuerySet[ActionLink]:
    return links_of(person).filter(expires_at__gt=timezone.now())


def reader_of(token: str) -> tuple[ActionLink, Person | None]:
    """Return the link and its person; None for the person if the link or account has ended.

    Raises Http404 for a token that was never issued.
    """
    link = links.find(PURPOSE, token)
    if links.why_refused(link):
        return link, None
    return link, Person.objects.filter(pk=link.about_id, is_active=True).first()
