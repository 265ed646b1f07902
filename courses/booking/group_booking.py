"""Book several colleagues at once for a lead, those without an account too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agencies import access, joining, mergers
from agencies.free_text import names
from agencies.models import Person
from agencies.no_email import adding, finding
from courses.booking import booking, waiting_list
from courses.models import Booking, Run
from courses.notices import told
from courses.rules import eligibility
from courses.rules.quotas import PlaceQuotas

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Agency, PersonQuerySet, Post
    from courses.models import Course


# Says no more, since what somebody books from another job is for that agency to see.
TO_SAY_SO = (
    "Somebody with this address has an account. If they are not on your list of staff, we ask them "
    "to say that they work with you, and you can book them when they have."
)
NOT_FROM_HERE = "They cannot be booked on this date from your agency. Ask them about it."


@dataclass(frozen=True)
class Newcomer:
    """Person whom the lead names, perhaps without an account, or without an email address ("").

    `beside` are those `among` the lead's staff with a name like it, of whom the lead has said that
    it is somebody else.
    """

    name: str
    email: str
    beside: tuple[Person, ...] = ()
    among: PersonQuerySet | None = None


@dataclass(frozen=True)
class Outcome:
    """Outcome for one person: the booking, and the sentence why it was refused, if it was."""

    name: str
    booking: Booking | None = None
    refusal: str = ""
    had_one: bool = False
    courses: Sequence[Course] = ()


@dataclass(frozen=True)
class Foreseen:
    """Preview of one person, if all were booked now in this order."""

    who: Post | Newcomer
    waits: bool = False
    refusal: str = ""
    is_booked: bool = False
    clashes: Sequence[Booking] = ()
    other_dates: Sequence[Booking] = ()
    courses: Sequence[Course] = ()
    doubles: Sequence[Post] = ()
    said: str = ""

    @property
    def name(self) -> str:
        return name_of(self.who)

    @property
    def has_address(self) -> bool:
        return bool(self.who.email if isinstance(self.who, Newcomer) else self.who.person.email)

    @property
    def somebody_new(self) -> str:
        return finding.somebody_new([post.person for post in self.doubles])

    @property
    def key(self) -> str:
        return key_of(self.who)


def name_of(who: Post | Newcomer) -> str:
    return who.name if isinstance(who, Newcomer) else who.person.name


def key_of(who: Post | Newcomer) -> str:
    """Return a key that is the same whenever the same people are named."""
    if isinstance(who, Newcomer):
        return f"new-{who.email or names.key(who.name).replace(' ', '_')}"
    return f"post-{who.pk}"


def people_of(staff: QuerySet[Post]) -> PersonQuerySet:
    return Person.objects.filter(pk__in=staff.values("person"))


def doubles_of(who: Post | Newcomer, staff: QuerySet[Post]) -> list[Post]:
    """List those of the lead's staff who may be this person, who has no address."""
    if not isinstance(who, Newcomer) or who.email:
        return []
    alike = finding.alike(who.name, people_of(staff))
    jobs = {post.person_id: post for post in staff.filter(person__in=alike).order_by("-pk")}
    return [jobs[one.pk] for one in alike]


def foresee(run: Run, people: Iterable[Post | Newcomer], *, agency: Agency) -> list[Foreseen]:
    """Say who would get a place and who would wait, if they were booked now in this order."""
    shares, lineages, found = PlaceQuotas(run), mergers.lineages(), []
    for who in people:
        one = _foresee(run, who, agency, shares, lineages)
        if not (one.waits or one.refusal or one.is_booked):
            shares.take(agency if isinstance(who, Newcomer) else who.agency)
        found.append(one)
    return found


def _foresee(
    run: Run,
    who: Post | Newcomer,
    agency: Agency,
    shares: PlaceQuotas,
    lineages: mergers.Lineages,
) -> Foreseen:
    if isinstance(who, Newcomer):
        if who.email and Person.objects.with_address(who.email).exists():
            return Foreseen(who, refusal=TO_SAY_SO)
        return Foreseen(who, waits=waiting_list.must_wait(run, shares, agency))
    had = Booking.objects.live().filter(run=run, person=who.person_id).select_related("agency")
    if there := had.first():
        is_ours = lineages.are_one(there.agency_id, who.agency_id)
        return Foreseen(who, is_booked=is_ours, refusal="" if is_ours else NOT_FROM_HERE)
    try:
        eligibility.refuse_unless_open(run)
        eligibility.refuse_unless_eligible(run.course, who.person, who)
        eligibility.refuse_second_date(run, who.person)
    except booking.BookingRefused as refusal:
        return Foreseen(who, refusal=str(refusal), courses=refusal.courses)
    # What somebody does from another job is not for this agency to see.
    clashes, others = (
        [each for each in ask(run, who.person) if lineages.are_one(each.agency_id, who.agency_id)]
        for ask in (eligibility.clashes, eligibility.other_dates)
    )
    return Foreseen(
        who,
        waits=waiting_list.must_wait(run, shares, who.agency),
        clashes=clashes,
        other_dates=others,
    )


def book(
    run: Run, people: Iterable[Post | Newcomer], *, agency: Agency, by: Person, cost_code: str = ""
) -> list[Outcome]:
    """Book each person by themselves, in this order: one who is refused does not hold up others.

    Newcomers are invited to the agency at their own address, or added without one. Each is a
    transaction for itself.
    """
    outcomes = []
    for who in people:
        if not isinstance(who, Newcomer):
            outcomes.append(_book(run, who, by=by, cost_code=cost_code))
            continue
        newcomer = who
        try:
            post = _added(agency, newcomer, by=by)
        except joining.JoiningRefused as refusal:
            outcomes.append(Outcome(newcomer.name, refusal=str(refusal)))
        else:
            outcomes.append(_book(run, post, by=by, cost_code=cost_code))
    return outcomes


def _added(agency: Agency, newcomer: Newcomer, *, by: Person) -> Post:
    if newcomer.email:
        return joining.invite(agency, name=newcomer.name, email=newcomer.email, by=by)
    among = Person.objects.none() if newcomer.among is None else newcomer.among
    return adding.add(agency, name=newcomer.name, among=among, beside=newcomer.beside, by=by)


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
        return Outcome(name, refusal=str(refusal), courses=refusal.courses)
    if had_one and not access.leads(by, booked.agency):
        return Outcome(name, refusal=NOT_FROM_HERE)
    if not had_one:
        told.keep_booker(booked, by)
    return Outcome(name, booking=booked, had_one=had_one)


def _manager_of(post: Post) -> str:
    return post.line_manager_email if post.has_known_manager else ""
