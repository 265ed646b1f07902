"""Pages where agencies read and answer drafts they are asked to approve; 404 for others."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from lms.refused import Refused
from protocols.approval import approval as approval_approval
from protocols.approval import outcome
from protocols.approval.forms import SEND_BACK, AnswerForm
from protocols.drafts import content
from protocols.editions import planning
from protocols.models import Approval, ProtocolPage

ASKED = Approval.objects.select_related("page", "agency", "revision", "answered_by")


@login_required
@require_safe
def drafts(request):
    """List the drafts that wait for the viewer's answer and those answered."""
    asked = ASKED.visible_to(request.user).exclude(state=Approval.State.LAPSED).order_by("-pk")
    waiting = [each for each in asked if each.state == Approval.State.WAITING]
    answered = [each for each in asked if each.state != Approval.State.WAITING]
    return render(request, "protocols/drafts.html", {"waiting": waiting, "answered": answered})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request, pk):
    approval = get_object_or_404(ASKED.visible_to(request.user), pk=pk)
    draft = approval.revision.as_object() if approval.revision else None
    is_asked = draft and approval.state == Approval.State.WAITING
    brings = outcome.after(draft, approval.agency) if is_asked else ""
    form = AnswerForm(request.POST or None, approve=outcome.button("Approve", brings))
    if request.method == "POST" and form.is_valid() and answered(request, approval, form):
        return redirect("protocols:draft", pk)
    if not draft:
        raise Http404
    edition = content.draft_of(draft)
    in_force = approval.page.edition_in_force
    context = {
        "approval": approval,
        "edition": edition,
        "in_force": in_force,
        "changes": content.changes(in_force.data, edition.data) if in_force else [],
        "form": form,
        "brings": brings,
    }
    return render(request, "protocols/draft.html", context)


def answered(request, approval, form):
    """Return whether the answer was accepted; otherwise add the refusal to the form."""
    try:
        if form.cleaned_data["decision"] == SEND_BACK:
            comment = form.cleaned_data["comment"]
            approval_approval.send_back(approval, comment=comment, by=request.user)
            messages.success(request, "The draft has been sent back with your comment.")
        else:
            approval_approval.approve(approval, by=request.user)
            said = f"You have approved the draft for {approval.agency}."
            page = ProtocolPage.objects.get(pk=approval.page_id)
            came = "" if page.current_workflow_state else f" {planning.outcome(page)}"
            messages.success(request, f"{said}{came}")
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    return True
