"""Back-office views of charges: owed, waived, and exported for the finance system."""

import django_filters
from django import forms
from django.db.models import Count, Q, Sum
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import HeaderButton

from agencies.back_office.confirm_action import AskView, ReasonForm
from agencies.back_office.listing import DayColumn, as_day
from agencies.back_office.read_only import ReadOnlyDetailView, ReadOnlyIndexView, ReadOnlyViewSet
from agencies.models import Agency, Sector
from courses.back_office import timeline
from courses.back_office.charges.finance import FinanceFileView, FinanceView
from courses.booking import waiving
from courses.models import Charge, Mark
from lms.formatting import pounds
from lms.web.govuk_widgets import DayInput


def state_of(charge):
    """Return the state of a charge in one or two words."""
    if charge.waived_at:
        return "Waived, credited" if charge.credited_at else "Waived"
    return "Exported" if charge.exported_at else "Owed"


class ChargeFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[
            ("owed", "Owed: not waived"),
            ("waived", "Waived"),
            ("new", "Not exported yet"),
            ("exported", "Exported"),
        ],
        method="in_state",
        widget=forms.RadioSelect,
        empty_label="All",
    )
    kind = django_filters.ChoiceFilter(
        label="What for", choices=Charge.Kind.choices, widget=forms.RadioSelect, empty_label="All"
    )
    agency = django_filters.ModelChoiceFilter(queryset=Agency.objects.all(), widget=forms.Select)
    agency__sector = django_filters.ModelChoiceFilter(
        label="Sector", queryset=Sector.objects.all(), widget=forms.Select
    )
    since = django_filters.DateFilter(
        label="Recorded from", field_name="made_at__date__gte", method="from_day", widget=DayInput
    )
    until = django_filters.DateFilter(
        label="Recorded to", field_name="made_at__date__lte", method="from_day", widget=DayInput
    )

    class Meta:
        model = Charge
        fields = []

    def from_day(self, charges, lookup, day):
        return charges.filter(**{lookup: day})

    def in_state(self, charges, name, state):
        return {
            "owed": charges.owed,
            "waived": lambda: charges.exclude(waived_at=None),
            "new": charges.to_tell,
            "exported": lambda: charges.exclude(exported_at=None),
        }[state]()


EXPORTED = {
    "agency__name": "Agency",
    "agency__sector__name": "Sector",
    "booking__person__name": "Person",
    "booking__run__course__code": "Code",
    "booking__run__course__title": "Course",
    "booking__run__starts_at": "Course date",
    "kind": "What for",
    "amount": "Amount, £",
    "cost_code": "Purchase order or cost code",
    "made_at": "Recorded",
    "waived_at": "Waived",
    "waiver_reason": "Why it was waived",
    "exported_at": "Exported",
    "credited_at": "Exported as a credit",
}


class ChargeIndexView(ReadOnlyIndexView):
    page_title = "Charges"
    results_template_name = "courses/back_office/charges.html"
    related = ("agency", "booking__person", "booking__run__course")
    in_words = {"kind": dict(Charge.Kind.choices)}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"sums": None if self.is_export else sums_of(self.object_list)}

    @property
    def header_buttons(self):
        finance = HeaderButton(
            label="Export for finance", url=reverse("charge:finance"), icon_name="download"
        )
        return [*super().header_buttons, finance]

    @property
    def columns(self):
        return [
            self.title_column("agency", accessor="agency.name", sort_key="agency__name"),
            Column("person", accessor="booking.person.name", label="Person"),
            Column("course", accessor="booking.run.course.title", label="Course"),
            DayColumn("date", accessor=day_of, label="Date", sort_key="booking__run__starts_at"),
            Column("get_kind_display", label="What for", sort_key="kind"),
            Column("amount", label="Amount, £", sort_key="amount"),
            DayColumn("made_on", accessor=made_on, label="Recorded", sort_key="made_at"),
            Column("state", accessor=state_of, label="State"),
        ]


def day_of(charge):
    starts_at = charge.booking.run.starts_at
    return timezone.localdate(starts_at) if starts_at else None


def made_on(charge):
    return timezone.localdate(charge.made_at)


def sums_of(charges):
    """Sum up what is owed and what was waived, in pounds and in number of charges."""
    owed = Q(waived_at=None)
    return charges.order_by().aggregate(
        owed=Sum("amount", filter=owed, default=0),
        owed_count=Count("pk", filter=owed),
        waived=Sum("amount", filter=~owed, default=0),
        waived_count=Count("pk", filter=~owed),
    )


class ChargePage(ReadOnlyDetailView):
    page_title = "Charge"
    related = ("agency__sector", "booking__person", "booking__run__course")

    def get_page_subtitle(self):
        return f"{self.object.agency.name}, {pounds(self.object.amount)}"

    def get_context_data(self, **kwargs):
        charge = self.object
        return super().get_context_data(charge=charge, events=timeline.of_charge(charge), **kwargs)

    def facts(self):
        charge, made = self.object, self.object.booking
        return [
            ("State", state_of(charge)),
            ("Agency", f"{charge.agency.name} ({charge.agency.sector})"),
            ("Amount", pounds(charge.amount)),
            ("What for", charge.get_kind_display()),
            ("Apologies", apologies_for(made) if charge.kind == Charge.Kind.ABSENT else ""),
            ("Person", made.person.name),
            ("Course", f"{made.run.course.title} ({made.run.course.code})"),
            ("Date", as_day(made.run.starts_at)),
            ("Purchase order or cost code", charge.cost_code),
            ("Recorded", as_day(charge.made_at)),
            ("Waived", as_day(charge.waived_at)),
            ("Why it was waived", charge.waiver_reason),
            ("Exported", as_day(charge.exported_at)),
            ("Exported as a credit", as_day(charge.credited_at)),
        ]


def apologies_for(made):
    """Say whether apologies were sent; the place was empty all the same, so the office decides."""
    sent = made.marks.filter(kind=Mark.Kind.APOLOGIES).exists()
    return "Sent, too late to give the place to somebody else" if sent else "None"


class WaiveView(AskView):
    button = "Waive this charge"
    form_class = ReasonForm

    def get_queryset(self):
        related = ("agency", "booking__person", "booking__run__course")
        return super().get_queryset().select_related(*related)

    def question(self):
        charge = self.object
        later = (
            " The finance system knows of it, so the next export has it as a credit."
            if charge.exported_at
            else ""
        )
        return (
            f"{charge.agency.name}, {pounds(charge.amount)}: {charge.booking.person.name}, "
            f"{charge.booking.run.course.title}. Nobody will ask the agency for it, and its lead "
            f"can read your reason. This cannot be undone. Whoever was told of the charge by "
            f"email is told that it is withdrawn.{later}"
        )

    def perform(self, reason):
        waiving.waive(self.object, by=self.request.user, reason=reason)

    def success_message(self):
        return f"{self.object.agency.name}'s charge is waived."


class ChargeViewSet(ReadOnlyViewSet):
    model = Charge
    icon = "list-ul"
    menu_label = "Charges"
    filterset_class = ChargeFilterSet
    search_fields = ["booking__person__name", "agency__name", "cost_code"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "charges"
    ordering = "-made_at"
    index_view_class = ChargeIndexView
    inspect_view_class = ChargePage
    inspect_template_name = "courses/back_office/charge.html"
    actions = {"waive": WaiveView}

    def get_urlpatterns(self):
        finance, file = self.construct_view(FinanceView), self.construct_view(FinanceFileView)
        return super().get_urlpatterns() + [
            path("finance/", finance, name="finance"),
            path("finance/<str:moment>.csv", file, name="finance_file"),
        ]
