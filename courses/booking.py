"""Who gets a place, and who waits?

Every verb here locks the run first, so that two people are never told different things about the
same place: on PostgreSQL the row, on SQLite the database (a write transaction begins IMMEDIATE).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

import history
from agencies.models import Board, Post
from courses import notices
from courses.models import Booking, Completion, Course, Run
from lms import mail
from lms.models import Mail

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

    By = Person | str

State = Booking.State
# What people need to take part is of use until the trainers have closed their books.
NEEDS_KEPT = dt.timedelta(days=30)


class BookingRefused(Exception):
    """Why a place cannot be had, kept or given up: a sentence that says what to do next."""


def request_place(
    run: Run,
    person: Person,
    *,
    by: By,
    post: Post | None = None,
    manager_email: str = "",
    access_needs: str = "",
) -> Booking:
    """The person has a place on the run, or is last in its queue; a mail says which.

    Asked again while a booking is live, that booking is returned and nothing changes. The booking
    counts for the agency of `post`, the newest current job where none is named. Raises
    BookingRefused. Source: rules.md, 'Booking'.
    """
    with transaction.atomic():
        run = Run.objects.lock(run)
        if booking := Booking.objects.live().filter(run=run, person=person).first():
            return booking
        _refuse_unless_bookable(run, person)
        post = _job_that_counts(person, post)
        refuse_own_manager(person, manager_email)
        now = timezone.now()
        someone_waits = _queue(run).exists()
        gets_place = not (run.is_full or someone_waits)
        booking = Booking.objects.create(
            run=run,
            person=person,
            agency=post.agency,
            role_group=post.role_group,
            state=State.CONFIRMED if gets_place else State.WAITING,
            holds_place=gets_place,
            queued_at=now,
            confirmed_at=now if gets_place else None,
            manager_email=manager_email.strip().lower(),
            access_needs=access_needs.strip(),
        )
        if gets_place:
            _count(run, +1)
        history.record(
            f"booking.{booking.state}", booking, by=by, now={"state": booking.state, "run": run.pk}
        )
        if gets_place:
            notices.confirmed(booking)
        else:
            notices.waiting(booking)
    return booking


def withdraw(booking: Booking, *, by: By, reason: str = "") -> Booking:
    """The booking has ended, and a place it held has gone to the first in the queue.

    Asked again, nothing changes. Raises BookingRefused once the run has begun.
    """
    with transaction.atomic():
        run = Run.objects.lock(booking.run)
        booking = Booking.objects.select_related("person").get(pk=booking.pk)
        booking.run = run
        if booking.state == State.WITHDRAWN:
            return booking
        if not booking.is_live:
            raise BookingRefused("This booking has already ended, so there is nothing to cancel.")
        if run.has_begun:
            raise BookingRefused(
                "This date has begun, so the booking can no longer be cancelled here. "
                "If you could not come, tell the training office."
            )
        notices.withdrawn(booking)
        _end(run, booking, State.WITHDRAWN, by=by, reason=reason)
        fill_free_places(run, by=by)
    return booking


def fill_free_places(run: Run, *, by: By) -> list[Booking]:
    """Free places have gone to those who wait, first come first, with a mail to each.

    The run must be locked by the caller. Nobody is promoted in the last 2 hours before it begins,
    nor onto a run that is cancelled.
    """
    if not run.may_promote or run.is_full:
        return []
    queue = _queue(run).select_related("person")
    promoted = list(queue if run.free is None else queue[: run.free])
    for booking in promoted:
        booking.run = run
        booking.state, booking.holds_place = State.CONFIRMED, True
        booking.confirmed_at = timezone.now()
        booking.save(update_fields=["state", "holds_place", "confirmed_at"])
        _count(run, +1)
        history.record(
            "booking.promoted",
            booking,
            by=by,
            was={"state": State.WAITING},
            now={"state": State.CONFIRMED},
        )
        notices.confirmed(booking, from_queue=True)
    return promoted


def end_all(run: Run, *, by: By, reason: str) -> list[Booking]:
    """Every live booking of the run is cancelled; its places count for nobody.

    For `scheduling.cancel`, which has locked the run and tells the people.
    """
    live = Booking.objects.live().filter(run=run).select_related("person").order_by("pk")
    ended = list(live)
    for booking in ended:
        _end(run, booking, State.CANCELLED, by=by, reason=reason)
    return ended


def runs_miscounted() -> list[tuple[int, int, int]]:
    """(run, its counter, the places held in truth) for each run where the two differ.

    Nightly; anything but an empty list is a fault of this software.
    """
    held = Count("bookings", filter=Q(bookings__holds_place=True))
    return list(
        Run.objects.annotate(held=held)
        .exclude(taken=F("held"))
        .order_by("pk")
        .values_list("pk", "taken", "held")
    )


def check_counters() -> None:
    """The office has a mail, one a day at most, if a run's counter is not what is held."""
    wrong = runs_miscounted()
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    told = Mail.objects.filter(template="runs_miscounted", created_at__gte=today).exists()
    if wrong and not told:
        mail.post("runs_miscounted", to=Board.load().email, context={"wrong": wrong})


def forget_access_needs() -> int:
    """What people needed to take part is gone 30 days after the date; returns from how many."""
    over = timezone.now() - NEEDS_KEPT
    old = Booking.objects.filter(
        Q(run__ends_at__lt=over) | Q(run__cancelled_at__lt=over) | Q(ended_at__lt=over)
    ).exclude(access_needs="")
    with transaction.atomic():
        found = list(old.only("pk").order_by("pk"))
        Booking.objects.filter(pk__in=[booking.pk for booking in found]).update(access_needs="")
        for booking in found:
            history.record("booking.access_needs_forgotten", booking, by="NIGHTLY")
    return len(found)


def why_refused(run: Run, person: Person) -> str:
    """The sentence that says why this person cannot ask for a place now; empty when they can."""
    try:
        _refuse_unless_bookable(run, person)
        _job_that_counts(person, None)
    except BookingRefused as refusal:
        return str(refusal)
    return ""


def prerequisites_missing(course: Course, person: Person) -> list[Course]:
    """The courses that this person must complete before this one."""
    held = Completion.objects.standing().filter(person=person).values("course")
    return list(course.prerequisites.exclude(pk__in=held))


def clashes(run: Run, person: Person) -> list[Booking]:
    """This person's confirmed bookings whose times overlap the run: a warning, not a refusal."""
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
    """Somebody else's word is asked for: raises BookingRefused at one's own address."""
    if manager_email and manager_email.strip().lower() == person.email:
        raise BookingRefused("Give your manager's e-mail address, not your own.")


def _refuse_unless_bookable(run: Run, person: Person) -> None:
    if sentence := run.why_not_bookable:
        raise BookingRefused(sentence)
    if missing := prerequisites_missing(run.course, person):
        raise BookingRefused(
            f"Before this course you need to complete {_and(c.title for c in missing)}. "
            "Find its dates in the catalogue and book that first."
        )


def _job_that_counts(person: Person, post: Post | None) -> Post:
    posts = Post.objects.current().filter(person=person)
    posts = posts.select_related("agency", "role_group")
    counted = posts.filter(pk=post.pk).first() if post else posts.first()
    if counted:
        return counted
    if Post.objects.waiting_for_confirmation().filter(person=person).exists():
        raise BookingRefused(
            "Your agency has not yet confirmed that you work there. "
            "We will write to you when it has, and then you can book."
        )
    raise BookingRefused("Tell us where you work before you book: see 'My jobs' in My learning.")


def _queue(run: Run) -> QuerySet[Booking]:
    """Who waits and could take a place: whose account is closed keeps nobody from theirs."""
    return Booking.objects.in_queue_order().filter(run=run, person__is_active=True)


def _end(run: Run, booking: Booking, state: str, *, by: By, reason: str) -> None:
    was, held = booking.state, booking.holds_place
    booking.state, booking.holds_place = state, False
    booking.ended_at, booking.end_reason = timezone.now(), reason[:240]
    booking.save(update_fields=["state", "holds_place", "ended_at", "end_reason"])
    if held:
        _count(run, -1)
    history.record(f"booking.{state}", booking, by=by, was={"state": was}, now={"state": state})


def _count(run: Run, places: int) -> None:
    run.taken += places
    run.save(update_fields=["taken"])


def _and(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
