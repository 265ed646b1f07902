"""Which course dates are there, and what does the training office see and do about one?"""

import django_filters
from django import forms
from django.db.models import Case, Value, When
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, NumberColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from agencies.back_office.asking import AskView, ReasonForm
from agencies.back_office.listing import DayColumn, ReadingIndexView, as_day
from courses import booking, register, roll, scheduling
from courses.back_office import story
from courses.back_office.booking_forms import PlaceForm
from courses.back_office.run_forms import RunForm
from courses.back_office.run_views import RunCreateView, RunEditView
from courses.models import Booking, Course, Run, Venue


def state_of(run):
    """In one or two words, where this date stands."""
    if run.cancelled_at:
        return "Cancelled"
    if run.closed_at:
        return "Signed off"
    if run.is_over:
        return "Register not signed off"
    if run.starts_at is None:
        return "Times not settled"
    if run.has_begun:
        return "Under way"
    return "Below the minimum" if run.taken < run.minimum else "To come"


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
            "below": runs.below_minimum,
            "open": runs.not_signed_off,
            "signed": lambda: runs.exclude(closed_at=None),
            "cancelled": lambda: runs.exclude(cancelled_at=None),
        }[state]()


class RunIndexView(ReadingIndexView):
    """What is to come first, the next one on top; then what is over."""

    page_title = "Course dates"
    add_item_label = "Add a course date"
    default_ordering = None

    def get_add_url(self):
        return reverse(self.add_url_name)

    def get_base_queryset(self):
        runs = Run.objects.registers_of(self.request.user)
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


class RunPage(generic.InspectView):
    """A date with everybody on it, everything that happened, and what can be done about it."""

    page_title = "Course date"

    def get_object(self, queryset=None):
        runs = Run.objects.registers_of(self.request.user).select_related("course", "venue")
        return get_object_or_404(runs, pk=self.pk)

    def get_page_subtitle(self):
        return f"{self.object.course.title}, {as_day(self.object.starts_at) or 'times not settled'}"

    def get_breadcrumbs_items(self):
        dates = {"url": reverse(self.index_url_name), "label": "Course dates"}
        return [*self.breadcrumbs_items, dates, {"url": "", "label": self.get_page_subtitle()}]

    header_more_buttons = []

    def get_fields_context(self):
        return []

    def get_context_data(self, **kwargs):
        run = self.object
        queue = Booking.objects.in_queue_order().filter(run=run)
        return super().get_context_data(
            run=run,
            facts=facts_of(run),
            can_change=not (run.cancelled_at or run.closed_at),
            sessions=list(run.sessions.all()),
            lines=roll.lines_of(run),
            queue=queue.select_related("person", "agency"),
            not_told=list(register.not_told_of_absence(run)) if run.closed_at else [],
            events=story.of_run(run),
            **kwargs,
        )


def facts_of(run):
    trainers = ", ".join(run.trainers.order_by("name").values_list("name", flat=True))
    facts = [
        ("State", state_of(run)),
        ("Course", f"{run.course.title} ({run.course.code})"),
        ("Where", where_of(run)),
        ("Link to join", run.link),
        ("Trainers", trainers or "None named yet"),
        ("Places", places_of(run)),
        ("Taken", str(run.taken)),
        ("Minimum", str(run.minimum)),
        ("Booking opens", as_day(run.booking_opens_at)),
        ("Booking closes", as_day(run.booking_closes_at)),
        ("Joining instructions", run.joining_instructions),
    ]
    return [(label, value) for label, value in facts if value]


class RunAskView(AskView):
    def get_queryset(self):
        return Run.objects.registers_of(self.request.user).select_related("course", "venue")


class CancelRunView(RunAskView):
    button = "Cancel this date"
    form_class = ReasonForm
    refusal = scheduling.SchedulingRefused

    def question(self):
        return (
            f"{self.object.course.title}, {as_day(self.object.starts_at)}: everybody who has a "
            "place or waits is written to with your reason, and it leaves their calendars. "
            "This cannot be undone."
        )

    def call(self, reason):
        scheduling.cancel(self.object, by=self.request.user, reason=reason)

    def done(self):
        return "The date is cancelled, and everybody concerned is written to."


class ReleaseAbsencesView(RunAskView):
    button = "Write to those who did not come"
    refusal = register.RegisterRefused

    def question(self):
        names = ", ".join(b.person.name for b in register.not_told_of_absence(self.object))
        if not names:
            return "There is nobody to write to."
        return f"These people sent no apologies; each, and the manager they named, is told: {names}"

    def call(self):
        self.told = register.release_absence_notices(self.object, by=self.request.user)

    def done(self):
        return f"Written to: {len(self.told)}."


class BookSomebodyView(RunAskView):
    button = "Book a place for somebody"
    form_class = PlaceForm
    refusal = booking.BookingRefused

    def question(self):
        return (
            f"{self.object.course.title}, {as_day(self.object.starts_at)}. When the date is full "
            "the person joins the waiting list. A mail tells them which."
        )

    def call(self, email, **answers):
        self.made = booking.request_place(self.object, email, by=self.request.user, **answers)

    def done(self):
        return f"{self.made.person.name}: {self.made.get_state_display().lower()}."


class RunViewSet(ModelViewSet):
    model = Run
    icon = "date"
    menu_label = "Course dates"
    filterset_class = RunFilterSet
    search_fields = ["course__title", "course__code"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "course-dates"
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = RunIndexView
    add_view_class = RunCreateView
    edit_view_class = RunEditView
    inspect_view_class = RunPage
    inspect_template_name = "courses/back_office/run.html"
    create_template_name = edit_template_name = "courses/back_office/run_form.html"

    def get_form_class(self, for_update=False):
        return RunForm

    def get_urlpatterns(self):
        return super().get_urlpatterns() + [
            path(f"{name}/<int:pk>/", self.construct_view(view), name=name)
            for name, view in (
                ("cancel", CancelRunView),
                ("absences", ReleaseAbsencesView),
                ("book", BookSomebodyView),
            )
        ]
