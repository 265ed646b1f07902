"""Outbox for the training office: read mails, and correct and resend failed ones."""

import django_filters
from django import forms
from django.db import transaction
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

import history
from agencies import accounts
from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import DayColumn, as_day
from agencies.back_office.read_only import ReadOnlyDetailView, ReadOnlyIndexView, ReadOnlyViewSet
from agencies.models import Person
from agencies.sign_in_links import sign_in_links
from lms import links
from lms.mail import outbox
from lms.models import LATE_AFTER, Mail
from lms.refused import Refused


class ResendRefused(Refused):
    """Reason why a mail is not resent, as a sentence for the office."""


def may_be_read(letter):
    """Return whether staff may read it: allauth's mails may contain a sign-in code."""
    return bool(letter.template)


def why_not_again(letter):
    """Return why this mail is not resent, as a sentence; empty when it can be."""
    if letter.state != Mail.FAILED:
        return (
            "Only an email that was not delivered is sent again here. Any other can be sent again "
            "from the page of its person."
        )
    if letter.resends.exists():
        return (
            "This email has already been sent again. Look for the newer one in the list of emails."
        )
    return sign_in_links.why_not_copied(letter)


def first_missed(letter):
    return next(iter(letter.missed), letter.to)


def addressee(letter):
    """Return the account whose address failed, if any."""
    return Person.objects.filter(email=first_missed(letter)).first()


def put_right(person, email, *, by):
    """Change the account's address to this one."""
    if person is None:
        return
    if Person.objects.filter(email=email).exclude(pk=person.pk).exists():
        raise ResendRefused(
            "This address is another person's. Send this email there without changing the account, "
            "or look at the two accounts first."
        )
    person.email = email
    try:
        accounts.save(person, groups=None, by=by)
    except accounts.AccountRefused as refused:
        raise ResendRefused(str(refused)) from refused


@transaction.atomic
def send_again(letter, *, to, by, person_too=False):
    """Resend a mail once, and record who asked for it.

    It goes to those not reached, at the address `to`, which also becomes the person's if
    `person_too`.
    """
    letter = Mail.objects.select_for_update().get(pk=letter.pk)
    if sentence := why_not_again(letter):
        raise ResendRefused(sentence)
    moved = to != first_missed(letter)
    if moved and person_too:
        put_right(addressee(letter), to, by=by)
    again = outbox.resend(letter, by=by, to=to)
    history.record("mail.sent_again", letter, by=by, now={"as": again.pk, "other_address": moved})
    return again


class MailFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[
            ("mend", "Not delivered, to be mended"),
            ("late", f"Has waited more than {LATE_AFTER} minutes"),
            *Mail.STATES,
        ],
        method="in_state",
        widget=forms.RadioSelect,
        empty_label="All",
    )

    class Meta:
        model = Mail
        fields = []

    def in_state(self, mails, name, state):
        listed = {"mend": mails.undeliverable, "late": mails.late}
        return listed[state]() if state in listed else mails.filter(state=state)


# Large fields that the list does not show.
NOT_LISTED = ("text", "html", "attachments", "headers", "refused", "reached")


class MailIndexView(ReadOnlyIndexView):
    page_title = "Emails"

    in_words = {"state": dict(Mail.STATES)}

    def get_base_queryset(self):
        mails = super().get_base_queryset()
        return mails if self.is_export else mails.defer(*NOT_LISTED)

    @property
    def columns(self):
        return [
            self.title_column("subject", label="Subject"),
            Column("to", label="To", sort_key="to"),
            DayColumn("created_at", label="Written", sort_key="created_at"),
            Column("get_state_display", label="State", sort_key="state"),
            DayColumn("sent_at", label="Sent", sort_key="sent_at"),
            Column("last_error", label="What the mail server said"),
        ]


class MailPage(ReadOnlyDetailView):
    page_title = "Email"

    def get_queryset(self):
        return super().get_queryset().prefetch_related("resends")

    def get_page_subtitle(self):
        return self.object.subject

    def get_context_data(self, **kwargs):
        letter = self.object
        return super().get_context_data(
            mail=letter,
            may_be_read=may_be_read(letter),
            text=links.hidden(letter.text),
            why_not_again=why_not_again(letter),
            **kwargs,
        )

    def facts(self):
        letter = self.object
        return [
            ("Subject", letter.subject),
            ("To", letter.to),
            ("Copied to", ", ".join(letter.cc)),
            ("Written", as_day(letter.created_at)),
            ("State", letter.get_state_display()),
            ("Sent", as_day(letter.sent_at)),
            ("Reached", ", ".join(letter.reached)),
            ("Tries", letter.tries),
            ("Last answer of the mail server", letter.last_error),
            ("Attached", ", ".join(one["name"] for one in letter.attachments)),
        ]


class AddressForm(forms.Form):
    to = forms.EmailField(label="Send it to", help_text="Put the address right if it was wrong.")
    person_too = forms.BooleanField(
        label="Change it at the person's account too", required=False, initial=True
    )

    def __init__(self, *args, person=None, **kwargs):
        super().__init__(*args, **kwargs)
        if person is None:
            del self.fields["person_too"]
        else:
            what = "codes to sign in with, and all emails, at the new address."
            self.fields["person_too"].help_text = f"{person.name} then gets {what}"

    def clean_to(self):
        return self.cleaned_data["to"].strip().lower()


class ResendView(AskView):
    button = "Send again"
    form_class = AddressForm

    def get_initial(self):
        return {"to": first_missed(self.object)}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"person": addressee(self.object)}

    def question(self):
        words = f"The same words, \u2018{self.object.subject}\u2019, go out again"
        if self.object.reached:
            words += f", and not to {' or '.join(self.object.reached)}, where they arrived"
        return f"{words}."

    def perform(self, to, person_too=False):
        send_again(self.object, to=to, by=self.request.user, person_too=person_too)

    def success_message(self):
        return "It waits to be sent again."


class MailViewSet(ReadOnlyViewSet):
    model = Mail
    name = "outbox"
    icon = "mail"
    menu_label = "Emails"
    filterset_class = MailFilterSet
    search_fields = ["to", "subject"]
    list_export = ["to", "subject", "created_at", "state", "sent_at", "last_error"]
    export_headings = {"to": "To", "created_at": "Written"}
    export_filename = "outbox"
    index_view_class = MailIndexView
    inspect_view_class = MailPage
    inspect_template_name = "agencies/back_office/mail.html"
    actions = {"again": ResendView}
    menu_order = 240
    add_to_admin_menu = True
