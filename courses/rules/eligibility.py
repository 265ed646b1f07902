"""Check who may request, decide about, cancel or take over a booking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone
from django.utils.functional import cached_property

from agencies.models import Person, Post
from courses.models import Booking, Completion, Course, Run, Session
from courses.rules import charging
from courses.rules.prerequisites import with_next_dates
from lms.formatting import weekday
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import RoleGroup, Sector

    By = Person | str

State = Booking.State


class BookingRefused(Refused):
    """Booking action that is refused; the message says what to do next.

    `courses` are those to be completed first, if that is why.
    """

    def __init__(self, message: str, courses: Sequence[Course] = ()) -> None:
        super().__init__(message)
        self.courses = courses


PROFESSION, SECTOR, PREREQUISITE = "profession", "sector", "prerequisite"
REFUSALS = {
    PROFESSION: "This course is for {}. If that is your work, correct the profession of your job "
    "in 'My jobs'; if you need it all the same, ask the training office.",
    SECTOR: "This course is for agencies of these sectors: {}. If you need it all the same, ask "
    "the training office.",
    PREREQUISITE: "Before this course you need to complete {}. Find its dates in the catalogue and "
    "book that first, or send us proof of training elsewhere.",
}


@dataclass(frozen=True)
class Condition:
    """Condition of taking a course: a profession or sector among these, or a course completed.

    `is_met` is None where it cannot be told.
    """

    kind: str
    things: list[Any]
    is_met: bool | None


class Eligibility:
    """Conditions of a course, applied to one person; None if nobody signed in.

    Refusing raises the first condition that is not met; pages list them all.
    """

    def __init__(self, course: Course, person: Person | None) -> None:
        self.course, self.person = course, person

    @cached_property
    def _groups(self) -> list[RoleGroup]:
        return list(self.course.for_role_groups.all()) if self.course.is_restricted else []

    @cached_property
    def _sectors(self) -> list[Sector]:
        return list(self.course.for_sectors.all()) if self.course.is_restricted else []

    @cached_property
    def prerequisites(self) -> list[Any]:
        """Courses to be completed before, with `is_held`."""
        if not self.course.is_restricted:
            return []
        held = Completion.objects.valid().filter(person=self.person, course=OuterRef("pk"))
        courses = self.course.prerequisites.select_related("page")
        return list(courses.annotate(is_held=Exists(held)))

    @property
    def missing(self) -> list[Course]:
        """Prerequisites that the person has not completed; none where that cannot be told."""
        return [each for each in self.prerequisites if self.person and not each.is_held]

    def conditions(self, post: Post | None) -> list[Condition]:
        """List the conditions, those of the job by this one."""
        known = self.person is not None
        return self._of_job(post) + [
            Condition(PREREQUISITE, [course], course.is_held if known else None)
            for course in self.prerequisites
        ]

    def _of_job(self, post: Post | None) -> list[Condition]:
        found = []
        if self._groups:
            met = None if post is None else post.role_group in self._groups
            found.append(Condition(PROFESSION, self._groups, met))
        if self._sectors:
            met = None if post is None else post.agency.sector in self._sectors
            found.append(Condition(SECTOR, self._sectors, met))
        return found

    def job_among(self, posts: Sequence[Post]) -> Post | None:
        """Return the first of these jobs that the course is for, else the first."""
        fitting = (post for post in posts if all(each.is_met for each in self._of_job(post)))
        return next(fitting, posts[0] if posts else None)

    def refuse(self, post: Post) -> None:
        """Raise BookingRefused for the first condition that is not met."""
        unmet = [each for each in self.conditions(post) if not each.is_met]
        if unmet:
            kind = unmet[0].kind
            things = [thing for each in unmet if each.kind == kind for thing in each.things]
            lacking = with_next_dates(things) if kind == PREREQUISITE else ()
            raise BookingRefused(REFUSALS[kind].format(listed(things)), lacking)


def jobs_of(person: Person) -> list[Post]:
    """List the person's current jobs, the newest first."""
    posts = Post.objects.current().filter(person=person)
    return list(posts.select_related("agency__sector", "role_group"))


def jobs_to_book_from(person: Person) -> list[Post]:
    """List the jobs from which the person can ask for a place, the newest first.

    Without a current job, those that wait to be confirmed.
    """
    if jobs := jobs_of(person):
        return jobs
    posts = Post.objects.waiting_for_confirmation().filter(person=person)
    return list(posts.select_related("agency__sector", "role_group"))


def why_refused(run: Run, person: Person) -> str:
    """Return why this person cannot request a place now; empty when they can.

    Checks all their jobs, since the one that the booking is for is chosen later.
    """
    eligibility = Eligibility(run.course, person)
    try:
        refuse_unless_open(run)
        refuse_second_date(run, person)
        post = job_to_book_from(person, eligibility.job_among(jobs_to_book_from(person)))
        if not post.is_confirmed:
            refuse_second_before_confirmed(person)
        eligibility.refuse(post)
    except BookingRefused as refusal:
        return str(refusal)
    return ""


def refuse_unless_open(run: Run) -> None:
    if sentence := run.why_not_bookable:
        raise BookingRefused(sentence)


def refuse_unless_eligible(course: Course, person: Person, post: Post) -> None:
    """Raise BookingRefused if outside the course's audience or without a prerequisite."""
    Eligibility(course, person).refuse(post)


def prerequisites_missing(course: Course, person: Person) -> list[Course]:
    """List the prerequisites that this person has not completed, with their next dates."""
    missing = Eligibility(course, person).missing
    with_next_dates(missing)
    return missing


def clashes(run: Run, person: Person) -> list[Booking]:
    """List the person's confirmed bookings with a session during one of the run's.

    Those sessions are in `run.at_once` of each. A warning, not a refusal. A date between two
    sessions of another is no clash.
    """
    during = Q()
    for session in run.sessions.all():
        during |= Q(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
    if not during:
        return []
    theirs = Session.objects.filter(during, run=OuterRef("run"))
    places = Booking.objects.confirmed().filter(Exists(theirs), person=person)
    places = places.filter(run__cancelled_at=None).exclude(run=run)
    at_once = Prefetch("run__sessions", Session.objects.filter(during), to_attr="at_once")
    places = places.select_related("run__course").prefetch_related(at_once)
    return list(places.order_by("run__starts_at", "pk"))


def other_dates(run: Run, person: Person) -> list[Booking]:
    """List the person's live bookings on other dates to come of the same course."""
    live = Booking.objects.live().filter(person=person, run__course=run.course_id)
    coming = live.filter(run__in=Run.objects.upcoming()).exclude(run=run)
    return list(coming.order_by("run__starts_at", "pk").select_related("run"))


def refuse_second_date(run: Run, person: Person, *, counts_offers: bool = True) -> None:
    """Raise BookingRefused for a second place on the course, where the course refuses one.

    Whoever accepts an offer has no place by another offer: `counts_offers` is False then.
    """
    if run.course.second_date != Course.SecondDate.REFUSE:
        return
    held = [booking for booking in other_dates(run, person) if booking.holds_place]
    if held := [each for each in held if counts_offers or each.state != State.OFFERED]:
        day = weekday(timezone.localdate(held[0].run.starts_at))
        raise BookingRefused(
            f"One person can have one place on this course, and has one on {day}. Cancel that "
            "first, or ask the training office."
        )


def with_another_place(run: Run, bookings: Iterable[Booking]) -> set[int]:
    """Return who of these (ids of people) has a place on another date, where that is refused."""
    if run.course.second_date != Course.SecondDate.REFUSE:
        return set()
    places = Booking.objects.live().filter(holds_place=True, run__course=run.course_id)
    places = places.filter(run__in=Run.objects.upcoming()).exclude(run=run)
    people = [booking.person_id for booking in bookings]
    return set(places.filter(person__in=people).values_list("person", flat=True))


def refuse_own_manager(person: Person, manager_email: str) -> None:
    """Raise BookingRefused if the manager's address is one of the person's own."""
    address = manager_email.strip().lower()
    if not address:
        return
    own = EmailAddress.objects.filter(user=person, email=address)
    if address == person.email or own.exists():
        raise BookingRefused("Give your manager's email address, not your own.")


def job_that_counts(person: Person, post: Post | None) -> Post:
    """Return the named current job, or else the newest. Raises BookingRefused without any."""
    post = post or next(iter(jobs_of(person)), None)
    if post and post.person_id == person.pk and post.is_current:
        return post
    if Post.objects.waiting_for_confirmation().filter(person=person).exists():
        raise BookingRefused(
            "The agency has not confirmed this job yet. Confirm the job first, or wait until its "
            "lead does."
        )
    later = Post.objects.confirmed().filter(person=person, starts_on__gt=timezone.localdate())
    if soon := later.select_related("agency").order_by("starts_on").first():
        raise BookingRefused(
            f"The job at {soon.agency} begins on {weekday(soon.starts_on)}. A place can be booked "
            "from that day, or from a job that you have now: see 'My jobs' in My learning."
        )
    raise BookingRefused("Tell us where you work before you book: see 'My jobs' in My learning.")


def job_to_book_from(person: Person, post: Post | None) -> Post:
    """Return the job that counts; without a current one, a job that waits to be confirmed.

    Raises BookingRefused without any.
    """
    if post is None or post.is_waiting:
        jobs = jobs_to_book_from(person)
        post = next((job for job in jobs if post in (None, job)), None)
        if post and post.is_waiting:
            return post
    return job_that_counts(person, post)


def request_before_confirmed(person: Person) -> Booking | None:
    """Return the one request that the person has from a job that waits to be confirmed."""
    waiting = Booking.objects.waiting_for_job().filter(person=person)
    return waiting.select_related("run__course", "agency").first()


def refuse_second_before_confirmed(person: Person) -> None:
    """Raise BookingRefused for a second request while one waits for a job to be confirmed."""
    if has := request_before_confirmed(person):
        day = weekday(timezone.localdate(has.run.starts_at)) if has.run.starts_at else ""
        raise BookingRefused(
            f"You have asked for a place on {has.run.course}, {day}. Until {has.agency} confirms "
            "that you work there, you can ask for one place at a time. Withdraw that request if "
            "you would rather have this date."
        )


def refuse_own_decision(booking: Booking, by: By) -> None:
    if not isinstance(by, str) and by.pk == booking.person_id:
        raise BookingRefused(
            "Somebody else must decide about your own booking. Ask your manager or the training "
            "office."
        )


def refuse_unless_asked(run: Run, booking: Booking) -> None:
    if booking.is_waiting_for_job:
        raise BookingRefused(
            f"This request waits for {booking.agency} to confirm that {booking.person} works "
            "there. Confirm or refuse the job: that decides about the request too."
        )
    if booking.state != State.REQUESTED:
        state = booking.get_state_display().lower()
        raise BookingRefused(
            f"This request has been decided or withdrawn: it is now ‘{state}’. There is nothing "
            "left to decide."
        )
    if run.has_begun:
        raise BookingRefused(
            "This date has begun, so it is too late to decide about a place. The person can "
            "book another date."
        )


def refuse_unless_offered(booking: Booking) -> None:
    if not booking.person.is_active:
        raise BookingRefused("This account is closed, so ask the training office about the place.")
    until = booking.offered_until
    if booking.state == State.OFFERED and until and until > timezone.now():
        return
    if booking.state in (State.OFFERED, State.LAPSED):
        raise BookingRefused(
            "This offer has expired, so the place is no longer held for you. "
            "Book again, or look for another date of the course."
        )
    state = booking.get_state_display().lower()
    raise BookingRefused(
        f"This is no longer an offer: the booking is now ‘{state}’. See My learning for where you "
        "stand."
    )


def refuse_unless_can_end(run: Run, booking: Booking) -> None:
    """Raise BookingRefused for an ended booking or a run that has begun: its register decides."""
    if not booking.is_live:
        raise BookingRefused(
            "This booking has already ended, so there is nothing to cancel. To come after all, "
            "book again."
        )
    if run.has_begun:
        raise BookingRefused(
            "This date has begun, so the booking can no longer be cancelled here. If you could "
            "not come, tell the training office."
        )


def refuse_unless_may_take_over(run: Run, booking: Booking, colleague: Person) -> Post:
    """Return the colleague's job at the same agency, or raise BookingRefused."""
    if booking.state != State.CONFIRMED:
        raise BookingRefused(
            "Only a confirmed place can be given to a colleague. They can book for themselves."
        )
    if run.has_begun:
        raise BookingRefused(
            "This date has begun, so the place can no longer change hands. "
            "If you cannot come, tell the training office."
        )
    if colleague.pk == booking.person_id:
        raise BookingRefused("Name a colleague, not yourself.")
    posts = Post.objects.current().filter(person=colleague).at(booking.agency)
    post = posts.filter(person__is_active=True).select_related("agency__sector").first()
    if post is None:
        raise BookingRefused(nobody_there(booking))
    theirs = Booking.objects.filter(run=run, person=colleague, state=State.CONFIRMED)
    if theirs.exists():
        raise BookingRefused(
            "Your colleague has a place on this date already. Name another colleague, or cancel "
            "your place."
        )
    try:
        refuse_unless_eligible(run.course, colleague, post)
        refuse_second_date(run, colleague)
    except BookingRefused:
        # Do not disclose which requirement the colleague fails.
        raise BookingRefused(
            "Your colleague does not meet what this course asks for. When they are signed in, the "
            "page of the course says what is missing. Name another colleague, or cancel your place."
        ) from None
    return post


def nobody_there(booking: Booking) -> str:
    """Word the refusal alike for known and unknown addresses, to disclose no accounts."""
    return (
        f"Nobody with this address works at {booking.agency}, as far as we know. "
        "Ask your colleague to sign in and say where they work, or name somebody else."
    )


def colleague_at(booking: Booking, email: str) -> Person | None:
    """Find an active person at the booking's agency by any of their verified addresses."""
    address = email.strip().lower()
    if not address:
        return None
    theirs = Q(email=address) | Q(emailaddress__email=address, emailaddress__verified=True)
    at_agency = Post.objects.current().at(booking.agency)
    return Person.objects.filter(theirs, is_active=True, posts__in=at_agency).first()


def refuse_without_cost_code(run: Run, post: Post, cost_code: str) -> None:
    if not cost_code.strip() and charging.fee(run, post.agency):
        raise BookingRefused(
            "Attending is charged to your agency: give a purchase order or cost code."
        )


def listed(things: Iterable[object]) -> str:
    *first, last = (str(thing) for thing in things)
    return f"{', '.join(first)} and {last}" if first else last
