"""Back-office forms and views that save by a verb, so that history says who changed what."""

from django import forms
from django.urls import path
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList, extract_panel_definitions_from_model_class
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.contrib.settings.views import EditView

from agencies.back_office.listing import OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from history import records
from lms.refused import Refused


class RecordedForm(WagtailAdminModelForm):
    """Form of a record without rules of its own, saved by `records.save`."""

    recorded_as = ""

    def save(self, commit=True):
        many = {field.name for field in self.instance._meta.many_to_many} & self.cleaned_data.keys()
        return records.save(
            self.instance,
            by=self.for_user,
            action=self.recorded_as,
            **{name: self.cleaned_data[name] for name in many},
        )


class OfficeViewSet(ModelViewSet):
    """Viewset without Wagtail's count of uses, which knows none of our tables: "Used 0 times"."""

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(**{"usage_url_name": None, **kwargs})

    def get_urlpatterns(self):
        return [each for each in super().get_urlpatterns() if each.name != "usage"]


class RecordEditView(OvertakenMixin, generic.EditView):
    """Wagtail's edit view, which refuses a save that another has overtaken."""


class RecordedViewSet(OfficeViewSet):
    """Viewset whose forms save by `records.save`."""

    edit_view_class = RecordEditView

    def get_form_class(self, for_update=False):
        return forms.modelform_factory(self.model, RecordedForm, fields=self.form_fields)


class ChoicesViewSet(RecordedViewSet):
    """List of choices for other forms: a name and a position."""

    icon = "tag"
    form_fields = list_display = list_export = ["name", "position"]
    search_fields = ["name"]
    copy_view_enabled = False
    index_view_class = OfficeIndexView


class RefusalMixin:
    """Mixin for views of forms that save by a verb: shows on the page why it refused."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except Refused as refused:
            form.add_error(None, str(refused))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)


class SettingView(OvertakenMixin, EditView):
    """Wagtail's page of a setting, saved by `records.save`."""

    recorded_form = RecordedForm

    def get_panel(self):
        panels = extract_panel_definitions_from_model_class(self.model)
        return ObjectList(panels, base_form_class=self.recorded_form).bind_to_model(self.model)


def setting_url(model, view=SettingView):
    """Build the route of a setting's page, to come before Wagtail's own."""
    app, name = model._meta.app_label, model._meta.model_name
    setting = {"app_name": app, "model_name": name}
    return path(f"settings/{app}/{name}/<int:pk>/", view.as_view(), setting, name=f"{name}_setting")
