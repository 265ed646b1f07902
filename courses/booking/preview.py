"""Preview of a booking before it is made: place or turn, who is asked, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from courses.booking import waiting_list
from courses.models import Booking
from courses.rules import approvers, cancellation, charging, deadlines, quotas
from lms.formatting import moment, pounds

if TYPE_CHECKING:
    from agencies.models import Person, Post
    from courses.models import Run


@dataclass(frozen=True)
class BookingPreview:
    """Outcome that a booking made now from this job would have."""

    waits: bool
    ahead: int = 0
    why: str = ""
    fee: str = ""
    asks: str = ""
    late: str = ""
    # The agency that has still to confirm the job, and until when the request is kept.
    unconfirmed: str = ""
    kept_until: str = ""


def preview(run: Run, person: Person, post: Post | None, manager_email: str = "") -> BookingPreview:
    if post is None:
        return BookingPreview(run.is_full, _ahead(run, run.is_full))
    its = quotas.PlaceQuotas(run)
    waits = waiting_list.must_wait(run, its, post.agency)
    fee = charging.fee(run, post.agency)
    kept = "" if post.is_confirmed else moment(deadlines.job_hold_ends(run))
    return BookingPreview(
        waits,
        _ahead(run, waits),
        its.why_not(post.agency),
        pounds(fee) if fee else "",
        who_is_asked(run, person, post, manager_email, waits=waits) if run.asks_approval else "",
        cancellation.in_words(run),
        "" if post.is_confirmed else post.agency.name,
        kept,
    )


def _ahead(run: Run, waits: bool) -> int:
    return Booking.objects.in_queue().filter(run=run).count() if waits else 0


def who_is_asked(
    run: Run, person: Person, post: Post, manager_email: str, *, waits: bool = False
) -> str:
    """Say who would decide about a request made now, and what is kept until when."""
    named = manager_email or post.line_manager_email
    asked = Booking(run=run, person=person, agency=post.agency, manager_email=named.lower())
    first = approvers.who_decides(asked)[0]
    whom = {
        approvers.MANAGER: f"your manager at {first.email}",
        approvers.LEAD: f"whoever leads training at {post.agency}",
        approvers.OFFICE: f"the training office, because {post.agency} has nobody else to ask",
    }[first.role]
    why = ""
    if named and first.role != approvers.MANAGER:
        why = f" We do not know {named} as an address of your manager’s, so it is not asked."
    kept = "Your turn is kept" if waits else "A place is held for you"
    return f"We ask {whom}. {kept} until {moment(deadlines.hold_ends())}.{why}"
