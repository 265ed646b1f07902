"""What does Wagtail's edit view say to who writes a draft, or approves it for the board?"""

from django.contrib import messages
from wagtail.admin.action_menu import SubmitForModerationMenuItem

from protocols.models import AgencyStep, ProtocolIndexPage, ProtocolPage


class SubmitForApproval(SubmitForModerationMenuItem):
    """Wagtail's own button, without the name of the workflow."""

    def get_context_data(self, parent_context):
        context = super().get_context_data(parent_context)
        page = parent_context.get("page")
        state = page.current_workflow_state if page else None
        if not state or state.status != state.STATUS_NEEDS_CHANGES:
            context["label"] = "Submit for approval"
        return context


def name_the_buttons(menu_items, context):
    """A draft becomes a version by the last step of its workflow, and by nothing else."""
    page, parent = context.get("page"), context.get("parent_page")
    about = page or (parent.specific if parent else None)
    if not isinstance(about, ProtocolPage | ProtocolIndexPage) or not about.has_workflow:
        return
    if page is None or isinstance(page, ProtocolPage):
        menu_items[:] = [
            SubmitForApproval(order=item.order) if item.name == "action-submit" else item
            for item in menu_items
            if item.name != "action-publish"
        ]


def leave_answers_to_presses(request):
    """Wagtail marks the form when "Approve" is pressed, and saves by itself what the form holds:

    the answer would be given a second time, or without a press where the first was called off.
    """
    if request.method == "POST" and not request.accepts("text/html"):
        request.POST = request.POST.copy()
        request.POST.pop("action-workflow-action", None)


def what_follows(request, page):
    """After a press that sends a draft on, it is said whose turn it is now."""
    pressed = {"action-submit", "action-workflow-action"} & set(request.POST)
    if not pressed or not isinstance(page, ProtocolPage):
        return
    page = ProtocolPage.objects.get(pk=page.pk)  # Wagtail's remembers the state before.
    messages.success(request, where_it_is(page))


def where_it_is(page):
    state = page.current_workflow_state
    if not state:
        edition = page.edition_in_force
        if page.approved_schedule or not edition:
            return "Everybody has approved it. It comes into force at the moment that it gives."
        return f"{edition.title}, {edition.label.lower()}, is in force."
    if state.status == state.STATUS_NEEDS_CHANGES:
        return "The draft is back with its author."
    step = state.current_task_state.task.specific
    if not isinstance(step, AgencyStep):
        return f"The draft is with the next step now: {step.name}."
    names = page.approvals.of_agencies().waiting().values_list("name", flat=True)
    return f"The draft is with the agencies that approve it now: {', '.join(names)}."
