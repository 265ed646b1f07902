"""Back-office views of the handouts of courses."""

from pathlib import Path

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views import View
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic import PermissionCheckedMixin

from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import OfficeViewSet
from courses.completion import materials
from courses.completion.views.materials import served
from courses.models import Course, Material
from lms.web import uploads

MOST_BYTES = settings.WAGTAILDOCS_MAX_UPLOAD_SIZE


class MaterialFilterSet(WagtailFilterSet):
    course = django_filters.ModelChoiceFilter(queryset=Course.objects.all(), widget=forms.Select)

    class Meta:
        model = Material
        fields = ["when"]


class MaterialIndexView(OfficeIndexView):
    page_title = "Handouts"
    add_item_label = "Add a handout"

    def get_base_queryset(self):
        return Material.objects.select_related("course")

    @property
    def columns(self):
        title = self._get_title_column_class(TitleColumn)
        return [
            title("title", label="Title", sort_key="title", get_url=self.get_edit_url),
            Column("course", accessor="course.title", label="Course", sort_key="course__title"),
            Column("when", accessor="get_when_display", label="When"),
            BooleanColumn("after_evaluation", label="After the evaluation"),
            Column("kind", accessor=lambda material: material.ending.upper(), label="File"),
            NumberColumn("position", label="Position", sort_key="position"),
        ]

    def to_row_dict(self, material):
        return {
            "title": material.title,
            "course": material.course.title,
            "when": material.get_when_display(),
            "after_evaluation": material.after_evaluation,
            "file": material.ending.upper(),
        }

    def get_list_more_buttons(self, material):
        actions = [("open", "Open", "download"), ("remove", "Remove", "bin")]
        return [
            *super().get_list_more_buttons(material),
            *(
                MenuItem(
                    words,
                    url=reverse(f"material:{name}", args=[material.pk]),
                    icon_name=icon,
                    priority=30,
                )
                for name, words, icon in actions
            ),
        ]


class MaterialForm(WagtailAdminModelForm):
    file = forms.FileField(
        widget=forms.FileInput,
        help_text="20 MB at most. Only those who may have it can open it.",
    )

    class Meta:
        model = Material
        fields = ["course", "title", "file", "when", "after_evaluation", "position"]
        widgets = {"course": forms.Select, "when": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = Course.objects.on_dates()

    def clean_file(self):
        file = self.cleaned_data["file"]
        if "file" in self.changed_data:
            _refuse_unless_may_be_handed_out(file)
        return file

    def clean(self):
        said = super().clean()
        if said.get("when") == Material.When.BEFORE and said.get("after_evaluation"):
            self.add_error(
                "after_evaluation", "Pre-reading cannot wait for the evaluation: untick one."
            )
        return said

    def save(self, commit=True):
        if self.instance.pk:
            return materials.change(self.instance, by=self.for_user, **self.cleaned_data)
        self.instance = materials.add(by=self.for_user, **self.cleaned_data)
        return self.instance


def _refuse_unless_may_be_handed_out(file):
    ending = Path(file.name).suffix.lower().lstrip(".")
    if ending not in settings.WAGTAILDOCS_EXTENSIONS:
        raise ValidationError(
            f"We hand out these kinds of file: {', '.join(settings.WAGTAILDOCS_EXTENSIONS)}. Save "
            "it as one of them."
        )
    if file.size > MOST_BYTES:
        raise ValidationError("This file is larger than 20 MB. Save it smaller and upload that.")
    uploads.refuse_unless_marked(file)


class MaterialCreateView(generic.CreateView):
    page_title = "Add a handout"
    success_message = "The handout is there for those who may have it."

    def get_success_buttons(self):
        return []


class MaterialEditView(OvertakenMixin, generic.EditView):
    page_title = "Change"
    success_message = "The handout is changed."

    def get_success_buttons(self):
        return []


class OpenView(PermissionCheckedMixin, View):
    """Download of a handout, for the office."""

    model = None
    permission_required = "view"

    def get(self, request, pk):
        return served(get_object_or_404(Material, pk=pk))


class RemoveView(AskView):
    button = "Remove this handout"
    permission_required = "change"
    header_icon = "bin"

    def get_queryset(self):
        return Material.objects.select_related("course")

    def get_success_url(self):
        return reverse("material:index")

    def question(self):
        return (
            f"‘{self.object}’ of {self.object.course}: nobody can open it any more, those neither "
            "who have it in My learning now. This cannot be undone."
        )

    def perform(self):
        materials.remove(self.object, by=self.request.user)

    def success_message(self):
        return "The handout is removed."


class MaterialViewSet(OfficeViewSet):
    model = Material
    icon = "doc-full"
    menu_label = "Handouts"
    filterset_class = MaterialFilterSet
    search_fields = ["title"]
    list_export = ["title", "course", "when", "after_evaluation", "file"]
    export_headings = {
        "title": "Title", "course": "Course", "when": "When",
        "after_evaluation": "After the evaluation", "file": "File",
    }  # fmt: skip
    export_filename = "handouts"
    ordering = "title"
    copy_view_enabled = False
    index_view_class = MaterialIndexView
    add_view_class = MaterialCreateView
    edit_view_class = MaterialEditView

    def get_form_class(self, for_update=False):
        return MaterialForm

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("open/<int:pk>/", self.construct_view(OpenView), name="open"),
            path("remove/<int:pk>/", self.construct_view(RemoveView), name="remove"),
        ]
