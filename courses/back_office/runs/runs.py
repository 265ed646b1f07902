"""Back-office list and page of course dates (runs)."""

import django_filters
from django import forms
from django.db.models import Case, DateTimeField, Value, When
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, NumberColumn

from agencies.back_office.listing import DayColumn, as_day
from agencies.back_office.read_only import ReadOnlyDetailView, ReadOnlyIndexView, ReadOnlyViewSet
from courses.attendance import register
from courses.back_office import timeline
from courses.back_office.runs import people
from courses.back_office.runs.actions import ACTIONS
from courses.back_office.runs.forms import RunForm
from courses.back_office.runs.views import RunCreateView, RunEditView
from courses.models import Course, Run, Venue
from courses.rules import completion_rule
from courses.scheduling import minimum_numbers


def state_of(run):
    """Return the state of a run in a few words."""
    if run.cancelled_at:
        return "Cancelled"
    if run.closed_at:
        return "Signed off"
    if run.is_over:
        return "Register not signed off"
    if run.held_at:
        return "Not told"
    if run.starts_at is None:
        return "Times not settled"
    if run.has_begun:
        return "Under way"
    return "Below the minimum" if minimum_numbers.is_below(run) else "To come"


def where_of(run):
    if run.venue_id:
        return run.venue.name
    return "Online" if run.link else "Not settled"


class RunFilterSet(WagtailFilterSet):
    period = django_filters.ChoiceFilter(
        label="When",
        choices=[("upcoming", "To come"), ("past", "Begun or past")],
        method="in_period",
        widget=forms.RadioSelect,
        empty_label="All",
    )
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[
            ("below", "Below the minimum"),
            ("open", "Over, register not signed off"),
            ("signed", "Signed off"),
            ("cancelled", "Cancelled"),
        ],
        method="in_state",
        widget=forms.RadioSelect,
        empty_label="All",
    )
    course = django_filters.ModelChoiceFilter(queryset=Course.objects.all(), widget=forms.Select)
    venue = django_filters.ModelChoiceFilter(queryset=Venue.objects.all(), widget=forms.Select)

    class Meta:
        model = Run
        fields = []

    def in_period(self, runs, name, period):
        now = timezone.now()
        return runs.filter(starts_at__gt=now) if period == "upcoming" else runs.begun()

    def in_state(self, runs, name, state):
        return {
            "below": lambda: runs.filter(pk__in=minimum_numbers.runs_below_minimum()),
            "open": runs.not_signed_off,
            "signed": lambda: runs.exclude(closed_at=None),
            "cancelled": lambda: runs.exclude(cancelled_at=None),
        }[state]()


class RunIndexView(ReadOnlyIndexView):
    """List of runs: those to come first, the next one on top; then those that are over."""

    page_title = "Course dates"
    add_item_label = "Add a course date"
    default_ordering = None

    def get_add_url(self):
        return reverse(self.add_url_name)

    def get_base_queryset(self):
        ahead = minimum_numbers.end_of_looking_ahead()
        runs = Run.objects.registers_of(self.request.user).annotate(
            looking_ahead=Value(ahead, output_field=DateTimeField())
        )
        return runs.select_related("course", "venue").with_waiting()

    def order_queryset(self, runs):
        if self.request.GET.get("ordering"):
            return super().order_queryset(runs)
        if self.request.GET.get("period") == "past":
            return runs.order_by("-starts_at", "-pk")
        over = Case(When(ends_at__lt=timezone.now(), then=Value(1)), default=Value(0))
        return runs.annotate(over=over).order_by("over", "starts_at", "pk")

    @property
    def columns(self):
        return [
            self.title_column("course", accessor="course.title", sort_key="course__title"),
            DayColumn("starts_at", label="Starts", sort_key="starts_at"),
            Column("where", accessor=where_of, label="Where"),
            Column("places", accessor=places_of, label="Places", sort_key="places"),
            NumberColumn("taken", label="Taken", sort_key="taken"),
            NumberColumn("waiting", label="Waiting", sort_key="waiting"),
            NumberColumn("minimum", label="Minimum", sort_key="minimum"),
            Column("state", accessor=state_of, label="State"),
        ]

    def to_row_dict(self, run):
        words = {"where": where_of(run), "state": state_of(run), "limit": run.limit}
        return {name: words[name] if name in words else self.value(run, name) for name in EXPORTED}

    def value(self, run, name):
        return getattr(run.course if name in {"code", "title"} else run, name)


def places_of(run):
    return "No limit" if run.limit is None else run.limit


def minimum_of(run):
    if run.goes_ahead_at and run.taken < run.minimum:
        return f"{run.minimum}; it goes ahead with fewer, as was decided"
    return str(run.minimum)


EXPORTED = {
    "code": "Code",
    "title": "Course",
    "starts_at": "Starts",
    "ends_at": "Ends",
    "where": "Where",
    "limit": "Places",
    "taken": "Taken",
    "waiting": "Waiting",
    "minimum": "Minimum",
    "state": "State",
}


class RunPage(ReadOnlyDetailView):
    """Page of a run with everybody on it, its timeline, and the actions on it."""

    page_title = "Course date"

    def get_queryset(self):
        return Run.objects.registers_of(self.request.user).select_related("course", "venue")

    def get_page_subtitle(self):
        return f"{self.object.course.title}, {as_day(self.object.starts_at) or 'times not settled'}"

    def get_context_data(self, **kwargs):
        run = self.object
        return super().get_context_data(
            run=run,
            can_change=not (run.cancelled_at or run.closed_at),
            is_below=minimum_numbers.is_below(run),
            sessions=list(run.sessions.all()),
            lines=completion_rule.attendance_lines(run),
            **people.of_run(run),
            not_told=register.not_told_of_absence(run) if run.closed_at else [],
            events=timeline.of_run(run),
            **kwargs,
        )

    def facts(self):
        run = self.object
        in_order = sorted(run.trainers.all(), key=lambda each: each.sort_key)
        trainers = ", ".join(each.name for each in in_order)
        return [
            ("State", state_of(run)),
            ("Course", f"{run.course.title} ({run.course.code})"),
            ("Format", run.format_label),
            ("Where", where_of(run)),
            ("Link to join", run.link),
            ("Trainers", trainers or "None named yet"),
            ("Minimum", minimum_of(run)),
            ("Most for one agency", str(run.agency_cap or "")),
            ("Approval", "The manager approves each booking" if run.asks_approval else ""),
            ("A place that becomes free", run.get_freed_places_display()),
            ("Who comes first", run.get_priority_rule_display()),
            ("Booking opens", as_day(run.booking_opens_at)),
            ("Booking closes", as_day(run.booking_closes_at)),
            ("Joining instructions", run.joining_instructions),
        ]


class RunViewSet(ReadOnlyViewSet):
    model = Run
    icon = "date"
    menu_label = "Course dates"
    filterset_class = RunFilterSet
    search_fields = ["course__title", "course__code"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "course-dates"
    index_view_class = RunIndexView
    add_view_class = RunCreateView
    edit_view_class = RunEditView
    inspect_view_class = RunPage
    inspect_template_name = "courses/back_office/run.html"
    create_template_name = edit_template_name = "courses/back_office/run_form.html"
    actions = ACTIONS

    def get_form_class(self, for_update=False):
        return RunForm
