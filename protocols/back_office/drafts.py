"""Admin actions on a draft in approval: remind an agency, or take the draft back."""

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView
from agencies.free_text import nhs_numbers
from lms.web.govuk_widgets import DayInput
from protocols.approval import agreements, approval, reminders
from protocols.back_office.editions import ForEditors
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
        return (
            "It counts for the draft as it is now: change the draft, and they have to agree again. "
            "Where the draft waits for them alone, it goes on to the next step, and after the last "
            "step it comes into force."
        )

    def perform(self, whose, source, on, words):
        said = agreements.Source(kind=source, words=words, on=on)
        self.given = agreements.record(self.page, whose, said, by=self.request.user)

    def success_message(self):
        return f"The agreement of {self.given.name} is recorded."


ADDRESSES = [
    path("protocols/<int:pk>/agreed/", RecordAgreementView.as_view(), name="record_agreement"),
    path("protocols/approvals/<int:pk>/remind/", RemindView.as_view(), name="approval_remind"),
    path("protocols/<int:pk>/take-back/", TakeBackView.as_view(), name="draft_take_back"),
]
