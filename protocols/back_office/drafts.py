"""Admin actions on a draft in approval: remind an agency, or take the draft back."""

from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView
from protocols.approval import approval, reminders
from protocols.back_office.editions import ForEditors
from protocols.models import Approval, ProtocolPage


class AboutDraft(ForEditors, ConfirmActionView):
    """Base of confirmation pages reached from a protocol's versions page."""

    refusal = approval.ApprovalRefused

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
        return f"For {self.approval.name} we write to {names or 'nobody: no lead is known'}."

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


ADDRESSES = [
    path("protocols/approvals/<int:pk>/remind/", RemindView.as_view(), name="approval_remind"),
    path("protocols/<int:pk>/take-back/", TakeBackView.as_view(), name="draft_take_back"),
]
