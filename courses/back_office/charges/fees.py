"""Back-office views of fees by sector, and history of the booking policy."""

from django import forms
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

import history
from agencies.back_office.listing import OfficeIndexView
from courses.models import BookingPolicy, Fee


class FeeIndexView(OfficeIndexView):
    page_title = "Fees by sector"
    add_item_label = "Add a sector's fee"

    def get_base_queryset(self):
        return Fee.objects.select_related("sector")


class RecordsFee:
    """Mixin that records in history what a sector pays, and who set it."""

    def save_instance(self):
        fee = super().save_instance()
        now = {"sector": fee.sector_id, "a_day": str(fee.a_day)}
        history.record("fee.set", fee, by=self.request.user, now=now)
        return fee


class FeeCreateView(RecordsFee, generic.CreateView):
    page_title = "Add a sector's fee"


class FeeEditView(RecordsFee, generic.EditView):
    page_title = "Change"


class FeeViewSet(ModelViewSet):
    model = Fee
    icon = "list-ul"
    menu_label = "Fees by sector"
    form_fields = ["sector", "a_day"]
    list_display = ["sector", "a_day"]
    list_export = ["sector", "a_day"]
    export_filename = "fees"
    copy_view_enabled = False
    index_view_class = FeeIndexView
    add_view_class = FeeCreateView
    edit_view_class = FeeEditView


def tell_of_policy(request, setting):
    """Record the booking policy in history whenever somebody saves it."""
    if isinstance(setting, BookingPolicy):
        now = {name: str(value) for name, value in forms.model_to_dict(setting).items()}
        history.record("policy.changed", setting, by=request.user, now=now)
