"""Entries of *This week* about mail and about the phone numbers for a concern."""

from dataclasses import replace

from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from agencies.back_office.double_accounts import DoubleAccounts
from agencies.back_office.listing import as_day
from agencies.leaving import waits
from agencies.models import ConcernContacts, Post
from lms.formatting import day
from lms.mail import holding, outages
from lms.models import LATE_AFTER, Mail
from lms.registries.base import Action, Item
from lms.registries.this_week import Section, WeekEntry


class LateMail(WeekEntry):
    """Mail that has waited too long, and since when the mail server takes none, with its answer."""

    name = "late_mail"
    order = 5
    heading = "Email that waits to be sent"
    quiet = f"No email has waited for more than {LATE_AFTER} minutes."

    def rows(self, viewer):
        mails = Mail.objects.visible_to(viewer).late().order_by("due_at", "pk")
        return mails.only("pk", "to", "subject", "created_at", "last_error", "tries")

    def section(self, viewer):
        section = super().section(viewer)
        if hold := holding.current():
            return replace(section, items=[self.restored(hold), *section.items])
        if not (section.things or outages.current()):
            return section
        down = Item("The mail server", f"{reverse('outbox:index')}?state=late", self.why(viewer))
        return replace(section, items=[down, *section.items])

    def restored(self, hold):
        note = (
            f"The site was restored as it was on {as_day(hold.copied_at)}. It sends no email but "
            "sign-in codes until you say that it is now the site that people use."
        )
        send = Action("Send the email", reverse("restored_copy"), " of this restored copy")
        return Item("This is a restored copy", "", note, actions=(send,))

    def why(self, viewer):
        """Say how many mails wait, since when, what the server said, and what follows."""
        mails = Mail.objects.visible_to(viewer).queued().filter(due_at__lte=timezone.now())
        many = mails.count()
        waits = f"{many} email{'s' if many != 1 else ''} wait{'s' if many == 1 else ''}."
        if outage := outages.current():
            return (
                f"It has taken no email since {as_day(outage.began_at)} ({age(outage.began_at)}). "
                f"{waits} It last said: {outage.last_error}. No offer or request ends until it "
                "is back. Tell whoever looks after this site."
            )
        last = mails.exclude(last_error="").order_by("-last_try_at").first()
        if last:
            return f"{waits} The mail server last said: {last.last_error}."
        return f"{waits} Nobody has tried to send them: tell whoever looks after this site."

    def item(self, mail):
        said = f" The mail server said: {mail.last_error}" if mail.last_error else ""
        note = f"to {mail.to}, written {age(mail.created_at)} ago.{said}"
        return Item(mail.subject, reverse("outbox:inspect", args=[mail.pk]), note)

    def more_address(self):
        return f"{reverse('outbox:index')}?state=late"


def age(moment):
    """Return how long ago a moment was, such as "3 days, 2 hours"."""
    return timesince(moment).replace("\xa0", " ")


class UndeliveredMail(WeekEntry):
    name = "undelivered"
    order = 60
    heading = "Email that did not arrive"
    quiet = "No email was refused by a mail server."

    def rows(self, viewer):
        mails = Mail.objects.visible_to(viewer).undeliverable()
        return mails.only("pk", "to", "subject", "last_try_at", "last_error", "created_at")

    def item(self, mail):
        again = Action(
            "Put right and send again", reverse("outbox:again", args=[mail.pk]), f": {mail.subject}"
        )
        tried = f", last tried {as_day(mail.last_try_at)}" if mail.last_try_at else ""
        said = f" The mail server said: {mail.last_error}" if mail.last_error else ""
        note = f"to {mail.to}, written {age(mail.created_at)} ago{tried}.{said}"
        return Item(mail.subject, reverse("outbox:inspect", args=[mail.pk]), note, again)

    def more_address(self):
        return f"{reverse('outbox:index')}?state=mend"


class NobodyConfirms(WeekEntry):
    """Jobs and line managers to confirm at agencies that have no lead."""

    name = "nobody_confirms"
    order = 55
    heading = "To confirm, because the agency has no lead"
    quiet = "No job or line manager waits for this office."

    def rows(self, viewer):
        return waits.without_a_lead().filter(pk__in=Post.objects.visible_to(viewer))

    def item(self, post):
        words, at = f"{post.person}, {post.agency}", post.agency
        if post.is_waiting:
            address = reverse("job:confirm", args=[post.pk])
            note = f"says that they work there. {at} has no lead: make somebody its lead, or "
            return Item(words, address, f"{note}confirm it yourself.")
        note = f"names {post.line_manager_email} as line manager. {at} has no lead who could "
        return Item(words, reverse("job:edit", args=[post.pk]), f"{note}confirm that.")

    def more_address(self):
        return reverse("job:waiting")


class SharedDomainJobs(WeekEntry):
    """Jobs that only an address at a shared domain confirms, at agencies without a lead."""

    name = "shared_domains"
    order = 56
    heading = "Jobs to check: an email address that many organisations have confirmed them"
    quiet = "No such job waits for this office."

    def rows(self, viewer):
        posts = waits.not_led().visible_to(viewer).proved_by_shared_domain()
        return posts.select_related("person", "agency").order_by("starts_on", "pk")

    def item(self, post):
        note = (
            f"was confirmed by an address at {post.proved_by}, which people of many organisations "
            "have. Confirm the job if they work there, or end it."
        )
        words = f"{post.person}, {post.agency}"
        return Item(words, reverse("job:vouch", args=[post.pk]), note)

    def more_address(self):
        return f"{reverse('job:index')}?state=shared"


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


ENTRIES = [
    LateMail,
    NobodyConfirms,
    SharedDomainJobs,
    DoubleAccounts,
    UndeliveredMail,
    PhoneNumbers,
]
