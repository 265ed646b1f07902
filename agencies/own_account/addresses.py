"""Tell both addresses when an address of an account changes, and record it in history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

import history
from lms.mail import outbox

if TYPE_CHECKING:
    from agencies.models import Person

KIND = "addresses_changed"
# Subjects, which name no address: some are read on a locked phone.
ADDED = "An email address was added to your account"
REMOVED = "An email address was removed from your account"
FIRST = "We have your email address now"
EXCHANGED = "Your emails now go to another address"


def note_added(sender, request, user, email_address, **kwargs) -> None:
    """Tell of a second address, which can sign in from now on; connected to allauth's signal."""
    change = f"{email_address.email} was added to your account. You can sign in with it."
    _note("person.address_added", user, ADDED, change, [user.email, email_address.email])


def note_primary(sender, request, user, from_email_address, to_email_address, **kwargs) -> None:
    """Tell of another main address; connected to allauth's signal."""
    old = from_email_address.email if from_email_address else user.email
    history.record("person.address_changed", user, by=user)
    tell_main_address(user, old, to_email_address.email)


def note_removed(sender, request, user, email_address, **kwargs) -> None:
    """Tell of an address that is gone, itself too if it was ever proven."""
    change = f"{email_address.email} was removed from your account. It can’t sign in any more."
    gone = [email_address.email] if email_address.verified else []
    _note("person.address_removed", user, REMOVED, change, [user.email, *gone])


def tell_main_address(person: Person, old: str | None, new: str) -> None:
    """Write to both addresses that our emails go to the new one; to the first that they have."""
    change = f"We’ll send your emails to {new} from now on"
    if old:
        _tell(person, EXCHANGED, f"{change}, and no longer to {old}.", [old, new])
    else:
        _tell(person, FIRST, f"{change}. You can sign in with it.", [new])


def _note(action: str, person: Person, what: str, change: str, addresses: Iterable[str]) -> None:
    history.record(action, person, by=person)
    _tell(person, what, change, addresses)


def _tell(person: Person, what: str, change: str, addresses: Iterable[str]) -> None:
    context = {
        "name": person.name,
        "what": what,
        "change": change,
        "address": settings.SITE_URL + reverse("account_email"),
    }
    for address in dict.fromkeys(addresses):
        if outbox.can_reach(address):
            outbox.enqueue(KIND, to=address, about=person, context=context)
