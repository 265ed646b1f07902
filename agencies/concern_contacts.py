"""Change the phone numbers for a concern about a child, and remind the office to check them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

import history
from agencies.contact_models import NUMBERS
from agencies.models import Board, ConcernContacts, Person
from history.models import Event
from lms import jobs, links
from lms.mail import outbox
from lms.refused import Refused


class ContactsChanged(Refused):
    """Conflict with a save made since the page was opened, as a sentence for the office."""


@transaction.atomic
def save(
    contacts: ConcernContacts,
    values: Mapping[str, str],
    *,
    expected: int,
    checked: bool,
    by: Person,
) -> ConcernContacts:
    """Save these contacts, and record who changed or checked them.

    `expected` is the version that `by` was shown; raises ContactsChanged if there is a newer one.
    Changing a phone number counts as checking it.
    """
    kept = ConcernContacts.objects.select_for_update().get(pk=contacts.pk)
    if kept.version != expected:
        raise ContactsChanged(_since_changed(kept))
    was = {name: getattr(kept, name) for name in values if getattr(kept, name) != values[name]}
    checked = checked or not NUMBERS.keys().isdisjoint(was)
    for name in was:
        setattr(kept, name, values[name])
    if checked:
        kept.checked_on, kept.checked_by = timezone.localdate(), by
    if was or checked:
        kept.version += 1
        kept.save()
    if was:
        now = {name: values[name] for name in was}
        history.record("concern_contacts.changed", kept, by=by, was=was, now=now)
    if checked:
        history.record("concern_contacts.checked", kept, by=by)
    return kept


def _since_changed(contacts: ConcernContacts) -> str:
    last = Event.objects.about(contacts).exclude(by_person=None).first()
    who = last and Person.objects.filter(pk=last.by_person).first()
    return (
        f"{who.name if who else 'Somebody'} saved this page while you had it open, so what you "
        f"entered was not saved. It now says: {'; '.join(_lines(contacts)) or 'no phone number'}. "
        "Open the page again and make your change there."
    )


@jobs.in_words("Remind the office to check the phone numbers for a concern about a child")
@transaction.atomic
def remind_office() -> bool:
    """Email the office that the numbers need a check; again after 3 months without one.

    Nightly. Return whether an email was queued.
    """
    contacts = ConcernContacts.objects.select_for_update().get(pk=ConcernContacts.load().pk)
    if not contacts.is_reminder_due:
        return False
    last, checked = contacts.reminded_on, contacts.checked_on
    again = last is not None and (checked is None or last >= checked)
    contacts.reminded_on = timezone.localdate()
    contacts.save(update_fields=["reminded_on"])
    outbox.enqueue(
        "check_phone_numbers", to=Board.load().email, context=_reminder(contacts), again=again
    )
    history.record("concern_contacts.office_reminded", contacts, by="NIGHTLY")
    return True


def _reminder(contacts: ConcernContacts) -> dict[str, str]:
    page = reverse("wagtailsettings:edit", args=["agencies", "concerncontacts"])
    missing = " and ".join(contacts.missing)
    return {
        "numbers": "\n".join(f"- {line}" for line in _lines(contacts)) or "- Only 999",
        "missing": f"Still to be entered: {missing}." if missing else "",
        "last_check": contacts.last_check,
        "address": links.address(page),
    }


def _lines(contacts: ConcernContacts) -> list[str]:
    return [f"{contact.name}, {contact.telephone}" for contact in contacts.contacts]
