"""Admin actions on a draft in approval: remind an agency, or take the draft back."""

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.free_text import nhs_numbers
from lms.formatting import day
from lms.web.govuk_widgets import DayInput
from protocols.approval import agreements, approval, reminders
from protocols.back_office.editions import ForEditors
from protocols.drafts.page_lock import lock_page
from protocols.editions import planning
from protocols.models import Approval, ProtocolPage


class AboutDraft(ForEditors, ConfirmActionView):
    """Base of confirmation pages reached from a protocol's versions page."""

    def dispatch(self, request, *args, **kwargs):
        if access.is_protocol_editor(request.user):
            self.page = self.find(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def page_subtitle(self):
        return self.page.title

    def get_success_url(self):
        return reverse("protocol_versions", args=[self.page.pk])


class RemindView(AboutDraft):
    button = "Remind now"

    def find(self, pk):
        asked = Approval.objects.of_agencies().select_related("page", "agency", "person")
        self.approval = get_object_or_404(asked, pk=pk)
        return self.approval.page

    def question(self):
        names = ", ".join(person.name for person in approval.who_answers(self.approval))
        nobody = "nobody: make somebody its lead, or record its agreement"
        return f"For {self.approval.name} we write to {names or nobody}."

    def perform(self):
        reminders.remind(self.approval, by=self.request.user)

    def success_message(self):
        return f"{self.approval.name} is reminded."


class TakeBackView(AboutDraft):
    button = "Take the draft back"

    def find(self, pk):
        return get_object_or_404(ProtocolPage, pk=pk)

    def question(self):
        return (
            "Nobody is asked to approve it any more, and it can be changed again. What was "
            "approved stays approved, as long as the text does not change."
        )

    def perform(self):
        reminders.take_back(self.page, by=self.request.user)

    def success_message(self):
        return "The draft is taken back. Submit it again when it is ready."


class AgreementForm(forms.Form):
    """Form for an agreement: of whom, where and when it was given."""

    whose = forms.ChoiceField(label="Who agreed?")
    source = forms.ChoiceField(
        label="How?", choices=Approval.Source.choices, widget=forms.RadioSelect
    )
    on = forms.DateField(label="On which day?", widget=DayInput)
    words = forms.CharField(
        label="The meeting and the number of its minute, or who wrote the email or letter",
        max_length=240,
        help_text="Readers of the version see this, such as ‘Case Review Committee, minute 7’.",
        validators=[nhs_numbers.refuse],
    )

    def __init__(self, *args, whose, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["whose"].choices = whose


class RecordAgreementView(AboutDraft):
    """Record what was agreed in a meeting or by email, for those who do not sign in here."""

    button = "Record their agreement"
    form_class = AgreementForm

    def find(self, pk):
        return get_object_or_404(ProtocolPage, pk=pk)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"whose": agreements.to_record(self.page)}

    def question(self):
        said = (
            "This agreement is for the draft as it is now: if the draft changes, they must agree "
            "again. If the draft only waits for them, it goes on to the next step."
        )
        last = [f"{name}: {brings}" for name, brings in agreements.brings(self.page) if brings]
        if not last:
            return f"{said} Others have to approve it after them."
        return f"{said} Theirs is the last approval that is needed. {'. '.join(last)}."

    def perform(self, whose, source, on, words):
        said = agreements.Source(kind=source, words=words, on=on)
        self.given = agreements.record(self.page, whose, said, by=self.request.user)

    def success_message(self):
        page = ProtocolPage.objects.get(pk=self.page.pk)
        came = "" if page.current_workflow_state else f" {planning.outcome(page)}"
        return f"The agreement of {self.given.name} is recorded.{came}"


class DayForm(forms.Form):
    on = forms.DateField(
        label="In force from",
        widget=DayInput,
        error_messages={
            "required": "Enter the day from which it is in force",
            "invalid": "Enter the day from which it is in force, such as 1 3 2027",
        },
    )


class AboutComing(AboutDraft):
    """Base of confirmation pages about an approved version that waits for its day."""

    def find(self, pk):
        revision = get_object_or_404(planning.waiting(), pk=pk)
        page = get_object_or_404(ProtocolPage, pk=revision.object_id)
        self.coming = next(one for one in planning.coming_of(page) if one.revision == revision)
        return page

    @property
    def page_subtitle(self):
        return f"{self.page.title}, version {self.coming.number}"


class MoveDayView(OvertakenMixin, AboutComing):
    """Change the day from which an approved version is in force."""

    button = "Change the day in force"
    form_class = DayForm

    def overtaken_record(self):
        return self.page

    def fresh_record(self):
        lock_page(self.page)
        self.page = self.find(self.kwargs["pk"])

    def get_initial(self):
        return {"on": self.coming.on}

    def question(self):
        return (
            f"{self.page.title}. {self.coming.in_words}. Nobody has to approve it again: its text "
            "stays as it is. If you choose today, it is in force at once. Moving the day sends no "
            "email. People who asked for alerts get one when the version is in force."
        )

    def perform(self, on):
        planning.move(self.coming.revision, on=on, by=self.request.user)
        self.on = on

    def success_message(self):
        return f"Version {self.coming.number} is in force from {day(self.on)}."


class CallOffView(AboutComing):
    """Keep an approved version from coming into force on its day."""

    button = "Call off this version"

    def question(self):
        return (
            f"{self.page.title}. {self.coming.in_words}. It will not be in force on that day, and "
            "stays a draft. Its approvals are kept: submit the draft again as it is, and nobody is "
            "asked twice. This sends no email."
        )

    def perform(self):
        planning.call_off(self.coming.revision, by=self.request.user)

    def success_message(self):
        return f"Version {self.coming.number} is called off. It is a draft again."


ADDRESSES = [
    path("protocols/<int:pk>/agreed/", RecordAgreementView.as_view(), name="record_agreement"),
    path("protocols/approvals/<int:pk>/remind/", RemindView.as_view(), name="approval_remind"),
    path("protocols/coming/<int:pk>/day/", MoveDayView.as_view(), name="move_day_in_force"),
    path("protocols/coming/<int:pk>/call-off/", CallOffView.as_view(), name="call_off_version"),
    path("protocols/<int:pk>/take-back/", TakeBackView.as_view(), name="draft_take_back"),
]
