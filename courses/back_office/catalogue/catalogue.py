"""Back-office views of courses, their levels, and venues."""

import django_filters
from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets import HeaderButton

from agencies import access
from agencies.back_office.listing import OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import (
    ChoicesViewSet,
    OfficeViewSet,
    RecordedForm,
    RecordedViewSet,
)
from courses.back_office.email_check import EmailCheckMixin
from courses.models import Course, Level, Venue
from courses.scheduling import shared_facts
from protocols.models import ProtocolPage


class CourseIndexView(OfficeIndexView):
    add_item_label = "Add a course"

    def get_base_queryset(self):
        return Course.objects.select_related("level")


FIELDS = [
    "title",
    "code",
    "version",
    "summary",
    "audience",
    "outcomes",
    "level",
    "hours",
    "kind",
    "format",
    "topics",
    "protocols_taught",
    "prerequisites",
    "for_role_groups",
    "for_sectors",
    "asks_approval",
    "second_date",
    "charges_fee",
    "pre_course_questions",
    "asks_evaluation",
    "later_months",
    "renewal_months",
    "certificate_design",
    "runs_a_year_intended",
    "is_offered",
]


class ProtocolsField(forms.ModelMultipleChoiceField):
    """Choice of protocols, which names no draft that the reader may not see."""

    shows_drafts = False

    def label_from_instance(self, page):
        if page.live or self.shows_drafts:
            return super().label_from_instance(page)
        return "A protocol that is not published yet"


class CourseForm(RecordedForm):
    """Course form; professions and sectors are few, so they are checkboxes."""

    protocols_taught = ProtocolsField(
        ProtocolPage.objects.defer("body"),
        required=False,
        help_text=Course._meta.get_field("protocols_taught").help_text,
    )

    second_date = forms.ChoiceField(
        label=Course._meta.get_field("second_date").verbose_name.capitalize(),
        choices=Course.SecondDate.choices,
        required=False,
        help_text=Course._meta.get_field("second_date").help_text,
    )
    kind = forms.ChoiceField(choices=Course.Kind.offered())
    format = forms.ChoiceField(
        choices=[("", "---------"), *Course.Format.offered()],
        required=False,
        help_text=Course._meta.get_field("format").help_text,
    )

    class Meta:
        model = Course
        fields = FIELDS
        widgets = {
            "for_role_groups": forms.CheckboxSelectMultiple,
            "for_sectors": forms.CheckboxSelectMultiple,
            "pre_course_questions": forms.Textarea(attrs={"rows": 4}),
            "certificate_design": forms.Select,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["protocols_taught"]
        field.shows_drafts = access.works_on_drafts(self.for_user)
        if not field.shows_drafts:
            chosen = self.instance.protocols_taught.values("pk") if self.instance.pk else []
            field.queryset = field.queryset.filter(Q(live=True) | Q(pk__in=chosen))

    def clean_second_date(self):
        return self.cleaned_data["second_date"] or self.instance.second_date

    def clean(self):
        said = super().clean()
        if said.get("kind") == Course.Kind.TAUGHT and not said.get("format"):
            self.add_error("format", "Say whether it is taught in a classroom or a virtual one.")
        return said


class CourseFilterSet(WagtailFilterSet):
    format = django_filters.ChoiceFilter(
        choices=Course.format_choices(), method="in_format", widget=forms.RadioSelect
    )

    class Meta:
        model = Course
        fields = ["level", "is_offered"]

    def in_format(self, courses, name, format):
        return courses.in_format(format)


class ToldOnDatesMixin(EmailCheckMixin):
    """Mixin for an edit view of what dates share: shows first who gets an email about them."""

    offers_quiet = True
    dates_told = 0

    def save_for_now(self):
        self.dates_told = shared_facts.save_and_tell(**self._entered)

    def save_instance(self):
        return shared_facts.save(**self._entered)

    @property
    def _entered(self):
        thing, entered = self.form.instance, self.form.cleaned_data
        many = {field.name for field in thing._meta.many_to_many} & entered.keys()
        its = {name: entered[name] for name in many}
        return {"thing": thing, "by": self.request.user, **its, **self.without_email}

    @property
    def where_told(self):
        return "1 date" if self.dates_told == 1 else f"{self.dates_told} dates"


class CourseEditView(OvertakenMixin, ToldOnDatesMixin, generic.EditView):
    @property
    def header_buttons(self):
        handouts = HeaderButton(
            label=f"Handouts ({self.object.materials.count()})",
            url=f"{reverse('material:index')}?{urlencode({'course': self.object.pk})}",
            icon_name="doc-full",
        )
        return [*super().header_buttons, handouts]


class CourseViewSet(OfficeViewSet):
    model = Course
    icon = "openquote"
    menu_label = "Courses"
    list_display = [
        "title",
        "code",
        "level",
        Column("format", accessor="format_label", label="Format", sort_key="format"),
        "hours",
        "runs_a_year_intended",
        BooleanColumn("is_offered", label="Offered", sort_key="is_offered"),
    ]
    filterset_class = CourseFilterSet
    search_fields = ["title", "code"]
    list_export = [
        "code",
        "title",
        "level",
        "format_label",
        "hours",
        "renewal_months",
        "runs_a_year_intended",
        "is_offered",
    ]
    export_headings = {"format_label": "Format"}
    export_filename = "courses"
    ordering = "title"
    copy_view_enabled = False
    index_view_class = CourseIndexView
    edit_view_class = CourseEditView

    def get_form_class(self, for_update=False):
        return CourseForm


class CourseChooserViewSet(ChooserViewSet):
    model = Course
    icon = "openquote"
    choose_one_text = "Choose a course"
    choose_another_text = "Choose another course"


class LevelViewSet(ChoicesViewSet):
    model = Level
    menu_label = "Levels"
    export_filename = "levels"


class VenueForm(RecordedForm):
    """Form of a venue, saved by the verb that has everybody with a date there told."""

    class Meta:
        model = Venue
        fields = ["name", "address", "travel", "access"]

    def save(self, commit=True):
        return shared_facts.save(self.instance, by=self.for_user)


class VenueEditView(ToldOnDatesMixin, RecordedViewSet.edit_view_class):
    """Edit view of a venue."""


class VenueViewSet(RecordedViewSet):
    model = Venue
    icon = "site"
    edit_view_class = VenueEditView
    menu_label = "Venues"
    list_display = ["name", "address"]
    search_fields = ["name", "address"]
    list_export = ["name", "address", "travel", "access"]
    export_filename = "venues"
    copy_view_enabled = False
    index_view_class = OfficeIndexView

    def get_form_class(self, for_update=False):
        return VenueForm
