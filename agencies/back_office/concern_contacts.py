"""Let the training office change and check the phone numbers for a concern."""

from django import forms
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.contrib.settings.views import EditView

from agencies import concern_contacts
from agencies.back_office.overtaken import OvertakenMixin
from agencies.contact_models import NUMBERS
from agencies.models import ConcernContacts
from lms.phone_numbers import dialled


class ConcernContactsForm(WagtailAdminModelForm):
    saw = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["saw"] = self.instance.version

    def clean(self):
        entered = super().clean()
        for name, what in NUMBERS.items():
            if entered.get(name) and not dialled(entered[name]):
                self.add_error(name, f"Enter {what} in full, like 01632 960 123")
        return entered


def part(heading, who):
    fields = [FieldPanel(f"{who}_{what}") for what in ("name", "telephone", "hours")]
    return MultiFieldPanel(fields, heading=heading)


PANEL = ObjectList(
    [part("In office hours", "hub"), part("At other times", "out_of_hours")],
    base_form_class=ConcernContactsForm,
)


class ConcernContactsView(OvertakenMixin, EditView):
    """Wagtail setting page with a second button, saved through `concern_contacts.save`."""

    template_name = "agencies/back_office/concern_contacts.html"
    error_message = "The phone numbers were not saved: see below."

    def get_panel(self):
        return PANEL.bind_to_model(ConcernContacts)

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except concern_contacts.ContactsChanged as refused:
            form.add_error(None, str(refused))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)

    def save_instance(self):
        values = self.form.cleaned_data.copy()
        return concern_contacts.save(
            self.object,
            values,
            expected=values.pop("saw"),
            checked="checked" in self.request.POST,
            by=self.request.user,
        )

    def get_success_message(self):
        return f"Saved. {self.object.last_check}"
