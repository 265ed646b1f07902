"""Back-office views of courses, their levels, and venues."""

from django import forms
from django.urls import reverse
from django.utils.http import urlencode
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import HeaderButton

from agencies.back_office.listing import ChoicesViewSet, OfficeIndexView
from courses.models import Course, Level, Venue


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
    "format",
    "topics",
    "protocols_taught",
    "prerequisites",
    "for_role_groups",
    "for_sectors",
    "asks_approval",
    "charges_fee",
    "pre_course_questions",
    "asks_evaluation",
    "later_months",
    "renewal_months",
    "certificate_design",
    "runs_a_year_intended",
    "is_offered",
]


class CourseForm(WagtailAdminModelForm):
    """Course form; professions and sectors are few, so they are checkboxes."""

    class Meta:
        model = Course
        fields = FIELDS
        widgets = {
            "for_role_groups": forms.CheckboxSelectMultiple,
            "for_sectors": forms.CheckboxSelectMultiple,
            "pre_course_questions": forms.Textarea(attrs={"rows": 4}),
            "certificate_design": forms.Select,
        }


class CourseEditView(generic.EditView):
    @property
    def header_buttons(self):
        handouts = HeaderButton(
            label=f"Handouts ({self.object.materials.count()})",
            url=f"{reverse('material:index')}?{urlencode({'course': self.object.pk})}",
            icon_name="doc-full",
        )
        return [*super().header_buttons, handouts]


class CourseViewSet(ModelViewSet):
    model = Course
    icon = "openquote"
    menu_label = "Courses"
    list_display = [
        "title",
        "code",
        "level",
        "format",
        "hours",
        "runs_a_year_intended",
        BooleanColumn("is_offered", label="Offered", sort_key="is_offered"),
    ]
    list_filter = ["format", "level", "is_offered"]
    search_fields = ["title", "code"]
    list_export = [
        "code",
        "title",
        "level",
        "get_format_display",
        "hours",
        "renewal_months",
        "runs_a_year_intended",
        "is_offered",
    ]
    export_headings = {"get_format_display": "Format"}
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


class VenueViewSet(ModelViewSet):
    model = Venue
    icon = "site"
    menu_label = "Venues"
    form_fields = ["name", "address", "travel", "access"]
    list_display = ["name", "address"]
    search_fields = ["name", "address"]
    list_export = ["name", "address", "travel", "access"]
    export_filename = "venues"
    copy_view_enabled = False
    index_view_class = OfficeIndexView
