"""View that decides about a request by the link in a mail, without an account."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from courses.booking import approval as booking_approval
from courses.booking import booking, signed_actions
from courses.booking.forms.approvals import DecisionForm
from courses.models import Booking
from courses.rules import approvers
from lms import links
from lms.refused import Refused

State = Booking.State
# What to say about a request that can no longer be decided, by its state.
DECIDED = {
    State.REFUSED: "This request was not approved. {person} has been told.",
    State.WITHDRAWN: "The request of {person} has been cancelled. There is nothing to decide.",
    State.SUBSTITUTED: "{person} has given the place to a colleague.",
    State.LAPSED: "Nobody decided in time, so this request has ended. {person} can ask again.",
    State.CANCELLED: "This date has been cancelled, so there is nothing left to decide.",
}
NOT_YOURS = "It is no longer for you to decide about this request: somebody else is asked."
NEWEST = "If we have written to you again since, use the link in the newest email."
APPROVED = "This request has been approved. {person} has been told."


@require_http_methods(["GET", "HEAD", "POST"])
def approval(request, token):
    """Show what is asked; only the button, a POST, decides."""
    link = links.find(booking_approval.PURPOSE, token)
    asked = request_of(link)
    closed = why_closed(link, asked)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if not closed and form.is_valid():
        try:
            decided = decide(link, asked, form)
        except Refused as refusal:
            closed = why_closed(link, request_of(link)) or str(refusal)
        else:
            page = {"booking": decided, "approved": form.approves}
            return links.keep_private(render(request, "courses/approval_done.html", page))
    page = {"form": form, "closed": closed}
    if not closed:
        page["question"] = booking_approval.question(asked)
        page["done_before"] = booking_approval.done_before(asked)
    return links.keep_private(render(request, "courses/approval.html", page))


def request_of(link):
    requests = Booking.objects.select_related("person", "agency", "run__course", "run__venue")
    found = requests.filter(pk=link.about_id).first()
    if found is None:
        raise Http404
    return found


def why_closed(link, asked):
    """Return why this link decides nothing now; '' while it does."""
    if asked.state == State.REQUESTED:
        may = approvers.may_still_decide(asked, link.sent_to)
        if refused := links.why_refused(link):
            return f"{refused} {NEWEST}"
        return "" if may else NOT_YOURS
    return DECIDED.get(asked.state, APPROVED).format(person=asked.person)


def decide(link, asked, form):
    if form.approves:
        return signed_actions.perform(link, booking.approve, asked)
    return signed_actions.perform(link, booking.refuse, asked, reason=form.cleaned_data["reason"])
