"""Change accounts (name, address, roles, access) and record the changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction

import history
from agencies import access
from agencies.free_text import names
from agencies.merging.models import Merge
from agencies.models import Person
from agencies.own_account import addresses
from lms import links
from lms.refused import Refused
from lms.registries import leavers

if TYPE_CHECKING:
    from django.contrib.auth.models import Group


# Purpose of the links that sign in once: they end when the account or its address changes.
SIGN_IN_LINK = "sign_in_link"


class AccountRefused(Refused):
    """Refusal whose message tells the user why."""


@transaction.atomic
def rename(person: Person, name: str, *, sort_as: str | None = None, by: Person) -> None:
    """Rename a person, or say how lists sort them; issued certificates keep the old name.

    `sort_as` None: what was said stays while the new name has it.
    """
    if sort_as is None:
        sort_as = person.sort_as if names.has_last_name(name, person.sort_as) else ""
    if (person.name, person.sort_as) != (name, sort_as):
        if person.name != name and (why := names.why_unprintable(name)):
            raise AccountRefused(f"{why}.")
        person.name, person.sort_as = name, sort_as
        person.save(update_fields=["name", "sort_as"])
        history.record("person.renamed", person, by=by)


@transaction.atomic
def save(person: Person, *, groups: Iterable[Group] | None, by: Person) -> Person:
    """Create an account or save the training office's changes to it. `groups` None: unchanged.

    A new address is unverified until a code sent to it is entered.
    """
    refuse_who_may_not(person, by)
    before = Person.objects.filter(pk=person.pk).first()
    if (before is None or before.name != person.name) and (
        why := names.why_unprintable(person.name)
    ):
        raise AccountRefused(f"{why}.")
    was = powers(before) if before else {}
    if not person.pk:
        person.set_unusable_password()
    person.save()
    keep_address(person)
    if groups is not None:
        person.groups.set(groups)
    now = powers(person)
    if before and (was != now or before.email != person.email):
        links.revoke(person, SIGN_IN_LINK)
    if was != now:
        history.record("person.changed" if was else "person.added", person, by=by, was=was, now=now)
    if before and before.email != person.email:
        history.record("person.address_changed", person, by=by)
        addresses.tell_main_address(person, before.email, person.email)
    if was != now and (before or now["groups"]):
        leavers.pass_on()
    return person


def refuse_who_may_not(person: Person, by: Person) -> None:
    if not access.is_training_administrator(by):
        raise AccountRefused("Only the training office may change accounts. Ask it to.")
    if person.is_superuser and not by.is_superuser:
        raise AccountRefused("Only a system administrator may change this account. Ask one to.")
    if into := person.pk and Merge.objects.in_effect().filter(other=person.pk).first():
        raise AccountRefused(f"This account was merged into that of {into.kept}. Change that one.")


def keep_address(person: Person) -> None:
    """Make the person's address, to which sign-in codes go, the primary one."""
    theirs = EmailAddress.objects.filter(user=person)
    if not theirs.filter(email=person.email, primary=True).exists():
        theirs.filter(primary=True).update(primary=False)
        EmailAddress.objects.update_or_create(
            user=person, email=person.email, defaults={"primary": True}
        )


def powers(person: Person) -> dict[str, object]:
    return {
        "is_active": person.is_active,
        "is_staff": person.is_staff,
        "groups": sorted(person.groups.values_list("pk", flat=True)),
    }
