"""Admin views of a protocol's versions: withdraw, review, check elsewhere; reviews due."""

import datetime as dt

from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateInput

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView, ReasonForm
from agencies.back_office.overtaken import OvertakenMixin, lock
from lms.registries.reports import PageReport
from protocols.approval import agreements, approval, stuck
from protocols.drafts import content
from protocols.editions import editions, planning, reviews
from protocols.models import Approval, BoardStep, Edition, ProtocolPage, ProtocolPolicy


class ConfirmReviewForm(forms.Form):
    until_now = forms.DateField(
        label="Next review until now", required=False, disabled=True, widget=AdminDateInput
    )
    next_review_on = forms.DateField(label="Next review", widget=AdminDateInput)
    note = forms.CharField(label="What was looked at", max_length=300, required=False)


class PublicationCheckForm(forms.Form):
    url = forms.ChoiceField(label="Place")
    is_same = forms.TypedChoiceField(
        label="What is there?",
        choices=[("yes", "This version"), ("no", "Another version, or none")],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="Note", max_length=300, required=False)


class ForEditors(WagtailAdminTemplateMixin):
    """Admit protocol editors only; raise PermissionDenied for others, as Wagtail does."""

    def dispatch(self, request, *args, **kwargs):
        if not access.is_protocol_editor(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class VersionsView(ForEditors, TemplateView):
    """Versions of a protocol, and the approval status of its draft."""

    template_name = "protocols/back_office/versions.html"
    header_icon = "history"

    @property
    def page_title(self):
        return f"Versions: {self.page.title}"

    def dispatch(self, request, *args, **kwargs):
        if access.is_protocol_editor(request.user):
            self.page = get_object_or_404(ProtocolPage, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        edit = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        here = {"url": "", "label": self.page_title}
        return [*self.breadcrumbs_items, {"url": edit, "label": self.page.title}, here]

    def to_put_back(self):
        """Return the last version, if it was withdrawn and can be put back."""
        last = self.page.editions.without_text().order_by("-number").first()
        return last if last and not editions.why_not_put_back(last) else None

    def get_context_data(self, **kwargs):
        draft = self.page.get_latest_revision_as_object()
        facts = content.facts_of(draft)
        in_force = self.page.edition_in_force
        has_draft = self.page.has_unpublished_changes
        state = self.page.current_workflow_task_state
        step = state.task.specific if state else None
        asked = self.page.approvals.of_agencies().order_by("-pk")[:20]
        return super().get_context_data(
            page=self.page,
            editions=self.page.editions.without_text().with_review_day(),
            in_force=in_force,
            to_put_back=self.to_put_back(),
            coming=planning.coming_of(self.page),
            workflow=self.page.current_workflow_state,
            given=[
                (each["name"], dt.date.fromisoformat(each["on"]), each.get("source", ""))
                for each in approval.given(draft, facts)
            ],
            not_asked=agreements.owners_not_asked(draft) if has_draft else [],
            can_record=has_draft and bool(agreements.to_record(self.page)),
            is_with_board=isinstance(step, BoardStep),
            who_acts=stuck.who_acts(step) if isinstance(step, BoardStep) else [],
            lacking=approval.lacking(draft, facts),
            elsewhere=reviews.places_of(in_force) if in_force else [],
            answers=with_readers(asked.select_related("agency", "person", "answered_by")),
            **kwargs,
        )


def with_readers(asked):
    """Pair each approval with those who can answer it now; none unless it is waiting."""
    waits = Approval.State.WAITING
    return [(one, approval.who_answers(one) if one.state == waits else []) for one in asked]


class AskAboutEdition(ForEditors, ConfirmActionView):
    """Base of confirmation pages about one edition, found by its primary key."""

    def dispatch(self, request, *args, **kwargs):
        if access.is_protocol_editor(request.user):
            found = Edition.objects.select_related("page")
            self.edition = get_object_or_404(found, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def page_subtitle(self):
        return str(self.edition)

    def get_success_url(self):
        return reverse("protocol_versions", args=[self.edition.page_id])


def _who_is_told(edition):
    """Say how many people withdrawing the edition, or putting it back, sends an email to."""
    people = editions.people_told(edition)
    if not people:
        return "We won’t email anybody, because it was not sent to anybody."
    whom = "agencies that it was sent to, their staff who had it by email, and subscribers"
    return f"We’ll email {people} {'person' if people == 1 else 'people'}: {whom}."


class WithdrawView(AskAboutEdition):
    form_class = ReasonForm
    button = "Withdraw this version"

    def question(self):
        return (
            f"{self.edition} will no longer be in force, and no older version takes its place. "
            "Anybody can still read it at its own address, with the reason that you give. "
            f"{_who_is_told(self.edition)} You can undo this until there is a newer version."
        )

    def perform(self, reason):
        editions.withdraw(self.edition, reason=reason, by=self.request.user)

    def success_message(self):
        return f"{self.edition} is withdrawn."


class PutBackView(AskAboutEdition):
    button = "Put this version back in force"

    def question(self):
        return (
            f"{self.edition} was withdrawn: {self.edition.withdrawn_reason} It will be in force "
            f"again. {_who_is_told(self.edition)}"
        )

    def perform(self):
        editions.put_back(self.edition, by=self.request.user)

    def success_message(self):
        return f"{self.edition} is in force again."


class ConfirmReviewView(OvertakenMixin, AskAboutEdition):
    form_class = ConfirmReviewForm
    button = "Still right"

    def question(self):
        return f"The review of {self.edition} is recorded today. There is no new version."

    def overtaken_record(self):
        return self.edition

    def fresh_record(self):
        lock(self.edition)

    def get_initial(self):
        today = timezone.localdate()
        known = Edition.objects.without_text().with_review_day().get(pk=self.edition.pk)
        return {
            "until_now": known.review_on,
            "next_review_on": today + dt.timedelta(days=2 * 365),
        }

    def perform(self, next_review_on, note, until_now):
        reviews.confirm_review(
            self.edition, next_review_on=next_review_on, note=note, by=self.request.user
        )

    def success_message(self):
        return f"The review of {self.edition} is recorded."


class PublicationCheckView(AskAboutEdition):
    form_class = PublicationCheckForm
    button = "Record what is published elsewhere"

    def question(self):
        return (
            f"{self.edition}: open the other place and look which version is there. Readers see "
            "what you found."
        )

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        places = self.edition.data.get("elsewhere", [])
        form.fields["url"].choices = [
            (place["url"], f"{place['name']}: {place['url']}") for place in places
        ]
        return form

    def perform(self, **said):
        reviews.check_publication(self.edition, by=self.request.user, **said)

    def success_message(self):
        return "What you found is recorded."


def may_read_report(viewer):
    return access.is_protocol_editor(viewer) or access.is_board_member(viewer)


class DueForReview(PageReport):
    """Report of protocols whose review is due soon, overdue or without a date.

    For protocol editors and board members.
    """

    name = "protocols-due"
    order = 120
    template_name = "protocols/back_office/due.html"
    page_title = "Protocols due for review"
    header_icon = "date"
    may_read = may_read_report

    def get_context_data(self, **kwargs):
        today = timezone.localdate()
        days = max(ProtocolPolicy.load().review_notices.days_before)
        return super().get_context_data(
            due=reviews.due(by_day=today + dt.timedelta(days)),
            days=days,
            not_looked_at=reviews.not_looked_at(),
            today=today,
            is_editor=access.is_protocol_editor(self.request.user),
            **kwargs,
        )


ADDRESSES = [
    path("protocols/<int:pk>/versions/", VersionsView.as_view(), name="protocol_versions"),
    path("protocols/editions/<int:pk>/withdraw/", WithdrawView.as_view(), name="withdraw_edition"),
    path("protocols/editions/<int:pk>/put-back/", PutBackView.as_view(), name="put_edition_back"),
    path(
        "protocols/editions/<int:pk>/still-right/", ConfirmReviewView.as_view(), name="still_right"
    ),
    path(
        "protocols/editions/<int:pk>/elsewhere/", PublicationCheckView.as_view(), name="elsewhere"
    ),
]
