"""What does the training office say about a course date, and what of it cannot be?"""

from django import forms
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils import timezone
from wagtail.admin.forms.models import WagtailAdminModelForm

from agencies.models import Person
from courses.models import Course, Mark, Run, Session


class MomentInput(forms.DateTimeInput):
    """A moment picked from the browser's own calendar, or typed."""

    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__({"class": "w-field__moment"} | (attrs or {}), format="%Y-%m-%dT%H:%M")


class RunForm(WagtailAdminModelForm):
    """All of a date but its sessions; the number of places is changed by its own verb."""

    places = forms.IntegerField(
        min_value=0, required=False, help_text="Blank: no limit. 0: full from the start."
    )
    link = forms.URLField(
        label="Link to join", required=False, assume_scheme="https", help_text="If it is online."
    )
    trainers = forms.CharField(
        label="Trainers' e-mail addresses",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on each line. A trainer needs an account, and sees this date's register.",
    )

    class Meta:
        model = Run
        fields = [
            "course",
            "venue",
            "link",
            "joining_instructions",
            "minimum",
            "booking_opens_at",
            "booking_closes_at",
        ]
        widgets = {
            "course": forms.Select,
            "joining_instructions": forms.Textarea(attrs={"rows": 4}),
            "booking_opens_at": MomentInput,
            "booking_closes_at": MomentInput,
        }

    field_order = [
        "course",
        "venue",
        "link",
        "places",
        "minimum",
        "trainers",
        "joining_instructions",
        "booking_opens_at",
        "booking_closes_at",
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        run = self.instance
        if run.pk:
            self.fields["course"].disabled = True
            self.initial["places"] = run.places
            addresses = run.trainers.order_by("email").values_list("email", flat=True)
            self.initial["trainers"] = "\n".join(addresses)
        else:
            self.fields["course"].queryset = Course.objects.filter(is_offered=True)

    def clean_trainers(self):
        typed = {line.strip().lower() for line in self.cleaned_data["trainers"].split()}
        people = list(Person.objects.filter(email__in=typed, is_active=True))
        if unknown := sorted(typed - {person.email for person in people}):
            raise forms.ValidationError(
                f"Nobody who may sign in has this address: {', '.join(unknown)}."
            )
        return people

    def clean(self):
        said = super().clean()
        self.refuse_nowhere(said.get("course"), said.get("venue"), said.get("link"))
        places = said.get("places")
        if places is not None and (said.get("minimum") or 0) > places:
            self.add_error("minimum", "The minimum cannot be more than the places.")
        opens, closes = said.get("booking_opens_at"), said.get("booking_closes_at")
        if opens and closes and closes <= opens:
            self.add_error("booking_closes_at", "Booking must close after it opens.")
        return said

    def refuse_nowhere(self, course, venue, link):
        if not course or {"venue", "link"} & self.errors.keys():
            return
        if course.format == Course.Format.VIRTUAL and not link:
            self.add_error("link", "A virtual classroom needs the link to join it.")
        if course.format == Course.Format.CLASSROOM and not venue:
            self.add_error("venue", "A classroom course needs a venue.")
        if course.format == Course.Format.BRIEFING and not (venue or link):
            self.add_error("venue", "A briefing needs a venue or a link.")


class SessionForm(forms.ModelForm):
    class Meta:
        model = Session
        fields = ["name", "starts_at", "ends_at"]
        widgets = {"starts_at": MomentInput, "ends_at": MomentInput}

    def clean(self):
        said = super().clean()
        starts, ends = said.get("starts_at"), said.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "The end must be after the start.")
        if starts and "starts_at" in self.changed_data and starts <= timezone.now():
            self.add_error("starts_at", "This has already begun: give a time to come.")
        return said


class BaseSessions(BaseInlineFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            form.fields[DELETION_FIELD_NAME].label = "Remove this session"

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data and form not in self.deleted_forms]
        if not kept:
            raise forms.ValidationError("Give at least one session with its times.")
        times = sorted((f.cleaned_data["starts_at"], f.cleaned_data["ends_at"]) for f in kept)
        for (_, ends), (starts, _) in zip(times, times[1:], strict=False):
            if starts < ends:
                raise forms.ValidationError("Two sessions overlap. Put their times right.")
        self.refuse_to_lose()

    def refuse_to_lose(self):
        gone = [form.instance for form in self.deleted_forms if form.instance.pk]
        if not gone:
            return
        if Mark.objects.filter(session__in=gone).exists():
            raise forms.ValidationError("A session whose register has marks cannot be removed.")
        if self.instance.bookings.live().exists():
            raise forms.ValidationError(
                "People are booked, so a session cannot be removed: change its times instead, "
                "or cancel this date."
            )


def sessions_formset(extra):
    return inlineformset_factory(
        Run,
        Session,
        form=SessionForm,
        formset=BaseSessions,
        extra=extra,
        can_delete=True,
        can_delete_extra=False,
    )
