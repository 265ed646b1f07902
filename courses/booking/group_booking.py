"""Book several colleagues at once for a lead, those without an account too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agencies import access, joining
from courses.booking import booking
from courses.models import Booking, Run
from courses.notices import told

if TYPE_CHECKING:
    from agencies.models import Agency, Person, Post


# Says no more, since what somebody books from another job is for that agency to see.
NOT_FROM_HERE = "They cannot be booked on this date from your agency. Ask them about it."


@dataclass(frozen=True)
class Newcomer:
    """Person whom the lead names, perhaps without an account."""

    name: str
    email: str


@dataclass(frozen=True)
class Outcome:
    """Outcome for one person: the booking, and the sentence why it was refused, if it was."""

    name: str
    booking: Booking | None = None
    refusal: str = ""
    had_one: bool = False


def book(
    run: Run,
    posts: Sequence[Post],
    newcomers: Iterable[Newcomer],
    *,
    agency: Agency,
    by: Person,
    cost_code: str = "",
) -> list[Outcome]:
    """Book each person by themselves: one who is refused does not hold up the others.

    Newcomers are invited to the agency at their own address. Each is a transaction for itself.
    """
    outcomes = [_book(run, post, by=by, cost_code=cost_code) for post in posts]
    for newcomer in newcomers:
        try:
            post = joining.invite(agency, name=newcomer.name, email=newcomer.email, by=by)
        except joining.JoiningRefused as refusal:
            outcomes.append(Outcome(newcomer.name, refusal=str(refusal)))
        else:
            outcomes.append(_book(run, post, by=by, cost_code=cost_code))
    return outcomes


def _book(run: Run, post: Post, *, by: Person, cost_code: str) -> Outcome:
    name = post.person.name
    had_one = Booking.objects.live().filter(run=run, person=post.person_id).exists()
    try:
        booked = booking.request_place(
            run,
            post.person,
            by=by,
            post=post,
            manager_email=_manager_of(post),
            cost_code=cost_code,
        )
    except booking.BookingRefused as refusal:
        return Outcome(name, refusal=str(refusal))
    if had_one and not access.leads(by, booked.agency):
        return Outcome(name, refusal=NOT_FROM_HERE)
    if not had_one:
        told.keep_booker(booked, by)
    return Outcome(name, booking=booked, had_one=had_one)


def _manager_of(post: Post) -> str:
    return post.line_manager_email if post.has_known_manager else ""
