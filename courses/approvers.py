"""Who may decide about a request for a place, and whose address counts?

Never the person themself, by any of their addresses. Source: rules.md, 'Booking'.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Q

from agencies.models import Board, Person, Post
from courses.models import Booking

MANAGER, LEAD, OFFICE = "manager", "lead", "office"
WHY_THEY = {
    MANAGER: "We ask you because {person} is on your team.",
    LEAD: "We ask you because you lead training at {agency}: there is no manager whom we can ask, "
    "or they have not answered.",
    OFFICE: "We ask the training office because {agency} has nobody else whom we can ask.",
}


@dataclass(frozen=True)
class Approver:
    """To whom a request is put, and as whom."""

    email: str
    role: str


def who_decides(booking: Booking) -> list[Approver]:
    """The manager whose address counts, else the agency's leads, else the training office."""
    manager = managers_address(booking)
    return [Approver(manager, MANAGER)] if manager else leads_or_office(booking)


def leads_or_office(booking: Booking) -> list[Approver]:
    leads = Person.objects.leading(booking.agency).exclude(pk=booking.person_id).order_by("pk")
    own = mailboxes_of(booking.person)
    if is_with_manager(booking):
        leads = leads.exclude(email=booking.manager_email)
    asked = [Approver(lead.email, LEAD) for lead in leads if mailbox(lead.email) not in own]
    return asked or [Approver(Board.load().email, OFFICE)]


def managers_address(booking: Booking) -> str:
    """Where the manager is asked; empty when no address counts.

    It counts when the agency's lead has confirmed it, or when it is a proven address of somebody
    else at that agency. Source: rules.md, 'Booking'.
    """
    post = _job(booking)
    named = (booking.manager_email or (post.line_manager_email if post else "")).lower()
    if not named or mailbox(named) in mailboxes_of(booking.person) or _has_left(named, booking):
        return ""
    if post and post.line_manager_email == named and post.has_known_manager:
        return named
    return named if _is_proven_at(named, booking) else ""


def mailboxes_of(person: Person) -> set[str]:
    """Where every address of this person leads, proven or not."""
    others = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    return {mailbox(email) for email in (person.email, *others)}


def mailbox(email: str) -> str:
    """Where mail to this address arrives: anna+boss@ is anna@, with a tag of her own choosing."""
    name, _, domain = email.lower().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def those_asked(booking: Booking) -> list[Approver]:
    """Who was asked last, as far as they still may decide."""
    if is_with_manager(booking):
        return [Approver(booking.approver_email, MANAGER)]
    return leads_or_office(booking)


def may_still_decide(booking: Booking, email: str) -> bool:
    """Would whoever was asked at this address be asked today?"""
    return email in {approver.email for approver in those_asked(booking)}


def is_with_manager(booking: Booking) -> bool:
    """Was the manager asked last?"""
    return bool(booking.manager_email) and booking.approver_email == booking.manager_email


def _job(booking: Booking) -> Post | None:
    """The job that the booking was made from."""
    return Post.objects.current().filter(person=booking.person, agency=booking.agency_id).first()


def _is_proven_at(email: str, booking: Booking) -> bool:
    """Somebody may sign in with it, and works at the agency, or it is at the agency's domain."""
    holders = Person.objects.filter(
        is_active=True, emailaddress__email=email, emailaddress__verified=True
    )
    at_domain = booking.agency.domains.filter(name=email.rpartition("@")[2])
    works_here = Post.objects.current().filter(person__in=holders, agency=booking.agency_id)
    return holders.exists() and (at_domain.exists() or works_here.exists())


def _has_left(email: str, booking: Booking) -> bool:
    """Whose address it is has a closed account, or worked at the agency and no longer does."""
    holder = Person.objects.filter(
        Q(email=email) | Q(emailaddress__email=email, emailaddress__verified=True)
    ).first()
    if holder is None:
        return False
    jobs = holder.posts.confirmed().filter(agency=booking.agency_id)
    return not holder.is_active or (jobs.exists() and not jobs.current().exists())
