"""Forms to send an edition to agencies and to filter the board's cascade page."""

import datetime as dt

from django import forms
from django.utils import timezone

from agencies.models import Agency, Person, Post
from lms.web.govuk_widgets import DayInput
from protocols.cascade import notices
from protocols.models import ProtocolPolicy


def works_there(agency: Agency, email: str) -> Person | None:
    """Return the person with this address, if they work at the agency today."""
    posts = Post.objects.current().at(agency)
    people = Person.objects.with_address(email).filter(pk__in=posts.values("person"))
    return people.filter(is_active=True).first()


class BoardForm(forms.Form):
    """Filter of the cascade page by protocol and agency name."""

    protocol = forms.TypedChoiceField(
        required=False,
        coerce=int,
        error_messages={"invalid_choice": "Choose one from the list."},
    )
    agency = forms.CharField(label="Agency’s name", required=False, max_length=100)

    def __init__(self, *args, editions, **kwargs):
        super().__init__(*args, **kwargs)
        # A protocol is listed by the title of its newest edition: `editions` has the newest first.
        titles = {edition.page_id: edition.title for edition in reversed(editions)}
        by_title = sorted(titles.items(), key=lambda each: each[1])
        self.fields["protocol"].choices = [("", "All protocols"), *by_title]


class SendForm(forms.Form):
    """Recipients, deadline and message of a cascade, with an optional contact for each agency."""

    ALL, SOME = "all", "some"

    message = forms.CharField(
        label="Message to the agencies",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What to do first. The email already says what has changed, and why.",
    )
    deadline = forms.DateField(label="To be confirmed by", widget=DayInput)
    to = forms.ChoiceField(
        label="Which agencies?",
        choices=[(ALL, "All agencies in the list"), (SOME, "Only those that are ticked below")],
        widget=forms.RadioSelect,
        initial=ALL,
    )

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.agencies = {agency.pk: agency for agency in agencies}
        usual = dt.timedelta(ProtocolPolicy.load().confirm_days)
        self.initial.setdefault("deadline", timezone.localdate() + usual)
        self.wrong = {}

    def rows(self):
        """Yield for each agency whether it is ticked, its leads, its contact and any error."""
        leading, ticked = notices.leading_each(), self.ticked()
        for agency in self.agencies.values():
            yield {
                "agency": agency,
                "ticked": agency.pk in ticked,
                "leads": leading[agency.pk],
                "contact": self.data.get(f"contact-{agency.pk}", "") if self.is_bound else "",
                "wrong": self.wrong.get(agency.pk, ""),
            }

    def ticked(self):
        given = self.data.getlist("agencies") if self.is_bound else []
        return {int(pk) for pk in given if pk.isdigit()}

    def clean(self):
        given = super().clean()
        chosen, ticked = list(self.agencies.values()), self.ticked()
        if given.pop("to", "") == self.SOME:
            chosen = [agency for agency in chosen if agency.pk in ticked]
            if not chosen:
                self.add_error("to", "Tick at least one agency, or choose all of them.")
        contacts = {agency.pk: found for agency in chosen if (found := self.contact(agency))}
        if self.wrong:
            self.add_error(None, "Not everybody who is named works at their agency: see the list.")
        return given | {"agencies": chosen, "contacts": contacts}

    def contact(self, agency: Agency):
        """Return the contact named instead of the agency's leads; None if empty or unknown.

        An address of nobody who works there is noted in `wrong`.
        """
        email = self.data.get(f"contact-{agency.pk}", "").strip().lower()
        if not email:
            return None
        person = works_there(agency, email)
        if not person:
            self.wrong[agency.pk] = "Nobody with this address works there."
        return person


class ContactForm(forms.Form):
    """Form that names who sees to a cascade at one agency."""

    email = forms.EmailField(
        label="Their email address", help_text="Of somebody who works there, as far as we know."
    )

    def __init__(self, *args, agency, **kwargs):
        super().__init__(*args, **kwargs)
        self.agency = agency

    def clean_email(self):
        """Return the person with this address who works at the agency."""
        person = works_there(self.agency, self.cleaned_data["email"].strip().lower())
        if not person:
            raise forms.ValidationError(
                f"Nobody with this address works at {self.agency}, as far as we know. Ask the "
                "training office to add them there, or to make somebody its lead"
            )
        return person
