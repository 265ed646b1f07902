"""Back-office views of fees by sector, and of the booking policy."""

from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.views import generic

from agencies.back_office.listing import OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import OfficeViewSet, RecordedForm, SettingView
from courses.models import Fee
from courses.rules import fees, policy


class FeeIndexView(OfficeIndexView):
    page_title = "Fees by sector"
    add_item_label = "Add a sector's fee"

    def get_base_queryset(self):
        return Fee.objects.select_related("sector")


class FeeForm(WagtailAdminModelForm):
    class Meta:
        model = Fee
        fields = ["sector", "a_day"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sector"].disabled = bool(self.instance.pk)

    def save(self, commit=True):
        self.instance = fees.set_fee(**self.cleaned_data, by=self.for_user)
        return self.instance


class FeeCreateView(generic.CreateView):
    page_title = "Add a sector's fee"


class FeeEditView(OvertakenMixin, generic.EditView):
    page_title = "Change"


class FeeViewSet(OfficeViewSet):
    model = Fee
    icon = "list-ul"
    menu_label = "Fees by sector"
    list_display = ["sector", "a_day"]
    list_export = ["sector", "a_day"]
    export_filename = "fees"
    copy_view_enabled = False
    index_view_class = FeeIndexView
    add_view_class = FeeCreateView
    edit_view_class = FeeEditView

    def get_form_class(self, for_update=False):
        return FeeForm


class PolicyForm(RecordedForm):
    recorded_as = "policy.changed"

    def save(self, commit=True):
        return policy.change(self.instance, by=self.for_user, action=self.recorded_as)


class PolicyView(SettingView):
    """Page of the booking policy."""

    recorded_form = PolicyForm
