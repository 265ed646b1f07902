"""Check who may request, decide about, cancel or take over a booking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils import timezone

from agencies.models import Person, Post
from courses.models import Booking, Completion, Course, Run
from courses.rules import charging

if TYPE_CHECKING:
    By = Person | str

State = Booking.State


class BookingRefused(Exception):
    """Booking action that is refused; the message says what to do next."""


def why_refused(run: Run, person: Person) -> str:
    """Return why this person cannot request a place now; empty when they can.

    Checks all their jobs, since the one that the booking is for is chosen later.
    """
    try:
        refuse_unless_open(run)
        newest = job_that_counts(person, None)
    except BookingRefused as refusal:
        return str(refusal)
    others = Post.objects.current().filter(person=person).exclude(pk=newest.pk)
    refusals = []
    for post in [newest, *others.select_related("agency__sector", "role_group")]:
        try:
            refuse_unless_eligible(run.course, person, post)
        except BookingRefused as refusal:
            refusals.append(str(refusal))
        else:
            return ""
    return refusals[0]


def refuse_unless_open(run: Run) -> None:
    if sentence := run.why_not_bookable:
        raise BookingRefused(sentence)


def refuse_unless_eligible(course: Course, person: Person, post: Post) -> None:
    """Raise BookingRefused if outside the course's audience or without a prerequisite."""
    if not course.is_restricted:
        return
    groups, sectors = list(course.for_role_groups.all()), list(course.for_sectors.all())
    if groups and post.role_group not in groups:
        raise BookingRefused(
            f"This course is for {listed(groups)}. If that is your work, correct the profession of "
            "your job in 'My jobs'; if you need it all the same, ask the training office."
        )
    if sectors and post.agency.sector not in sectors:
        raise BookingRefused(
            f"This course is for agencies of these sectors: {listed(sectors)}. "
            "If you need it all the same, ask the training office."
        )
    if missing := prerequisites_missing(course, person):
        raise BookingRefused(
            f"Before this course you need to complete {listed(missing)}. Find its dates in the "
            "catalogue and book that first, or send us proof of training elsewhere."
        )


def prerequisites_missing(course: Course, person: Person) -> list[Course]:
    """List the prerequisites that this person has not completed."""
    held = Completion.objects.valid().filter(person=person).values("course")
    return list(course.prerequisites.exclude(pk__in=held))


def clashes(run: Run, person: Person) -> list[Booking]:
    """List the person's confirmed bookings that overlap the run: a warning, not a refusal."""
    if run.starts_at is None:
        return []
    return list(
        Booking.objects.confirmed()
        .filter(
            person=person,
            run__cancelled_at=None,
            run__starts_at__lt=run.ends_at,
            run__ends_at__gt=run.starts_at,
        )
        .exclude(run=run)
        .select_related("run__course")
    )


def refuse_own_manager(person: Person, manager_email: str) -> None:
    """Raise BookingRefused if the manager's address is one of the person's own."""
    address = manager_email.strip().lower()
    if not address:
        return
    own = EmailAddress.objects.filter(user=person, email=address)
    if address == person.email or own.exists():
        raise BookingRefused("Give your manager's e-mail address, not your own.")


def job_that_counts(person: Person, post: Post | None) -> Post:
    """Return the named current job, or else the newest. Raises BookingRefused without any."""
    if post is None:
        posts = Post.objects.current().filter(person=person)
        post = posts.select_related("agency__sector", "role_group").first()
    if post and post.person_id == person.pk and post.is_current:
        return post
    if Post.objects.waiting_for_confirmation().filter(person=person).exists():
        raise BookingRefused(
            "Your agency has not yet confirmed that you work there. "
            "We will write to you when it has, and then you can book."
        )
    raise BookingRefused("Tell us where you work before you book: see 'My jobs' in My learning.")


def refuse_own_decision(booking: Booking, by: By) -> None:
    if not isinstance(by, str) and by.pk == booking.person_id:
        raise BookingRefused(
            "Somebody else must decide about your own booking. Ask your manager or the training "
            "office."
        )


def refuse_unless_asked(run: Run, booking: Booking) -> None:
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
    posts = Post.objects.current().filter(person=colleague, agency=booking.agency_id)
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
    theirs = Q(email=address) | Q(emailaddress__email=address, emailaddress__verified=True)
    at_agency = Post.objects.current().filter(agency=booking.agency_id)
    return Person.objects.filter(theirs, is_active=True, posts__in=at_agency).first()


def refuse_without_cost_code(run: Run, post: Post, cost_code: str) -> None:
    if not cost_code.strip() and charging.fee(run, post.agency):
        raise BookingRefused(
            "Attending is charged to your agency: give a purchase order or cost code."
        )


def listed(things: Iterable[object]) -> str:
    *first, last = (str(thing) for thing in things)
    return f"{', '.join(first)} and {last}" if first else last
