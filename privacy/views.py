"""Show the office what is held about people, and what is erased in time."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView
from lms.formatting import day
from lms.registries.reports import PageReport
from lms.spreadsheets.writing import About
from privacy import erasing, held, switching

HEADINGS = [
    "Record", "Fields", "What it holds", "About whom", "On what basis", "Kept for",
    "When a person is erased", "When two accounts are merged",
]  # fmt: skip


class PersonalDataReport(PageReport):
    """Registry of personal data, for whoever answers to people for it."""

    name = "personal-data"
    order = 190
    template_name = "privacy/personal_data.html"
    page_title = "Personal data that we hold"
    header_icon = "lock"
    may_read = access.is_training_administrator

    @cached_property
    def entries(self):
        return held.entries()

    def get_context_data(self, **kwargs):
        personal = [entry for entry in self.entries if entry.is_personal]
        others = [entry for entry in self.entries if not entry.is_personal]
        return super().get_context_data(personal=personal, others=others, **kwargs)

    def file(self):
        rows = (
            [f"{entry.about} ({entry.name})", *line.cells]
            for entry in self.entries
            for line in entry.lines
        )
        return self.name, About(self.page_title), HEADINGS, rows


class RetentionReport(PageReport):
    """Dry run: what the next night would erase of each record type, and what is switched on."""

    name = "retention"
    order = 195
    template_name = "privacy/retention.html"
    page_title = "What is erased in time"
    header_icon = "bin"
    may_read = access.is_training_administrator

    def get_context_data(self, **kwargs):
        night = erasing.next_night()
        return super().get_context_data(
            night=night, due=erasing.due(night), others=held.kept_until_asked(), **kwargs
        )


class SwitchForm(forms.Form):
    """Carry the proof that the dry run on this page was seen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class SwitchView(ConfirmActionView):
    """Confirm switching a record type on or off, below its dry run."""

    on = True
    form_class = SwitchForm

    def dispatch(self, request, *args, name, **kwargs):
        if not RetentionReport.may_read(request.user):
            raise PermissionDenied
        found = [each for each in erasing.erased_in_time() if each.name == name]
        if not found or found[0].always:
            raise Http404
        self.record_type = found[0]
        return super().dispatch(request, *args, **kwargs)

    @property
    def button(self):
        return f"Switch {'on' if self.on else 'off'}"

    @property
    def page_title(self):
        return f"{self.button}: {self.record_type.title}"

    def question(self):
        if not self.on:
            return f"{self.record_type.title} will be kept until you switch this on again."
        night = erasing.next_night()
        amount = held.amount(erasing.due_of(self.record_type, night, is_on=False))
        amount = "nothing" if amount == "Nothing" else amount
        return (
            f"Kept for: {self.record_type.kept_for}. {self.record_type.erasing} If you switch this "
            f"on, {amount} will be erased in the night to {day(night)}. After that, we’ll erase "
            "each night what has been kept long enough. What is erased cannot be brought back."
        )

    def get_initial(self):
        return {"seen": switching.seen_by(self.request.user, self.record_type)}

    def perform(self, seen):
        if self.on:
            switching.switch_on(self.record_type, seen=seen, by=self.request.user)
        else:
            switching.switch_off(self.record_type, by=self.request.user)

    def success_message(self):
        title = self.record_type.title
        if self.on:
            return f"{title}: switched on. The first are erased in the next night."
        return f"{title}: switched off. They are kept from now on."

    def get_success_url(self):
        return reverse(RetentionReport.url_name())

    def get_breadcrumbs_items(self):
        *before, this = super().get_breadcrumbs_items()
        return [*before, {"url": self.get_success_url(), "label": RetentionReport.page_title}, this]
