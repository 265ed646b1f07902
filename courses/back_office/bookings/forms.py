"""Forms with which the office books a place for somebody."""

from django import forms

from agencies.forms import PersonAtField
from agencies.free_text import nhs_numbers
from agencies.models import Person


def person_at(email):
    """Return the active person with this address, primary or verified. Raises ValidationError."""
    typed = email.strip().lower()
    people = Person.objects.filter(is_active=True)
    proven = people.filter(emailaddress__email=typed, emailaddress__verified=True)
    person = people.filter(email=typed).first() or proven.first()
    if not person:
        raise forms.ValidationError("Nobody has this address. Add the person first.")
    return person


class AnswersForm(forms.Form):
    """Booking details besides the person."""

    manager_email = forms.EmailField(
        label="Manager's email address", required=False, help_text="Gets a copy."
    )
    access_needs = forms.CharField(
        label="What they need to take part",
        required=False,
        max_length=1000,
        validators=[nhs_numbers.refuse],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Seen by this office and the trainers, and deleted after the date. "
        "Nothing about a child or a family.",
    )
    cost_code = forms.CharField(
        label="Purchase order or cost code",
        required=False,
        max_length=60,
        help_text="Only where attending is charged to their agency.",
    )


class PlaceForm(AnswersForm):
    email = PersonAtField(label="Person's email address")
    field_order = ["email"]


class AddRegardlessForm(PlaceForm):
    reason = forms.CharField(max_length=240, help_text="Kept with the booking.")
    field_order = ["email", "reason"]
