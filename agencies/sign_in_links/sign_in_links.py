"""Send a caller a link that signs them in once within 60 minutes, and accept it.

The code that the sign-in page sends is good for 15 minutes, in the browser that asked for it. The
link takes the code's place and no other step's: staff still give their second factor.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

import history
from agencies import access, accounts
from agencies.models import Person
from lms import links
from lms.formatting import clock_time, day_and_time
from lms.links import LinkRefused
from lms.mail import outbox
from lms.models import ActionLink, Mail
from lms.refused import Refused

PURPOSE = KIND = accounts.SIGN_IN_LINK
GOOD_FOR = dt.timedelta(minutes=60)
MOST_AN_HOUR = 3
ASK_AGAIN = "Ask the training office for a new one, or ask for a code on the sign-in page."


class NotSent(Refused):
    """Refusal to send a link, as a sentence for the office."""


def why_not(person: Person) -> str:
    """Return why no link can be sent to this person; "" if one can."""
    if not person.email:
        return "They have no email address. Add one first."
    if not access.may_sign_in(person):
        return "Their account is closed, so they cannot sign in. Open it under People first."
    if not outbox.can_reach(person.email):
        return "They have no address that can receive email. Correct the address first."
    return ""


@transaction.atomic
def send(person: Person, *, by: Person) -> None:
    """Email the person a link for 60 minutes; links that were sent before stop working.

    Raises AccountRefused or NotSent.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    accounts.refuse_who_may_not(person, by)
    if refusal := why_not(person) or _why_too_many(person):
        raise NotSent(refusal)
    links.revoke(person, PURPOSE)
    until = timezone.now() + GOOD_FOR
    token = links.create(PURPOSE, person, sent_to=person.email, until=until)
    context = {
        "name": person.name,
        "email": person.email,
        "until": clock_time(until),
        "until_moment": day_and_time(until),
        "sign_in_link": links.address(reverse("agencies:sign_in_link", args=[token])),
    }
    outbox.enqueue(KIND, to=person, about=person, context=context)
    history.record("person.sign_in_link_sent", person, by=by)


def why_not_copied(letter: Mail) -> str:
    """Return why no copy of this mail goes to any address: it signs somebody in. "" if one may.

    The mails of allauth, without a template of ours, may hold a code.
    """
    if letter.template in ("", KIND):
        return (
            "An email about signing in is good for minutes only. The person must ask for a new one."
        )
    return ""


def _why_too_many(person: Person) -> str:
    since = timezone.now() - dt.timedelta(hours=1)
    lately = ActionLink.objects.filter(
        purpose=PURPOSE,
        about_type=Person._meta.label_lower,
        about_id=str(person.pk),
        made_at__gt=since,
    )
    moments = list(lately.order_by("made_at").values_list("made_at", flat=True))
    if len(moments) < MOST_AN_HOUR:
        return ""
    again = moments[-MOST_AN_HOUR] + dt.timedelta(hours=1, minutes=1)
    return (
        f"{MOST_AN_HOUR} links have been sent to them in the last hour. Try again at "
        f"{clock_time(again)}."
    )


def owner_of(link: ActionLink) -> Person | None:
    return Person.objects.filter(pk=link.about_id).first()


def why_refused(link: ActionLink, person: Person | None) -> str:
    """Return why the link signs nobody in, or "" while it does.

    Whatever changed the address or closed the account, the link is of how they were.
    """
    if person is None or not access.may_sign_in(person) or person.email != link.sent_to:
        return f"This link does not work any more. {ASK_AGAIN}"
    why = links.why_refused(link)
    return f"{why} {ASK_AGAIN}" if why else ""


@transaction.atomic
def use(link: ActionLink) -> Person:
    """Spend the link and return whom it signs in. Raises LinkRefused."""
    person = Person.objects.select_for_update().filter(pk=link.about_id).first()
    link.refresh_from_db()
    refused = why_refused(link, person)
    if refused or person is None:
        raise LinkRefused(refused)
    links.redeem(link)
    history.record("person.signed_in_by_link", person, by=person, now={"link": link.pk})
    return person
