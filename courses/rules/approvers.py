"""Who may decide about a request for a place, and whose address counts?

Never the person themself, by any of their addresses. Source: rules.md, 'Booking'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Q

from agencies.models import Domain, Person, Post
from courses.models import Booking
from lms.mail import templates

MANAGER, LEAD, OFFICE = "manager", "lead", "office"
WHY_THEY = {
    MANAGER: "We ask you because {person} is on your team.",
    LEAD: "We ask you because you lead training at {agency}: there is no manager whom we can ask, "
    "or they have not answered.",
    OFFICE: "We ask the training office because {agency} has nobody else whom we can ask.",
}


@dataclass(frozen=True)
class AddressBook:
    """Whose some addresses are, and at which of some agencies those people work or have worked.

    By ids: of person and address, of person and agency, of agency and domain.
    """

    people: Sequence[Person]
    proven: set[tuple[int, str]]
    worked: set[tuple[int, int]]
    work: set[tuple[int, int]]
    domains: set[tuple[int, str]]


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
    return asked or [Approver(templates.board().email, OFFICE)]


def managers_address(booking: Booking) -> str:
    """Where the manager is asked; empty when no address counts.

    It counts when the agency's lead has confirmed it, or when it is a proven address of somebody
    else at that agency. Source: rules.md, 'Booking'.
    """
    return managers_addresses([booking])[booking.pk]


def managers_addresses(bookings: Sequence[Booking]) -> dict[int, str]:
    """By booking (id), what `managers_address` says of it, with as many queries as for one."""
    jobs = _jobs_of(bookings)
    named = {each.pk: address for each in bookings if (address := _named(each, jobs))}
    asked = [each for each in bookings if each.pk in named]
    own = _mailboxes([each.person for each in asked])
    book = _address_book(asked, {*named.values()})
    return {each.pk: "" for each in bookings} | {
        each.pk: named[each.pk]
        for each in asked
        if mailbox(named[each.pk]) not in own[each.person_id]
        and _counts(named[each.pk], each, jobs.get(each.pk), book)
    }


def mailboxes_of(person: Person) -> set[str]:
    """Where every address of this person leads, proven or not."""
    return _mailboxes([person])[person.pk]


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


def _jobs_of(bookings: Sequence[Booking]) -> dict[int, Post]:
    """By booking, the job that it was made from."""
    posts = Post.objects.current().filter(
        person__in=[each.person_id for each in bookings],
        agency__in=[each.agency_id for each in bookings],
    )
    newest: dict[tuple[int, int], Post] = {}
    for post in posts:
        newest.setdefault((post.person_id, post.agency_id), post)
    found = {each.pk: newest.get((each.person_id, each.agency_id)) for each in bookings}
    return {pk: post for pk, post in found.items() if post}


def _named(booking: Booking, jobs: Mapping[int, Post]) -> str:
    job = jobs.get(booking.pk)
    return (booking.manager_email or (job.line_manager_email if job else "")).lower()


def _mailboxes(people: Iterable[Person]) -> dict[int, set[str]]:
    found = {person.pk: {mailbox(person.email)} for person in people}
    others = EmailAddress.objects.filter(user__in=found)
    for person, email in others.values_list("user", "email"):
        found[person].add(mailbox(email))
    return found


def _address_book(bookings: Sequence[Booking], named: set[str]) -> AddressBook:
    verified = EmailAddress.objects.filter(email__in=named, verified=True)
    proven = set(verified.values_list("user", "email"))
    theirs = Q(email__in=named) | Q(pk__in={person for person, _ in proven})
    people = list(Person.objects.filter(theirs)) if named else []
    agencies = {booking.agency_id for booking in bookings}
    jobs = list(Post.objects.confirmed().filter(person__in=people, agency__in=agencies))
    return AddressBook(
        people,
        proven,
        worked={(job.person_id, job.agency_id) for job in jobs},
        work={(job.person_id, job.agency_id) for job in jobs if job.is_current},
        domains=set(Domain.objects.filter(agency__in=agencies).values_list("agency", "name")),
    )


def _counts(address: str, booking: Booking, job: Post | None, book: AddressBook) -> bool:
    """Is it nobody's who has left, and confirmed by the lead or proven at the agency?"""
    if _has_left(address, booking.agency_id, book):
        return False
    if job and job.line_manager_email == address and job.has_known_manager:
        return True
    return _is_proven_at(address, booking.agency_id, book)


def _is_proven_at(address: str, agency: int, book: AddressBook) -> bool:
    """Somebody may sign in with it, and works at the agency, or it is at the agency's domain."""
    holders = [
        person.pk
        for person in book.people
        if person.is_active and (person.pk, address) in book.proven
    ]
    at_domain = (agency, address.rpartition("@")[2]) in book.domains
    return bool(holders) and (at_domain or any((who, agency) in book.work for who in holders))


def _has_left(address: str, agency: int, book: AddressBook) -> bool:
    """Whose address it is has a closed account, or worked at the agency and no longer does."""
    for person in book.people:
        if person.email == address or (person.pk, address) in book.proven:
            job = (person.pk, agency)
            return not person.is_active or (job in book.worked and job not in book.work)
    return False
