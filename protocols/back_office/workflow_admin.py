"""Adapt Wagtail's edit view and action menu to protocols that need approval."""

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages as wagtail_messages
from wagtail.admin.action_menu import SubmitForModerationMenuItem, WorkflowMenuItem
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import TaskState

from lms.page_edits import EditViewInTurn
from lms.refused import Refused
from protocols.approval import agreements, approval
from protocols.editions import editions, planning
from protocols.models import AgencyStep, ProtocolIndexPage, ProtocolPage


class SubmitForApproval(SubmitForModerationMenuItem):
    """Wagtail's submit button, without the name of the workflow."""

    def get_context_data(self, parent_context):
        context = super().get_context_data(parent_context)
        page = parent_context.get("page")
        state = page.current_workflow_state if page else None
        if not state or state.status != state.STATUS_NEEDS_CHANGES:
            context["label"] = "Submit for approval"
        return context


class AnswerMenuItem(WorkflowMenuItem):
    """Wagtail's workflow button, which also posts the step that the form was shown for."""

    template_name = "protocols/back_office/answer.html"

    @classmethod
    def like(cls, item):
        icon = {"icon_name": item.icon_name} if item.icon_name else {}
        return cls(item.name, item.label, item.launch_modal, order=item.order, **icon)


class ProtocolEditView(EditViewInTurn):
    """Wagtail's edit view, which answers only the workflow step that its form was shown for.

    Wagtail itself answers whichever step is current once it has saved the draft. Its form is marked
    when "Approve" is pressed, and the autosave that follows sends that mark: it is not a press.
    """

    follows_a_press = False

    def dispatch(self, request, page_id, **kwargs):
        """Explain a stale answer to a user who may no longer edit, instead of PermissionDenied."""
        if not request.accepts("text/html"):
            request.POST = request.POST.copy()
            self.follows_a_press = bool(request.POST.pop("action-workflow-action", None))
        try:
            return super().dispatch(request, page_id, **kwargs)
        except PermissionDenied:
            if answer := self.too_late():
                return answer
            raise

    @cached_property
    def is_out_of_date(self):
        """Return True for an autosave after a press too: the press has saved the draft already."""
        return super().is_out_of_date or (self.follows_a_press and not self.waits(self.page))

    def get(self, request, *args, **kwargs):
        """Name the owners whom nobody will ask, before the draft is submitted."""
        if self.page.has_workflow and not self.page.current_workflow_state:
            draft = self.page.get_latest_revision_as_object()
            if names := ", ".join(map(str, agreements.owners_not_asked(draft))):
                record = reverse("protocol_versions", args=[self.page.pk])
                button = wagtail_messages.button(record, "Record their agreement")
                said = f"Nobody has an account at {names}, so they will not be asked. Name "
                said += "somebody under Approvers, or record their agreement."
                wagtail_messages.warning(request, said, buttons=[button])
        for coming in planning.coming_of(self.page):
            pk = coming.revision.pk
            ways = {"Change the day": "move_day_in_force", "Call it off": "call_off_version"}
            buttons = [
                wagtail_messages.button(reverse(name, args=[pk]), label)
                for label, name in ways.items()
            ]
            said = f"{coming.in_words}. To change its text, call it off first."
            tell = wagtail_messages.warning if coming.warning else wagtail_messages.info
            tell(request, f"{said} {coming.warning}".strip(), buttons=buttons)
        return super().get(request, *args, **kwargs)

    def waits(self, page):
        """Return whether the page still waits for the step that the form was shown for."""
        waiting = page.current_workflow_task_state
        return bool(waiting) and str(waiting.pk) == self.request.POST.get("answered-step")

    def form_valid(self, form):
        return self.too_late() or super().form_valid(form)

    def form_invalid(self, form):
        return self.too_late() or super().form_invalid(form)

    def perform_workflow_action(self):
        """Answer the step under the page lock; keep the saved draft even if that is refused."""
        with transaction.atomic():
            editions.lock_page(self.page)
            if answer := self.too_late():
                return answer
            try:
                return super().perform_workflow_action()
            except Refused as refused:
                why = refused
        raise why

    def too_late(self):
        """Return the response to a stale answer, or None if its step still waits."""
        sent, page = self.request.POST, ProtocolPage.objects.get(pk=self.page.pk)
        if "action-workflow-action" not in sent:
            return None
        if self.waits(page):
            return None
        answered, step = TaskState.objects.for_instance(page), sent.get("answered-step", "")
        state = answered.filter(pk=step).first() if step.isdecimal() else None
        action = sent.get("workflow-action-name", "")
        if state and approval.has_answered(state, self.request.user, action):
            messages.success(self.request, workflow_status_message(page))
            return redirect("wagtailadmin_home")
        comment = json.loads(sent.get("workflow-action-extra-data") or "{}").get("comment", "")
        messages.error(self.request, approval.not_taken(comment))
        if not self.page_perms.can_edit():
            return redirect("wagtailadmin_home")
        self.has_unsaved_changes = True
        return self.render_to_response(self.get_context_data())


class ProtocolPageViewSet(PageViewSet):
    model = ProtocolPage
    edit_view_class = ProtocolEditView


def customise_action_menu(menu_items, context):
    """Hide Wagtail's Publish button on protocols in a workflow; relabel Submit."""
    page, parent = context.get("page"), context.get("parent_page")
    about = page or (parent.specific if parent else None)
    if not isinstance(about, ProtocolPage | ProtocolIndexPage) or not about.has_workflow:
        return
    if page is None or isinstance(page, ProtocolPage):
        menu_items[:] = [_ours(item) for item in menu_items if item.name != "action-publish"]


def _ours(item):
    if isinstance(item, WorkflowMenuItem):
        return AnswerMenuItem.like(item)
    return SubmitForApproval(order=item.order) if item.name == "action-submit" else item


def announce_next_step(request, page):
    """Tell the user whose turn it is after they submitted the draft or answered a step."""
    pressed = {"action-submit", "action-workflow-action"} & set(request.POST)
    if not pressed or not isinstance(page, ProtocolPage):
        return
    page = ProtocolPage.objects.get(pk=page.pk)  # Wagtail's has cached the old state.
    messages.success(request, workflow_status_message(page))


def workflow_status_message(page):
    state = page.current_workflow_state
    if not state:
        return planning.outcome(page)
    if state.status == state.STATUS_NEEDS_CHANGES:
        return "The draft is back with its author."
    step = state.current_task_state.task.specific
    if not isinstance(step, AgencyStep):
        return f"The draft is with the next step now: {step.name}."
    names = page.approvals.of_agencies().waiting().values_list("name", flat=True)
    return f"The draft is with the agencies that approve it now: {', '.join(names)}."
