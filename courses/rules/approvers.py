"""Decide who may approve a booking request, and which email addresses count.

Never the person themself, by any of their addresses. Source: rules.md, 'Booking'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Q

from agencies import mergers
from agencies.access import LeadsByAgency
from agencies.mergers import Lineages
from agencies.models import Agency, Domain, Person, Post
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
    """Holders of some addresses, and the agencies at which they work or worked.

    As ids: `proven` holds (person, verified address), `worked` and `work` (person, agency) ever and
    now, `domains` (agency, domain); each agency as it is today.
    """

    people: Sequence[Person]
    proven: set[tuple[int, str]]
    worked: set[tuple[int, int]]
    work: set[tuple[int, int]]
    domains: set[tuple[int, str]]


@dataclass(frozen=True)
class Approver:
    """Address to which a request is sent, and the role in which."""

    email: str
    role: str


def who_decides(booking: Booking) -> list[Approver]:
    """List approvers: the manager if their address counts, else leads, else the training office."""
    manager = managers_address(booking)
    return [Approver(manager, MANAGER)] if manager else leads_or_office(booking)


def leads_or_office(booking: Booking) -> list[Approver]:
    return leads_or_office_each([booking])[booking.pk]


def leads_or_office_each(bookings: Sequence[Booking]) -> dict[int, list[Approver]]:
    """Return by booking (pk) the agency's leads, else the office, in a fixed number of queries."""
    leads = leads_each(bookings)
    own = _mailboxes([booking.person for booking in bookings])
    found = {}
    for each in bookings:
        silent = each.manager_email if is_with_manager(each) else ""
        asked = [
            Approver(lead.email, LEAD)
            for lead in leads[each.pk]
            if lead.email
            and mailbox(lead.email) not in own[each.person_id]
            and lead.email != silent
        ]
        found[each.pk] = asked or [Approver(templates.board().email, OFFICE)]
    return found


def leads_each(bookings: Sequence[Booking]) -> dict[int, list[Person]]:
    """Return by booking (pk) who else leads its agency: two queries, however many bookings."""
    among = Agency.objects.filter(pk__in={booking.agency_id for booking in bookings})
    posts = Post.objects.of_leads().filter(agency__in=among.with_successors())
    posts = posts.select_related("person").order_by("person")
    leads = LeadsByAgency(posts, mergers.lineages())
    return {
        each.pk: [lead for lead in leads[each.agency_id] if lead.pk != each.person_id]
        for each in bookings
    }


def managers_address(booking: Booking) -> str:
    """Return the manager's address; empty when none counts.

    It counts when the agency's lead has confirmed it, or when it is a verified address of somebody
    else at that agency. Source: rules.md, 'Booking'.
    """
    return managers_addresses([booking])[booking.pk]


def managers_addresses(bookings: Sequence[Booking]) -> dict[int, str]:
    """Return `managers_address` by booking (pk), in a fixed number of queries."""
    lineages = mergers.lineages()
    jobs = _jobs_of(bookings, lineages)
    named = {each.pk: address for each in bookings if (address := _named(each, jobs))}
    asked = [each for each in bookings if each.pk in named]
    own = _mailboxes([each.person for each in asked])
    book = _address_book(asked, {*named.values()}, lineages)
    return {each.pk: "" for each in bookings} | {
        each.pk: named[each.pk]
        for each in asked
        if mailbox(named[each.pk]) not in own[each.person_id]
        and _counts(named[each.pk], lineages.today(each.agency_id), jobs.get(each.pk), book)
    }


def mailboxes_of(person: Person) -> set[str]:
    """Return the mailboxes of all the person's addresses, verified or not."""
    return _mailboxes([person])[person.pk]


def mailbox(email: str) -> str:
    """Normalise an address to its mailbox: lower case, without a tag (anna+boss@ becomes anna@)."""
    name, _, domain = email.lower().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def those_asked(booking: Booking) -> list[Approver]:
    """List those asked last, as far as they may still decide."""
    return those_asked_each([booking])[booking.pk]


def those_asked_each(bookings: Sequence[Booking]) -> dict[int, list[Approver]]:
    """Return `those_asked` by booking (pk), in a fixed number of queries."""
    others = [each for each in bookings if not is_with_manager(each)]
    found = leads_or_office_each(others) if others else {}
    managers = {
        each.pk: [Approver(each.approver_email, MANAGER)]
        for each in bookings
        if is_with_manager(each)
    }
    return found | managers


def may_still_decide(booking: Booking, email: str) -> bool:
    """Return whether the holder of this address would still be asked today."""
    return email in {approver.email for approver in those_asked(booking)}


def is_with_manager(booking: Booking) -> bool:
    """Return whether the manager was the last to be asked."""
    return bool(booking.manager_email) and booking.approver_email == booking.manager_email


def _jobs_of(bookings: Sequence[Booking], lineages: Lineages) -> dict[int, Post]:
    """Return by booking (pk) the current job at the agency that it was made from."""
    posts = Post.objects.current().filter(person__in=[each.person_id for each in bookings])
    newest: dict[tuple[int, int], Post] = {}
    for post in posts:
        newest.setdefault((post.person_id, lineages.today(post.agency_id)), post)
    keys = {each.pk: (each.person_id, lineages.today(each.agency_id)) for each in bookings}
    return {pk: newest[key] for pk, key in keys.items() if key in newest}


def _named(booking: Booking, jobs: Mapping[int, Post]) -> str:
    job = jobs.get(booking.pk)
    return (booking.manager_email or (job.line_manager_email if job else "")).lower()


def _mailboxes(people: Iterable[Person]) -> dict[int, set[str]]:
    found = {each.pk: {mailbox(each.email)} if each.email else set() for each in people}
    others = EmailAddress.objects.filter(user__in=found)
    for person, email in others.values_list("user", "email"):
        found[person].add(mailbox(email))
    return found


def _address_book(bookings: Sequence[Booking], named: set[str], lineages: Lineages) -> AddressBook:
    verified = EmailAddress.objects.filter(email__in=named, verified=True)
    proven = set(verified.values_list("user", "email"))
    theirs = Q(email__in=named) | Q(pk__in={person for person, _ in proven})
    people = list(Person.objects.filter(theirs)) if named else []
    agencies = Agency.objects.filter(pk__in={booking.agency_id for booking in bookings})
    domains = Domain.objects.proving(agencies)
    jobs = [
        (job, (job.person_id, lineages.today(job.agency_id)))
        for job in Post.objects.confirmed().filter(person__in=people)
    ]
    return AddressBook(
        people,
        proven,
        worked={key for _, key in jobs},
        work={key for job, key in jobs if job.is_current},
        domains={(lineages.today(each.agency_id), each.name) for each in domains},
    )


def _counts(address: str, agency: int, job: Post | None, book: AddressBook) -> bool:
    """Return whether no holder has left, and a lead confirmed it or it is proven at the agency."""
    if _has_left(address, agency, book):
        return False
    if job and job.line_manager_email == address and job.has_known_manager:
        return True
    return _is_proven_at(address, agency, book)


def _is_proven_at(address: str, agency: int, book: AddressBook) -> bool:
    """Return whether an active holder verified it and works there, or it is at its domain."""
    holders = [
        person.pk
        for person in book.people
        if person.is_active and (person.pk, address) in book.proven
    ]
    at_domain = (agency, address.rpartition("@")[2]) in book.domains
    return bool(holders) and (at_domain or any((who, agency) in book.work for who in holders))


def _has_left(address: str, agency: int, book: AddressBook) -> bool:
    """Return whether a holder's account is closed, or they no longer work at the agency."""
    for person in book.people:
        if person.email == address or (person.pk, address) in book.proven:
            job = (person.pk, agency)
            return not person.is_active or (job in book.worked and job not in book.work)
    return False
