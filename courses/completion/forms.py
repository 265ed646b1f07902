"""Forms for submitting evidence of external training and for refusing or withdrawing it."""

from django import forms
from django.db.models import Q

from agencies.free_text import nhs_numbers
from courses.models import Course
from lms.web.govuk_widgets import DayInput


class EvidenceForm(forms.Form):
    course = forms.ModelChoiceField(
        None,
        label="Which course of ours does it stand for?",
        empty_label="Choose a course",
        error_messages={
            "required": "Choose the course that it stands for.",
            "invalid_choice": "Choose one of these courses.",
        },
    )
    title = forms.CharField(
        label="What was the training called?",
        max_length=140,
        validators=[nhs_numbers.refuse],
        help_text="As it stands on the certificate.",
        error_messages={"required": "Enter what the training was called."},
    )
    provider = forms.CharField(
        label="Who gave it?",
        max_length=140,
        validators=[nhs_numbers.refuse],
        help_text="Such as another safeguarding children board, a college or your employer.",
        error_messages={"required": "Enter who gave the training."},
    )
    completed_on = forms.DateField(
        label="When did you complete it?",
        widget=DayInput,
        help_text="The day that is on the certificate.",
        error_messages={
            "required": "Enter the day that is on the certificate.",
            "invalid": "Enter a day such as 2026-11-22.",
        },
    )
    file = forms.FileField(
        label="The certificate",
        allow_empty_file=True,  # `read_evidence` reports what is wrong with a file
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        help_text="A PDF, or a picture as JPEG or PNG, of 10 MB at most.",
        error_messages={"required": "Choose the file of the certificate."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Courses no longer offered may still be prerequisites of offered ones.
        wanted = Q(pk__in=Course.objects.offered()) | Q(leads_to__in=Course.objects.offered())
        self.fields["course"].queryset = Course.objects.filter(wanted).distinct()

    def must_choose_again(self):
        """Return whether to ask for the file again: a redisplayed form has lost it."""
        return bool(self.errors) and "file" not in self.errors

    def refuse(self, refusal):
        """Add a refusal as an error of the field it is about."""
        self.add_error(refusal.about if refusal.about in self.fields else None, str(refusal))


def reason_field(label, *, help_text, missing):
    """Build the field for the office's reason, which the person reads."""
    return forms.CharField(
        label=label,
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[nhs_numbers.refuse],
        help_text=help_text,
        error_messages={"required": missing},
    )


class RefusalForm(forms.Form):
    reason = reason_field(
        "Why is it not accepted?",
        help_text="The person reads this. Say what would be accepted.",
        missing="Say why it is not accepted: the person will read it.",
    )


class TakeBackForm(forms.Form):
    reason = reason_field(
        "Why does it no longer count?",
        help_text="The person reads this.",
        missing="Say why it no longer counts: the person will read it.",
    )
