"""Requests from jobs that nobody has confirmed yet: decided with the job, or by time.

A request and the job for which it waits are at the same agency, whatever that is part of today. The
verbs that decide about one are in `booking`; here is which it is, when, and when the training
office is asked. Source: rules.md, 'Booking'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

import history
from agencies import mergers
from agencies.models import Person, Post
from courses.booking import booking
from courses.models import Booking, BookingPolicy, Run
from courses.notices import notices
from courses.rules import deadlines
from courses.rules.approvers import leads_each
from lms import working_days
from lms.formatting import moment, weekday
from lms.mail import outbox
from lms.registries.base import Item
from lms.registries.job_followers import JobFollower

if TYPE_CHECKING:
    from django.db.models import QuerySet

    By = Person | str

CLOCK = "CLOCK"
# What became of a request, for whoever confirmed its job.
BECAME: dict[str, str] = {
    Booking.State.CONFIRMED: "They have the place that they asked for: {date}.",
    Booking.State.WAITING: "They are on the waiting list of {date}.",
    Booking.State.OFFERED: "They are offered a place on {date}.",
    Booking.State.REQUESTED: "Their request for a place on {date} now waits for approval.",
}


class PlacesAskedFor(JobFollower):
    """The one place that somebody has asked for before their job is confirmed."""

    name = "places_asked_for"
    order = 10

    def waiting(self, jobs: Sequence[Post]) -> dict[int, list[Item]]:
        return {
            job: [_item(request) for request in requests] for job, requests in _by_job(jobs).items()
        }

    def confirmed(self, job: Post, by: By) -> list[str]:
        made = [booking.confirm_job(request, by=by) for request in _of(job)]
        return [
            BECAME[each.state].format(date=_date_of(each))
            for each in made
            if not each.waits_for_job and each.state in BECAME
        ]

    def ended(self, job: Post, by: By, *, reason: str, told: bool) -> list[str]:
        others = Post.objects.filter(person=job.person_id).at(job.agency).exclude(pk=job.pk)
        if any(other.is_open for other in others):
            return []  # That they work there is still to be confirmed, or is.
        return [
            f"Your request for a place on {_date_of(request)}, has ended with it."
            for request in _of(job)
            if _end(request, job, by, reason=reason, is_told=told)
        ]


def due_for_office() -> QuerySet[Booking]:
    """Return requests whose job nobody has confirmed for some working days, for the office."""
    silent_since = working_days.ago(BookingPolicy.load().job_days)
    requests = _to_come().filter(job_office_at=None, queued_at__lte=silent_since)
    return requests.order_by("queued_at", "pk")


@transaction.atomic
def put_to_office(request: Booking) -> None:
    """Ask the training office to confirm the job of a request. Idempotent."""
    _, request = Booking.objects.lock(request)
    if not request.is_waiting_for_job or request.job_office_at:
        return
    request.job_office_at = timezone.now()
    request.save(update_fields=["job_office_at"])
    notices.place_waits_for_job(request, office=True)
    history.record("booking.job_put_to_office", request, by=CLOCK)


@transaction.atomic
def ask_anew(request: Booking) -> None:
    """Ask again, until a later moment where that is needed, when no mail could be sent."""
    run, request = Booking.objects.lock(request)
    if not request.is_waiting_for_job:
        return
    until = deadlines.job_hold_ends(run)
    request.held_until = max(request.held_until or until, until)
    request.save(update_fields=["held_until"])
    outbox.cancel_pending([request], "place_waits_for_job")
    notices.place_waits_for_job(request, office=request.job_office_at is not None)
    if outbox.cancel_pending([request], "job_awaited"):
        notices.job_awaited(request)
    history.record("booking.job_asked_again", request, by=CLOCK)


def tell_changed(
    requests: Sequence[tuple[Booking, str]],
) -> list[Callable[[], object]]:
    """Return the calls that tell whoever confirms these jobs what has changed since, in words.

    A fixed number of queries for however many requests.
    """
    leads = leads_each([request for request, _ in requests]) if requests else {}
    return [
        partial(
            notices.place_waits_for_job,
            request,
            office=request.job_office_at is not None,
            leads=leads[request.pk],
            since=since,
        )
        for request, since in requests
    ]


def decided_meanwhile() -> QuerySet[Booking]:
    """Return requests that wait for a job about which nobody has to decide any more."""
    at = mergers.today(OuterRef("agency"))
    there = Post.objects.filter(person=OuterRef("person"))
    there = there.alias(at=mergers.today("agency")).filter(at=at)
    decided = ~Exists(there.waiting_for_confirmation()) | Exists(there.current())
    return _to_come().filter(decided).order_by("pk")


@transaction.atomic
def settle(request: Booking) -> None:
    """Decide a request as its job was decided by a door that told nobody. Idempotent."""
    _, request = Booking.objects.lock(request)
    jobs = Post.objects.filter(person=request.person_id).at(request.agency)
    if any(job.is_open for job in jobs.confirmed()):
        booking.confirm_job(request, by=CLOCK)
    elif not jobs.waiting_for_confirmation().exists():
        booking.refuse_job(request, by=CLOCK)


def keep_until(run: Run) -> None:
    """Keep the places that wait for a job until what follows from the date's new time.

    For scheduling, which has locked the run.
    """
    waiting = Booking.objects.waiting_for_job().filter(run=run)
    waiting.update(held_until=deadlines.job_hold_ends(run))


def is_with_office(request: Booking) -> bool:
    """Return whether the training office decides: nobody has answered, or there is no lead."""
    if request.job_office_at:
        return True
    return not Person.objects.leading(request.agency).exclude(pk=request.person_id).exists()


def _to_come() -> QuerySet[Booking]:
    waiting = Booking.objects.waiting_for_job().filter(run__starts_at__gt=timezone.now())
    return waiting.select_related("run", "person", "agency")


def _of(job: Post) -> list[Booking]:
    return _by_job([job]).get(job.pk, [])


def _end(request: Booking, job: Post, by: By, *, reason: str, is_told: bool) -> bool:
    """End a request with its job; return whether it has.

    One whose date has begun, or that was decided meanwhile, keeps nobody from ending the job.
    """
    try:
        if not isinstance(by, str) and by.pk == job.person_id:
            why = "Their request about the job was withdrawn."
            ended = booking.withdraw(request, by=by, reason=why)
        else:
            ended = booking.refuse_job(request, by=by, reason=reason, is_told=is_told)
    except booking.BookingRefused:
        return False
    return not ended.is_live


def _by_job(jobs: Sequence[Post]) -> dict[int, list[Booking]]:
    """Return by job (pk) the requests that wait for it: at the same agency as it is today."""
    people = {job.person_id for job in jobs}
    waiting = Booking.objects.waiting_for_job().filter(person__in=people)
    waiting = waiting.annotate(at=mergers.today("agency"))
    requests = waiting.select_related("run__course", "person", "agency")
    if not (asked := {(each.person_id, each.at): each for each in requests}):
        return {}
    of_jobs = Post.objects.filter(pk__in=[job.pk for job in jobs]).order_by()
    of_jobs = of_jobs.annotate(at=mergers.today("agency")).values_list("pk", "person", "at")
    return {pk: [asked[key]] for pk, *its in of_jobs if (key := tuple(its)) in asked}


def _date_of(request: Booking) -> str:
    run = request.run
    return f"{run.course.title}, {weekday(run.starts_at)}" if run.starts_at else run.course.title


def _item(request: Booking) -> Item:
    kept = "A place is kept" if request.holds_place else "A turn is kept"
    note = f"{kept} until {moment(request.held_until)}" if request.held_until else ""
    return Item(_date_of(request), reverse("booking:inspect", args=[request.pk]), note)
