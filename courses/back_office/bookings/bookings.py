"""Back-office list and page of bookings."""

import django_filters
from django import forms
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from agencies.back_office.listing import DayColumn, as_day
from agencies.back_office.read_only import ReadOnlyDetailView, ReadOnlyIndexView, ReadOnlyViewSet
from agencies.models import Agency, Sector
from courses.back_office import timeline
from courses.back_office.bookings.actions import ACTIONS
from courses.booking import status
from courses.models import Booking, Course
from courses.models.bookings import WAITS_FOR_JOB
from lms.web.govuk_widgets import DayInput

# A request is in one of two lists of the filter: to be approved, or waiting for a job.
FOR_JOB = "job"
STATES = [*Booking.State.choices, (FOR_JOB, WAITS_FOR_JOB)]


class BookingFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label="State", choices=STATES, method="in_state", widget=forms.Select, empty_label="All"
    )
    agency = django_filters.ModelChoiceFilter(queryset=Agency.objects.all(), widget=forms.Select)
    agency__sector = django_filters.ModelChoiceFilter(
        label="Sector", queryset=Sector.objects.all(), widget=forms.Select
    )
    run__course = django_filters.ModelChoiceFilter(
        label="Course", queryset=Course.objects.all(), widget=forms.Select
    )
    since = django_filters.DateFilter(
        label="Course dates from", field_name="run__starts_at__date__gte", method="from_day",
        widget=DayInput,
    )  # fmt: skip
    until = django_filters.DateFilter(
        label="Course dates to", field_name="run__starts_at__date__lte", method="from_day",
        widget=DayInput,
    )  # fmt: skip

    class Meta:
        model = Booking
        fields = []

    def in_state(self, bookings, name, state):
        if state == FOR_JOB:
            return bookings.waiting_for_job()
        if state == Booking.State.REQUESTED:
            return bookings.to_approve()
        return bookings.filter(state=state)

    def from_day(self, bookings, lookup, day):
        return bookings.filter(**{lookup: day})


EXPORTED = {
    "person__name": "Person",
    "person__email": "Email address",
    "agency__name": "Agency",
    "agency__sector__name": "Sector",
    "role_group__name": "Profession",
    "run__course__code": "Code",
    "run__course__title": "Course",
    "run__starts_at": "Starts",
    "state": "State",
    "queued_at": "Asked for",
    "confirmed_at": "Confirmed",
    "ended_at": "Ended",
    "complete_because": "Counted as complete, because",
}


class BookingIndexView(ReadOnlyIndexView):
    page_title = "Bookings"
    related = ("person", "agency", "run__course")
    in_words = {"state": dict(STATES)}

    def get_base_queryset(self):
        found = super().get_base_queryset()
        return found.values(*self.list_export, "waits_for_job") if self.is_export else found

    def to_row_dict(self, row):
        is_for_job = row["waits_for_job"] and row["state"] == Booking.State.REQUESTED
        return super().to_row_dict(row | {"state": FOR_JOB} if is_for_job else row)

    @property
    def columns(self):
        return [
            self.title_column(
                "person", accessor="person.name", label="Person", sort_key="person__name"
            ),
            Column("agency", accessor="agency.name", label="Agency", sort_key="agency__name"),
            Column("course", accessor="run.course.title", label="Course"),
            DayColumn("starts", accessor="run.starts_at", label="Date", sort_key="run__starts_at"),
            Column("get_state_display", label="State", sort_key="state"),
            DayColumn("queued_at", label="Asked for", sort_key="queued_at"),
        ]


class BookingPage(ReadOnlyDetailView):
    page_title = "Booking"
    related = ("person", "agency", "role_group", "run__course", "run__venue", "counted_by")

    def get_queryset(self):
        return super().get_queryset().with_position()

    def get_page_subtitle(self):
        return f"{self.object.person.name}, {self.object.run.course.title}"

    def get_context_data(self, **kwargs):
        made = self.object
        return super().get_context_data(
            booking=made,
            can_change=made.is_live and not made.run.has_begun,
            charges=made.charges.all(),
            marks=made.marks.select_related("session").order_by("session__starts_at"),
            events=timeline.of_booking(made),
            **kwargs,
        )

    def facts(self):
        made = self.object
        is_asked = made.state == Booking.State.REQUESTED
        is_for_job = made.is_waiting_for_job
        return [
            ("Number", str(made.pk)),
            ("State", made.get_state_display()),
            ("Offered until", as_day(made.offered_until)),
            (
                "Asked to decide",
                made.approver_email if is_asked else "",
            ),
            ("Asked to confirm the job", status.who_confirms(made) if is_for_job else ""),
            ("Put to this office", as_day(made.job_office_at) if is_for_job else ""),
            (
                "Place kept until",
                as_day(made.held_until) if is_asked and made.holds_place else "",
            ),
            ("Turn on the waiting list", str(made.position) if made.position else ""),
            ("Person", f"{made.person.name} ({made.person.email_in_words})"),
            ("Agency", made.agency.name),
            ("Profession", str(made.role_group or "")),
            ("Manager", made.manager_email),
            ("What they need to take part", made.access_needs),
            *((one["question"], one["answer"]) for one in made.pre_course_answers),
            ("Purchase order or cost code", made.cost_code),
            ("Why the office made an exception", made.override_reason),
            ("Why it counts as complete", made.complete_because),
            ("Counted as complete by", _counted_in_words(made)),
            ("Asked for", as_day(made.queued_at)),
            ("Confirmed", as_day(made.confirmed_at)),
            ("Ended", as_day(made.ended_at)),
            ("Why it ended", made.end_reason),
        ]


def _counted_in_words(made):
    return f"{made.counted_by.name}, {as_day(made.counted_at)}" if made.counted_by else ""


class BookingViewSet(ReadOnlyViewSet):
    model = Booking
    icon = "clipboard-list"
    menu_label = "Bookings"
    filterset_class = BookingFilterSet
    search_fields = ["person__name", "person__email"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "bookings"
    ordering = "-queued_at"
    index_view_class = BookingIndexView
    inspect_view_class = BookingPage
    inspect_template_name = "courses/back_office/booking.html"
    actions = ACTIONS
