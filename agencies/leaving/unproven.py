"""Forget accounts whose email address was never proven: anybody can sign up with any address."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.utils import timezone

import history
from agencies.models import Person
from history.models import Event
from lms import jobs

if TYPE_CHECKING:
    from django.db.models import QuerySet

# History of accounts that others made: a lead, a trainer or the office.
MADE_BY_OTHERS = ("person.added", "person.invited", "person.added_without_address")


@jobs.in_words("Forget an account whose email address was never proven")
def forget() -> int:
    """Delete the accounts that are due, one by one; return how many. Nightly job."""
    return jobs.for_all(forget, due(), _forget)


def due() -> QuerySet[Person]:
    """Return accounts that are old enough, never proved an address, and that nothing refers to.

    Accounts that others made are kept: they know the person, whose address waits to be proven too.
    """
    before = timezone.now() - dt.timedelta(days=settings.LMS_UNPROVEN_ACCOUNT_DAYS)
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    made = Event.objects.filter(
        thing_type=Person._meta.label_lower,
        thing_id=Cast(OuterRef("pk"), CharField()),
        action__in=MADE_BY_OTHERS,
    )
    never = Person.objects.filter(
        ~Exists(made.order_by()),
        Exists(addresses.filter(verified=False)),
        ~Exists(addresses.filter(verified=True)),
        joined_at__lt=before,
        last_login=None,
        is_staff=False,
        is_superuser=False,
    )
    for relation in Person._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete:
            model, name = relation.related_model, relation.field.name
            if model is not EmailAddress:
                rows = model._base_manager.filter(**{name: OuterRef("pk")})
                never = never.filter(~Exists(rows.order_by()))
    return never.order_by("pk")


def _forget(people: list[Person]) -> None:
    """Delete those that are still due: one may have proven the address since it was listed."""
    keys = [person.pk for person in people]
    # Nobody proves an address between the look and the deletion.
    list(EmailAddress.objects.select_for_update().filter(user__in=keys).order_by("pk"))
    for person in due().select_for_update(of=["self"]).filter(pk__in=keys):
        history.record("person.never_proven", person, by="NIGHTLY")
        person.delete()
