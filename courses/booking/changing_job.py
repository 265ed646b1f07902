"""Change the job of a booking: the agency for which it counts, is charged and certified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

import history
from agencies import access, mergers
from agencies.models import Post
from courses.booking import approval, booking
from courses.models import Booking, Run
from courses.notices import notices
from courses.rules import charging
from courses.rules.eligibility import (
    BookingRefused,
    job_that_counts,
    jobs_of,
    refuse_unless_eligible,
    refuse_without_cost_code,
)
from courses.rules.quotas import PlaceQuotas
from lms.formatting import pounds

if TYPE_CHECKING:
    from agencies.models import Person

State = Booking.State


@dataclass(frozen=True)
class Choice:
    """A job to which a booking can be changed, and what follows, in sentences."""

    post: Post
    follows: list[str]
    refused: str = ""


def may_change(made: Booking, by: Person) -> bool:
    """Allow the person, a lead of the agency of the booking, and the training office."""
    if by.pk == made.person_id or access.is_training_administrator(by):
        return True
    return access.leads(by, made.agency)


def other_jobs(made: Booking) -> list[Post]:
    """List the person's present jobs at other agencies than the booking's."""
    lineages = mergers.lineages()
    now = lineages.today(made.agency_id)
    return [post for post in jobs_of(made.person) if lineages.today(post.agency_id) != now]


def has_left(made: Booking) -> bool:
    """Return whether the person no longer works at the agency of a booking that is to come."""
    if not made.is_live or made.run.has_begun:
        return False
    return not Post.objects.current().filter(person=made.person_id).at(made.agency).exists()


def choices(made: Booking) -> list[Choice]:
    """List the jobs to which the booking can be changed, each with what follows."""
    return [_choice(made, post) for post in other_jobs(made)]


def change_job(made: Booking, post: Post, *, by: Person, cost_code: str = "") -> Booking:
    """Count the booking for this job's agency from now on, and tell the person.

    A request is put to that agency's manager or leads. Idempotent. Raises BookingRefused once the
    run has begun, when the agency has all of its places, and for a course that is not for this job.
    """
    with transaction.atomic():
        run, made = Booking.objects.lock(made)
        if not may_change(made, by):
            raise BookingRefused(
                "Only the person, their agency's lead or the training office can change this. Ask "
                "one of them."
            )
        if not made.is_live or run.has_begun:
            raise BookingRefused(
                "This booking has ended or its date has begun, so its agency stays. Tell the "
                "training office if it is wrong."
            )
        post = job_that_counts(made.person, post)
        if made.agency_id == post.agency_id:
            return made
        cost_code = cost_code.strip() or made.cost_code
        _refuse(run, made, post)
        refuse_without_cost_code(run, post, cost_code)
        was = _facts(made)
        made.agency, made.role_group = post.agency, post.role_group
        made.manager_email, made.cost_code = post.line_manager_email, cost_code
        made.save(update_fields=["agency", "role_group", "manager_email", "cost_code"])
        history.record("booking.job_changed", made, by=by, was=was, now=_facts(made))
        notices.job_changed(made, _what_follows(run, made, post))
        if made.is_waiting_for_job:
            made = booking.confirm_job(made, by=by)
        elif made.state == State.REQUESTED:
            approval.ask(made, by=by)
        booking.fill_free_places(run, by=by)
    return made


def _refuse(run: Run, made: Booking, post: Post) -> None:
    refuse_unless_eligible(run.course, made.person, post)
    if made.holds_place and PlaceQuotas(run).has_its_cap(post.agency):
        raise BookingRefused(
            f"{post.agency} has all of its {run.agency_cap} places on this date already. Cancel "
            "this booking to join its waiting list, or ask the training office."
        )


def _choice(made: Booking, post: Post) -> Choice:
    try:
        _refuse(made.run, made, post)
    except BookingRefused as refused:
        return Choice(post, [], str(refused))
    return Choice(post, _what_follows(made.run, made, post))


def _what_follows(run: Run, made: Booking, post: Post) -> list[str]:
    """Say what a change means for the agency's places, charges, the certificate and approval."""
    agency, fee = post.agency, charging.fee(run, post.agency)
    said = []
    if run.agency_cap is not None and made.holds_place:
        said.append(f"The place counts as one of the {run.agency_cap} of {agency}.")
    said.append(
        f"Attending costs {agency} {pounds(fee)}." if fee else f"Attending is free for {agency}."
    )
    said.append(
        f"If the place is cancelled late or left empty, {agency} is charged"
        f" {pounds(charging.price_of_an_empty_place(run))}."
    )
    said.append(f"The certificate names {agency}.")
    if made.is_waiting_for_job and not run.asks_approval:
        said.append(f"Nobody at {made.agency} has to confirm the job any more.")
    elif made.state == State.REQUESTED:
        said.append(f"We ask the manager or the leads at {agency} to approve it.")
    return said


def _facts(made: Booking) -> dict[str, object]:
    return {"agency": made.agency_id, "role_group": made.role_group_id}
