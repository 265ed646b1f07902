"""Forms of a course date (run), its sessions and its reserves."""

from django import forms
from django.forms import BaseInlineFormSet, formset_factory, inlineformset_factory
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils import timezone
from wagtail.admin.forms.models import WagtailAdminModelForm

from agencies.models import Person, Sector
from courses.models import Course, Run, Session
from courses.scheduling import planning
from courses.scheduling.planning import PlannedSession, RequestedReserve
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
    format = forms.ChoiceField(
        choices=[("", "As its course says"), *Run.Format.offered()],
        required=False,
        help_text="A briefing is online if it has a link and no venue.",
    )
    trainers = forms.CharField(
        label="Trainers' email addresses",
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
        "format",
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
            usual = planning.usual_format(run.course, run.venue, run.link)
            self.initial["format"] = "" if run.format == usual else run.format
            addresses = run.trainers.order_by("email").values_list("email", flat=True)
            self.initial["trainers"] = "\n".join(addresses)
        else:
            offered = Course.objects.on_dates().filter(is_offered=True)
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
        course = said.get("course")
        if course is None:
            return said
        if said.get("asks_approval") is None:
            said["asks_approval"] = course.asks_approval
        place = (said.get("venue"), said.get("link"))
        said["format"] = said.get("format") or planning.usual_format(course, *place)
        place_is_known = not {"venue", "link"} & self.errors.keys()
        for name, sentence in planning.why_wrong(course, said).items():
            if place_is_known or name not in ("venue", "link"):
                self.add_error(name, sentence)
        return said


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
        gone = [form.instance for form in self.deleted_forms if form.instance.pk]
        if sentence := (
            planning.why_sessions_wrong(self.planned)
            or planning.why_not_removed(self.instance, gone)
            or self.why_not_moved()
        ):
            raise forms.ValidationError(sentence)

    def why_not_moved(self):
        """Compare with the stored times: checking a form has set its sessions' own already."""
        there = Session.objects.filter(run=self.instance) if self.instance.pk else ()
        return planning.why_not_moved(there, self.planned)

    @property
    def planned(self):
        """Sessions as entered, for the verbs of scheduling."""
        names = ("starts_at", "ends_at", "name", "is_essential")
        return [
            PlannedSession(**{n: form.cleaned_data[n] for n in names}, pk=form.instance.pk)
            for form in self.forms
            if form.cleaned_data and form not in self.deleted_forms
        ]


class ReserveForm(forms.Form):
    # What tells one reserve of a run from the others, for `lms.web.overtaken`.
    known_by = "sector"

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
    def requested(self):
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

    def fits(self, places):
        """Return False, and add a form error, when a date with so many places cannot have them."""
        if sentence := planning.why_reserves_wrong(self.requested, places):
            self.non_form_errors().append(sentence)
        return not sentence


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
