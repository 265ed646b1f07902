"""Form with which an agency confirms that it passed a protocol on."""

from django import forms
from django.utils import timezone

from agencies.forms import TidyField
from agencies.free_text import nhs_numbers
from lms.web.govuk_widgets import DayInput
from protocols.cascade.dissemination import Account
from protocols.models import Receipt


class AccountForm(forms.Form):
    """Date, ways and person of a cascade, and how many of how many people it reached.

    `others` are disseminations to agencies of the viewer's that may be confirmed with this one.
    """

    cascaded_on = forms.DateField(
        label="When was it passed on?",
        help_text="If it took several days, the last of them.",
        widget=DayInput,
        error_messages={"required": "Enter the day on which it was passed on"},
    )
    how = forms.MultipleChoiceField(
        label="How was it passed on?",
        choices=Receipt.Way.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one way"},
    )
    cascaded_by = TidyField(
        label="Who passed it on?",
        help_text="A name or a job title. When left empty: you.",
        max_length=120,
        required=False,
    )
    of = forms.IntegerField(
        label="How many people need it?",
        help_text="All staff whose work it concerns. When left empty: not known.",
        min_value=0,
        max_value=1_000_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
    )
    reached = forms.IntegerField(
        label="How many of them has it reached?",
        help_text="When left empty: not known. Do not guess.",
        min_value=0,
        max_value=1_000_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
    )
    note = forms.CharField(
        label="Is there anything that the board should know?",
        help_text="For example, a team that was not reached. Write nothing about a child or a "
        "family.",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[nhs_numbers.refuse],
    )

    def __init__(self, *args, others=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.others = {str(other.pk): other for other in others}
        self.initial.setdefault("cascaded_on", timezone.localdate())
        if self.others:
            self.fields["also_for"] = forms.MultipleChoiceField(
                label="Whose people are in these numbers too?",
                help_text="Tick those that you passed it on for. Each is confirmed with yours.",
                choices=[(pk, str(other.agency)) for pk, other in self.others.items()],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    @property
    def account(self):
        given = self.cleaned_data
        return Account(**{name: given[name] for name in Account.__dataclass_fields__})

    @property
    def also_for(self):
        return [self.others[pk] for pk in self.cleaned_data.get("also_for", [])]

    def clean(self):
        given = super().clean()
        reached, of = given.get("reached"), given.get("of")
        if reached is not None and of is not None and reached > of:
            self.add_error("reached", "Enter a number that is not more than those who need it")
        return given
