"""Views that answer an offer or cancel a booking by the link in a mail, without an account."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from courses.booking import booking, signed_actions
from courses.booking.forms.booking import CancelForm
from courses.models import Booking
from courses.rules import cancellation, charging
from lms import links
from lms.refused import Refused

State = Booking.State
# Heading and explanation by the state in which a booking ended, with what to do next.
ANOTHER_DATE = "If you still want to come, look for another date of the course and book that."
FREE_FOR_OTHERS = f"The place is free for others. {ANOTHER_DATE}"
ENDED = {
    State.DECLINED: ("You have declined this offer", FREE_FOR_OTHERS),
    State.LAPSED: ("This offer has expired", FREE_FOR_OTHERS),
    State.WITHDRAWN: ("This booking is cancelled", ANOTHER_DATE),
    State.SUBSTITUTED: ("You have given this place to a colleague", ANOTHER_DATE),
    State.REFUSED: ("This request was not approved", "We have written to you why."),
    State.CANCELLED: ("This date has been cancelled", ANOTHER_DATE),
}
TAKEN = (
    "This place is yours",
    "You’ve accepted this offer, so you don’t need to do anything else. The details are in the "
    "email that says that your place is confirmed.",
)
NOT_CONFIRMED_IN_TIME = (
    "This request has ended",
    f"Nobody confirmed in time that you work there. You are not charged. {ANOTHER_DATE}",
)
NOT_APPROVED_IN_TIME = (
    "This request has ended",
    "Nobody approved it in time. Talk to your manager, and then book again.",
)
ELSEWHERE = "If we have written to you again since, use the link in the newest email, or sign in."


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request, token):
    """Show what is offered; only a button, a POST, answers it."""
    link = links.find("offer", token)
    offered = _booking_of(link)
    closed, problem = _offer_closed(link, offered), ""
    if request.method == "POST" and not closed:
        answer = {"accept", "decline"} & request.POST.keys()
        if len(answer) == 1:
            return _answer(request, link, offered, accepts="accept" in answer)
        problem = "Choose one of the two: accept the place, or decline it."
    page = {
        "booking": offered,
        "run": offered.run,
        "closed": closed,
        "problem": problem,
        "charge": charging.late_charge(offered),
    }
    return _show(request, "courses/offer.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request, token):
    """Show what would be given up, and what that costs; only the button, a POST, cancels."""
    link = links.find("cancel", token)
    found = _booking_of(link)
    closed = _cancel_closed(link, found)
    form = CancelForm(request.POST if request.method == "POST" else None, booking=found)
    if not closed and form.is_valid():
        try:
            ended = signed_actions.perform(
                link, booking.withdraw, found, **cancellation.given(form)
            )
        except Refused:
            found = _booking_of(link)
            closed = _cancel_closed(link, found)
        else:
            page = {
                "run": found.run,
                "said": cancellation.said_after(ended),
                "cost": cancellation.cost_after(ended),
            }
            return _show(request, "courses/cancelled_by_link.html", page)
    page = {"booking": found, "run": found.run, "closed": closed, "form": form}
    if not closed:
        page |= {
            "words": cancellation.wording_for(found),
            "charge": cancellation.charge(found),
            "free": cancellation.free_now(found),
        }
    return _show(request, "courses/cancel_by_link.html", page)


def _answer(request, link, offered, *, accepts):
    verb = booking.accept_offer if accepts else booking.decline_offer
    try:
        signed_actions.perform(link, verb, offered)
    except Refused as refusal:
        offered = _booking_of(link)
        closed = _offer_closed(link, offered) or ("Nothing has changed", str(refusal))
        page = {"booking": offered, "run": offered.run, "closed": closed}
        return _show(request, "courses/offer.html", page)
    page = {"accepted": accepts, "booking": offered, "run": offered.run}
    return _show(request, "courses/offer_answered.html", page)


def _booking_of(link):
    bookings = Booking.objects.select_related("agency", "run__course__page", "run__venue")
    found = bookings.prefetch_related("run__sessions").filter(pk=link.about_id).first()
    if found is None:
        raise Http404
    return found


def _offer_closed(link, offered):
    """Return why this link cannot answer the offer: (heading, explanation); None while it can.

    The booking's state is told first, since it says more than the link's.
    """
    if offered.state == State.CONFIRMED:
        return TAKEN
    if ended := _ended(offered):
        return ended
    if refused := links.why_refused(link):
        if offered.state == State.OFFERED and link.expires_at >= offered.offered_until:
            return ENDED[State.LAPSED]
        return "This link does nothing any more", f"{refused} {ELSEWHERE}"
    if offered.state != State.OFFERED:
        return "This is no longer an offer", ELSEWHERE
    return None


def _cancel_closed(link, found):
    if ended := _ended(found):
        return ended
    if found.run.has_begun:
        return (
            "This date has begun",
            "The booking can no longer be cancelled. If you could not come, tell the training "
            "office.",
        )
    if refused := links.why_refused(link):
        return "This link does nothing any more", f"{refused} {ELSEWHERE}"
    return None


def _ended(found):
    if found.is_live:
        return None
    if found.state == State.LAPSED and found.waits_for_job:
        return NOT_CONFIRMED_IN_TIME
    if found.state == State.LAPSED and found.approver_asked_at and not found.approved_at:
        return NOT_APPROVED_IN_TIME
    heading, meaning = ENDED[State(found.state)]
    if found.state == State.CANCELLED and found.end_reason:
        meaning = f"The reason given: {found.end_reason} {meaning}"
    return heading, meaning


def _show(request, template, page):
    return links.keep_private(render(request, template, page))
