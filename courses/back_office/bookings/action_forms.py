"""Forms of the office's actions on a run or on one booking."""

from django import forms

from agencies.back_office.confirm_action import ReasonForm
from agencies.forms import PersonAtField
from courses.scheduling.broadcast import Audience
from lms.web.govuk_widgets import DayInput

DAYS = 6


class MessageForm(forms.Form):
    whom = forms.ChoiceField(
        label="To", choices=Audience.choices, initial=Audience.PLACES, widget=forms.RadioSelect
    )
    subject = forms.CharField(max_length=140)
    message = forms.CharField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Leave an empty line between paragraphs. Nothing about a child or a family.",
    )


class RepeatForm(forms.Form):
    """Form with up to six days; for more, the page is used again."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for number in range(1, DAYS + 1):
            label = "First day of the new date" if number == 1 else "And on"
            self.fields[f"day_{number}"] = forms.DateField(
                label=label, required=number == 1, widget=DayInput
            )

    def clean(self):
        said = super().clean()
        return {"days": [day for day in said.values() if day]}


class RefuseForm(ReasonForm):
    reason = forms.CharField(
        label="Why not", max_length=240, help_text="The person reads it. Nothing about a child."
    )


class TurnForm(forms.Form):
    position = forms.IntegerField(label="Turn", min_value=1, help_text="1 is the first.")


class ColleagueForm(forms.Form):
    colleague = PersonAtField(label="Colleague's email address")
