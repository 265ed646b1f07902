"""Form with which a lead books several colleagues."""

import re
from collections import Counter

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from agencies.free_text import names
from courses.booking.group_booking import Newcomer

MOST = 50
NO_EMAIL = re.compile(
    r"(?P<name>.+?)[\s,;:(<-]+(no|without)( an?)? email( address)?[\s.)>]*", re.IGNORECASE
)


class ColleagueField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, post):
        return f"{post.person.name}, {post.title}"


class ColleaguesForm(forms.Form):
    colleagues = ColleagueField(None, label="My staff", required=False)
    newcomers = forms.CharField(
        label="People who are not on my list yet",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="One person a line: full name, then their own email address. Such as: Anna "
        "Brown, anna.brown@example.org. We write to them, and they sign in with a code. For "
        "somebody who has none, write: Anna Brown, no email. We ask you to tell them.",
    )
    agency = forms.ModelChoiceField(
        None, label="They work at", required=False, empty_label=None, widget=forms.RadioSelect
    )
    cost_code = forms.CharField(
        label="Purchase order or cost code",
        max_length=60,
        error_messages={"required": "Enter a purchase order or cost code."},
    )

    def __init__(self, *args, posts, agencies, cost, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["colleagues"].queryset = posts
        self.agencies = agencies
        if len(agencies) > 1:
            self.fields["agency"].queryset = type(agencies[0]).objects.filter(
                pk__in=[agency.pk for agency in agencies]
            )
            self.fields["agency"].initial = agencies[0].pk
        else:
            del self.fields["agency"]
        if cost:
            self.fields["cost_code"].help_text = f"Attending costs {cost} for each person."
        else:
            del self.fields["cost_code"]

    def clean_newcomers(self):
        lines = [line.strip() for line in self.cleaned_data["newcomers"].splitlines()]
        found = [newcomer_of(line, number) for number, line in enumerate(lines, 1) if line]
        without = Counter(names.key(each.name) for each in found if not each.email)
        for each in found:
            if without[names.key(each.name)] > 1:
                raise ValidationError(
                    f"{each.name} is named twice without an email address. If they are two people, "
                    "book one after the other."
                )
        return found

    def clean(self):
        given = super().clean()
        number = len(given.get("colleagues") or ()) + len(given.get("newcomers") or ())
        if not number and not self.errors:
            raise ValidationError("Tick somebody of your staff, or name somebody.")
        if number > MOST:
            raise ValidationError(f"Book at most {MOST} people at once.")
        return given | {"agency": given.get("agency") or self.agencies[0]}


def newcomer_of(line, number):
    """Parse a line: the last word is the address, what is before it the name.

    Only "no email" says that there is none: a slip in an address makes nobody without one.
    """
    if without := NO_EMAIL.fullmatch(line):
        return Newcomer(name_in(without["name"], number), "")
    name, _, address = re.sub(r"[<>;\t]", " ", line).strip().rpartition(" ")
    if "," in address:
        name, _, address = line.rpartition(",")
    email = address.strip().lower()
    try:
        validate_email(email)
        if not email.isascii():
            raise ValidationError("")
    except ValidationError:
        raise ValidationError(
            f"Line {number} does not end with an email address: write the name, then the address, "
            "or the name, then: no email."
        ) from None
    return Newcomer(name_in(name, number), email)


def name_in(text, number):
    """Return the name that a line gives. Raises ValidationError."""
    name = names.tidy(text.strip(" ,"))[:120]
    try:
        names.check(name)
    except ValidationError:
        raise ValidationError(f"Line {number} needs a full name before the address.") from None
    if why := names.why_unprintable(name):
        raise ValidationError(f"Line {number}: {why}")
    return name
