"""Forms for submitting evidence of external training and for refusing or withdrawing it."""

from django import forms
from django.db.models import Q
from django.utils import timezone

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


class DayCompletedInput(DayInput):
    """Day up to today."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        today = timezone.localdate().isoformat()
        return super().build_attrs(base_attrs, extra_attrs) | {"max": today}


class CertificateForm(forms.Form):
    """Upload of the certificate of a course given elsewhere: the course says the rest."""

    completed_on = forms.DateField(
        label="When did you complete the course?",
        widget=DayCompletedInput,
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d %m %Y", "%d %B %Y"],
        help_text="The day that is on the certificate.",
        error_messages={
            "required": "Enter the day that is on the certificate",
            "invalid": "Enter the day that is on the certificate, like 27 3 2027",
        },
    )
    file = forms.FileField(
        label="The certificate",
        allow_empty_file=True,  # `read_evidence` reports what is wrong with a file
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        help_text="A photo, or a PDF, of 10 MB at most.",
        error_messages={"required": "Choose the PDF or the photo of the certificate"},
    )
    declared = forms.BooleanField(
        label="I completed the whole course myself, and the certificate is mine. It does not name "
        "or describe a child or a family.",
        error_messages={
            "required": "Tick the box to say that the certificate is yours and names no child"
        },
    )

    def must_choose_again(self):
        """Return whether to ask for the file again: a redisplayed form has lost it."""
        return bool(self.errors) and "file" not in self.errors

    def refuse(self, refusal):
        """Add a refusal as an error of the field it is about."""
        self.add_error(refusal.about if refusal.about in self.fields else None, str(refusal))


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, post):
        return f"{post.person.name}, {post.title}"


class StaffCertificateForm(CertificateForm):
    """Upload by a lead, for a member of staff."""

    post = ColleagueField(
        None,
        label="Whose certificate is it?",
        empty_label="Choose a member of staff",
        error_messages={
            "required": "Choose whose certificate it is",
            "invalid_choice": "Choose somebody who works at your agency today",
        },
    )
    course = forms.ModelChoiceField(
        None,
        label="Which course did they complete?",
        empty_label="Choose a course",
        error_messages={
            "required": "Choose which course they completed",
            "invalid_choice": "Choose one of these courses",
        },
    )
    field_order = ["post", "course", "completed_on", "file", "declared"]

    def __init__(self, *args, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts
        self.fields["course"].queryset = Course.objects.elsewhere().offered()
        self.fields["completed_on"].label = "When did they complete the course?"
        declared = self.fields["declared"]
        declared.label = (
            "They completed the whole course themselves, and the certificate is theirs. It does "
            "not name or describe a child or a family."
        )
        declared.error_messages["required"] = (
            "Tick the box to say that the certificate is theirs and names no child"
        )


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
