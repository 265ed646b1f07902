"""Entries of *This week* about mail and about the phone numbers for a concern."""

from django.urls import reverse

from agencies.back_office.listing import as_day
from agencies.models import ConcernContacts
from lms.formatting import day
from lms.models import Mail
from lms.registries.base import Action, Item
from lms.registries.this_week import Section, WeekEntry


class UndeliveredMail(WeekEntry):
    name = "undelivered"
    order = 60
    heading = "Mail that did not arrive"
    quiet = "All mail was delivered or is on its way."

    def rows(self, viewer):
        mails = Mail.objects.visible_to(viewer).undeliverable()
        return mails.only("pk", "to", "subject", "last_try_at")

    def item(self, mail):
        again = Action(
            "Put right and send again", reverse("outbox:again", args=[mail.pk]), f": {mail.subject}"
        )
        note = f"to {mail.to}, {as_day(mail.last_try_at)}."
        return Item(mail.subject, reverse("outbox:inspect", args=[mail.pk]), note, again)

    def more_address(self):
        return f"{reverse('outbox:index')}?state=mend"


class PhoneNumbers(WeekEntry):
    """State of the phone numbers for a concern: one thing to do, or none."""

    name = "contacts"
    order = 80
    heading = "Worried about a child? The phone numbers"

    def section(self, viewer):
        contacts = ConcernContacts.load()
        if contacts.needs_check:
            return Section(self.heading, [contacts], [self.item(contacts)])
        checked = f"{contacts.last_check} Check them again by {day(contacts.check_by)}."
        return Section(self.heading, quiet=checked)

    def item(self, contacts):
        missing = " and ".join(contacts.missing)
        hidden = f"Not shown to anybody until you enter {missing}. " if missing else ""
        address = reverse("wagtailsettings:edit", args=["agencies", "concerncontacts"])
        return Item("Check the phone numbers", address, hidden + contacts.last_check)
