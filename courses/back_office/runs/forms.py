"""Forms of a course date (run), its sessions and its reserves."""

from django import forms
from django.forms import BaseInlineFormSet, formset_factory, inlineformset_factory
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils import timezone
from wagtail.admin.forms.models import WagtailAdminModelForm

from agencies.models import Person, Sector
from courses.models import Course, Mark, Run, Session
from courses.scheduling.scheduling import RequestedReserve
from lms.web.govuk_widgets import DayInput


class MomentInput(forms.DateTimeInput):
    """Date and time input, picked from the browser's own calendar or typed."""

    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__({"class": "w-field__moment"} | (attrs or {}), format="%Y-%m-%dT%H:%M")


class ApprovalField(forms.TypedChoiceField):
    """Choice on a new run: as its course says, unless something else is chosen."""

    def __init__(self, **kwargs):
        super().__init__(
            choices=[("", "As its course says"), ("yes", "Yes"), ("no", "No")],
            coerce=lambda chosen: chosen == "yes",
            empty_value=None,
            required=False,
            **kwargs,
        )


class RunForm(WagtailAdminModelForm):
    """Form of all of a run but its sessions; `places` is changed by scheduling's own verb."""

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
            "agency_cap",
            "asks_approval",
            "freed_places",
            "priority_rule",
            "booking_opens_at",
            "booking_closes_at",
        ]
        widgets = {
            "course": forms.Select,
            "freed_places": forms.RadioSelect,
            "priority_rule": forms.RadioSelect,
            "joining_instructions": forms.Textarea(attrs={"rows": 4}),
            "booking_opens_at": MomentInput,
            "booking_closes_at": MomentInput,
        }

    field_order = [
        "course",
        "venue",
        "link",
        "trainers",
        "joining_instructions",
        "places",
        "minimum",
        "agency_cap",
        "asks_approval",
        "freed_places",
        "priority_rule",
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
            offered = Course.objects.filter(is_offered=True)
            self.fields["course"].queryset = offered
            self.fields["asks_approval"] = ApprovalField(
                label=self.fields["asks_approval"].label,
                help_text=self.fields["asks_approval"].help_text,
            )

    def clean_trainers(self):
        typed = {line.strip().lower() for line in self.cleaned_data["trainers"].split()}
        people = list(Person.objects.filter(email__in=typed, is_active=True))
        if unknown := sorted(typed - {person.email for person in people}):
            raise forms.ValidationError(
                f"Nobody who may sign in has this address: {', '.join(unknown)}. "
                "Correct it, or add the person first."
            )
        return people

    def clean(self):
        said = super().clean()
        self.refuse_nowhere(said.get("course"), said.get("venue"), said.get("link"))
        if said.get("asks_approval") is None and said.get("course"):
            said["asks_approval"] = said["course"].asks_approval
        places = said.get("places")
        if places is not None and (said.get("minimum") or 0) > places:
            self.add_error(
                "minimum",
                "The minimum cannot be more than the places. Lower it, or raise the places.",
            )
        if said.get("agency_cap") == 0:
            self.add_error("agency_cap", "Give at least 1, or leave it empty for no cap.")
        opens, closes = said.get("booking_opens_at"), said.get("booking_closes_at")
        if opens and closes and closes <= opens:
            self.add_error(
                "booking_closes_at", "Booking must close after it opens. Give a later moment."
            )
        return said

    def refuse_nowhere(self, course, venue, link):
        if not course or {"venue", "link"} & self.errors.keys():
            return
        if course.format == Course.Format.VIRTUAL and not link:
            self.add_error("link", "A virtual classroom needs the link to join it. Enter it here.")
        if course.format == Course.Format.CLASSROOM and not venue:
            self.add_error("venue", "A classroom course needs a venue. Choose one.")
        if course.format == Course.Format.BRIEFING and not (venue or link):
            self.add_error("venue", "A briefing needs a venue or a link. Give one of them.")


class SessionForm(forms.ModelForm):
    class Meta:
        model = Session
        fields = ["name", "starts_at", "ends_at", "is_essential"]
        widgets = {"starts_at": MomentInput, "ends_at": MomentInput}

    def clean(self):
        said = super().clean()
        starts, ends = said.get("starts_at"), said.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "The end must be after the start. Give a later time.")
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
            raise forms.ValidationError(
                "A session whose register has marks cannot be removed. Keep it."
            )
        if self.instance.bookings.live().exists():
            raise forms.ValidationError(
                "People are booked, so a session cannot be removed: change its times instead, "
                "or cancel this date."
            )


class ReserveForm(forms.Form):
    sector = forms.ModelChoiceField(Sector.objects.all(), empty_label="Choose a sector")
    places = forms.IntegerField(min_value=1)
    release_on = forms.DateField(
        label="Free for everybody from",
        widget=DayInput,
        help_text="From this day the waiting list is served first.",
    )


class BaseReserves(forms.BaseFormSet):
    """Formset of all reserves of a run as they are to be; `fits` checks them against its places."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields[DELETION_FIELD_NAME].label = "Remove this reserve"

    @property
    def asked(self):
        kept = [form for form in self.forms if form.has_changed() or index_of(form) in self.known]
        return [
            RequestedReserve(
                **{name: form.cleaned_data[name] for name in ("sector", "places", "release_on")}
            )
            for form in kept
            if form not in self.deleted_forms
        ]

    @property
    def known(self):
        return range(self.initial_form_count())

    def clean(self):
        if any(self.errors):
            return
        sectors = [kept.sector for kept in self.asked]
        if len(sectors) != len(set(sectors)):
            raise forms.ValidationError("A sector has one reserve only: put its places together.")

    def fits(self, places):
        """Return False, and add a form error, when more places are reserved than there are."""
        kept = sum(reserve.places for reserve in self.asked)
        if places is not None and kept > places:
            self.non_form_errors().append(
                f"{kept} places are reserved, and the date has only {places}."
            )
            return False
        return True


def index_of(form):
    return int(form.prefix.rpartition("-")[2])


def reserves_formset(run, data):
    """Build the formset, with two empty lines more than the run has reserves."""
    formset = formset_factory(ReserveForm, formset=BaseReserves, extra=2, can_delete=True)
    initial = [
        {"sector": reserve.sector_id, "places": reserve.places, "release_on": reserve.release_on}
        for reserve in (run.reserves.all() if run.pk else ())
    ]
    return formset(data, initial=initial, prefix="reserves")


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
