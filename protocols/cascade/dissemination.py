"""Send editions to agencies, and record their confirmations that staff were told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

import history
from agencies.models import Agency, Person, Post
from lms import links
from lms.mail import outbox
from lms.refused import Refused
from protocols.cascade import notices
from protocols.models import Dissemination, Edition, Receipt


class CascadeRefused(Refused):
    """A cascade or confirmation that was refused; its message is shown to the person."""


@dataclass(frozen=True)
class Account:
    """An agency's confirmation of its cascade; an unknown number is None."""

    cascaded_on: dt.date
    how: list[str]
    reached: int | None = None
    of: int | None = None
    cascaded_by: str = ""
    note: str = ""


@transaction.atomic
def send(
    edition: Edition,
    agencies: Iterable[Agency] | None = None,
    *,
    by: Person,
    message: str,
    deadline: dt.date,
    contacts: Mapping[int, Person] | None = None,
) -> list[Dissemination]:
    """Send the edition to these agencies; by default to all that are not merged.

    Return the new disseminations: agencies that have the edition already are left out. Mail goes to
    each agency's leads, or to its contact in `contacts` (by agency pk). Raises CascadeRefused
    unless the edition is in force, the deadline is in the future and an unmerged agency is left to
    send it to.
    """
    Edition.objects.select_for_update().get(pk=edition.pk)
    chosen = list(Agency.objects.current() if agencies is None else agencies)
    if not edition.is_in_force:
        raise CascadeRefused(f"{edition} is not in force: send the version that is.")
    if deadline <= timezone.localdate():
        raise CascadeRefused("Give a deadline that is still to come.")
    if merged := [agency.name for agency in chosen if agency.merged_into_id]:
        names = ", ".join(merged)
        raise CascadeRefused(f"Merged into another agency: {names}. Choose what it became.")
    have = set(edition.disseminations.values_list("agency", flat=True))
    new = [agency for agency in chosen if agency.pk not in have]
    if not new:
        raise CascadeRefused(
            "All of these agencies have it already: remind them instead."
            if chosen
            else "Choose at least one agency."
        )
    sent = _written(edition, new, by, message.strip(), deadline, contacts or {})
    notices.notify_readers(sent, "protocol_sent")
    return sent


@transaction.atomic
def name_contact(dissemination: Dissemination, person: Person, *, by: Person) -> Dissemination:
    """Name who sees to it at the agency, and send them the version. Idempotent.

    Raises CascadeRefused for somebody who does not work there, and once nobody is asked any more.
    """
    dissemination = lock([dissemination])[dissemination.pk]
    if dissemination.contact_id == person.pk:
        return dissemination
    works_there = Post.objects.current().filter(person=person).at(dissemination.agency)
    if not person.is_active or not works_there.exists():
        raise CascadeRefused(
            f"{person} does not work at {dissemination.agency}, as far as we know."
        )
    if not Dissemination.objects.asked_still().filter(pk=dissemination.pk).exists():
        raise CascadeRefused("Nothing waits for this agency any more, so nobody has to be named.")
    dissemination.contact = person
    dissemination.save(update_fields=["contact"])
    now = {"agency": dissemination.agency_id, "contact": person.pk}
    history.record("dissemination.contact_named", dissemination, by=by, now=now)
    notices.notify_readers([dissemination], "protocol_sent")
    return dissemination


def _written(
    edition: Edition,
    agencies: list[Agency],
    by: Person,
    message: str,
    deadline: dt.date,
    contacts: Mapping[int, Person],
) -> list[Dissemination]:
    sent = Dissemination.objects.bulk_create(
        Dissemination(
            edition=edition,
            agency=agency,
            contact=contacts.get(agency.pk),
            message=message,
            deadline_on=deadline,
            sent_by=by,
        )
        for agency in agencies
    )
    now = {"edition": edition.pk, "deadline": deadline.isoformat()}
    changes: list[history.Change] = [(one, {}, now | {"agency": one.agency_id}) for one in sent]
    history.record_each("dissemination.sent", changes, by=by)
    return sent


@transaction.atomic
def confirm(
    dissemination: Dissemination,
    account: Account,
    *,
    by: Person,
    also_for: Iterable[Dissemination] = (),
) -> Receipt:
    """Record the agency's confirmation; repeating it with the same account is idempotent.

    Raises CascadeRefused if it was confirmed with another account. `also_for` are disseminations of
    the same edition to agencies whose staff are in these figures, such as its practices or schools:
    they are confirmed with it and counted in it.
    """
    others = [other for other in also_for if other.pk != dissemination.pk]
    locked = lock([dissemination, *others])
    first = locked.pop(dissemination.pk)
    _refuse_account(account, first, locked.values())
    if first.is_confirmed:
        if Account(**account_of(first.receipt)) == account:
            return first.receipt
        raise CascadeRefused(
            f"{first.receipt.given_by} has confirmed this already. Correct what is there instead."
        )
    receipt = _give(first, by, **vars(account))
    for other in locked.values():
        if not other.is_confirmed:
            common = {"cascaded_on": account.cascaded_on, "how": account.how}
            _give(other, by, counted_in=receipt, **common)
    return receipt


def _give(dissemination: Dissemination, by: Person, **said: Any) -> Receipt:
    receipt = Receipt.objects.create(dissemination=dissemination, given_by=by, **said)
    counted_in = said.get("counted_in")
    now = _facts(receipt) | ({"counted_in": counted_in.pk} if counted_in else {})
    history.record("receipt.given", receipt, by=by, now=now)
    return receipt


@transaction.atomic
def correct(receipt: Receipt, account: Account, *, by: Person) -> Receipt:
    """Correct a confirmation; the history keeps its earlier values."""
    dissemination = lock([receipt.dissemination])[receipt.dissemination_id]
    _refuse_account(account, dissemination, ())
    receipt = dissemination.receipt
    if receipt.counted_in_id:
        raise CascadeRefused("This is counted in another confirmation. Correct that one instead.")
    was = _facts(receipt)
    for name, value in vars(account).items():
        setattr(receipt, name, value)
    receipt.given_by, receipt.given_at = by, timezone.now()
    receipt.save()
    history.record("receipt.corrected", receipt, by=by, was=was, now=_facts(receipt))
    return receipt


def _facts(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt's facts for the history, without free text that might name somebody."""
    return {
        "dissemination": receipt.dissemination_id,
        "cascaded_on": receipt.cascaded_on.isoformat(),
        "how": receipt.how,
        "reached": receipt.reached,
        "of": receipt.of,
    }


def account_of(receipt: Receipt) -> dict[str, Any]:
    return {name: getattr(receipt, name) for name in Account.__dataclass_fields__}


def _refuse_account(
    account: Account, dissemination: Dissemination, others: Iterable[Dissemination]
) -> None:
    sent_on = timezone.localdate(dissemination.sent_at)
    if any(other.edition_id != dissemination.edition_id for other in others):
        raise CascadeRefused("Each version is confirmed by itself.")
    if not account.how:
        raise CascadeRefused("Say how it was passed on.")
    if not sent_on <= account.cascaded_on <= timezone.localdate():
        raise CascadeRefused(f"Give a day from {sent_on:%-d %B %Y}, when it was sent, to today.")
    if account.reached is not None and account.of is not None and account.reached > account.of:
        raise CascadeRefused(
            "It cannot have reached more people than there are. Check both numbers, and leave out"
            " one that you do not know."
        )


def lock(disseminations: list[Dissemination]) -> dict[int, Dissemination]:
    """Lock and reload disseminations, by primary key; always in one order, against deadlocks."""
    pks = [one.pk for one in disseminations]
    locked = Dissemination.objects.select_for_update(of=["self"]).filter(pk__in=pks)
    locked = locked.select_related("edition", "agency").defer("edition__html", "edition__data")
    return {one.pk: one for one in locked.order_by("pk")}


@transaction.atomic
def mail_to_staff(dissemination: Dissemination, *, by: Person) -> int:
    """Mail the link to each person who works at the agency today; return how many.

    The lead, who presses this, tells those without an email address: the page says so.
    Raises CascadeRefused the second time, and if the edition was withdrawn or replaced.
    """
    dissemination = lock([dissemination])[dissemination.pk]
    if dissemination.mailed_to is not None:
        raise CascadeRefused(
            "This version has been emailed to your staff already. Tell those who have come since."
        )
    if Dissemination.objects.with_end().exclude(ended="").filter(pk=dissemination.pk).exists():
        raise CascadeRefused(
            "This version was withdrawn, or you have a newer one: do not pass this one on."
        )
    posts = Post.objects.current().at(dissemination.agency)
    staff = Person.objects.filter(is_active=True, email__isnull=False)
    staff = staff.filter(pk__in=posts.values("person")).order_by("pk")
    told = notices.about(dissemination.edition) | {
        "agency": notices.names_today([dissemination])[dissemination.agency_id],
        "address": links.address(dissemination.edition.page.path_of_page),
    }

    def tell(person: Person) -> None:
        context = told | {"name": person.name}
        outbox.enqueue("protocol_cascaded", to=person, about=dissemination, context=context)

    with outbox.batch():
        outbox.enqueue_each(staff, tell)
    dissemination.mailed_to = len(staff)
    dissemination.save(update_fields=["mailed_to"])
    now = {"people": dissemination.mailed_to}
    history.record("dissemination.mailed_to_staff", dissemination, by=by, now=now)
    return dissemination.mailed_to
