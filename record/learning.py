"""Collect one person's learning: bookings, completions, evaluations due and handouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agencies import access
from certificates.models import Certificate
from courses.catalogue.requirements import annotate_costs
from courses.completion import materials
from courses.completion.renewal import refresh_on
from courses.models import Booking, Completion
from courses.rules import clashes

if TYPE_CHECKING:
    from agencies.models import Person
    from courses.models import Evaluation

State = Booking.State


def own_record(person: Person) -> dict[str, list]:
    """Return `record_of` the person for themself, collected once per request."""
    return access.cached_on_user(person, "_own_record", lambda: record_of(person, viewer=person))


def record_of(person: Person, *, viewer: Person) -> dict[str, list]:
    """Collect the person's bookings by stage, completions with certificates, and open evaluations.

    Bookings and completions carry their handouts.
    """
    bookings = bookings_of(person, viewer)
    completions = completions_of(person, viewer)
    completed = {completion.booking_id for completion in completions}
    ahead = [b for b in bookings if b.is_live and not (b.run.is_over or _is_missed(b))]
    ended = [b for b in bookings if not b.is_live]
    offered = [b for b in ahead if b.state == State.OFFERED]
    if offered:
        annotate_costs([b.run for b in offered])
    past = [b for b in bookings if b.is_live and b not in ahead and b.pk not in completed]
    to_evaluate = materials.evaluations_to_answer(bookings)
    _tell_what_follows(bookings, completions, to_evaluate)
    coming_up = [b for b in ahead if b.state == State.CONFIRMED]
    at_once = clashes.among(coming_up)
    for booking in coming_up:
        booking.clash = clashes.in_words(at_once.get(booking.pk, ()))
    return {
        "offered": offered,
        "to_evaluate": to_evaluate,
        "coming_up": coming_up,
        "waiting": [b for b in ahead if b.state in (State.WAITING, State.REQUESTED)],
        "completions": completions,
        "past": past[::-1],
        "ended": ended[::-1],
    }


def _is_missed(booking: Booking) -> bool:
    """Return whether the date has begun and the person has no place on it."""
    return booking.state != State.CONFIRMED and booking.run.has_begun


def _tell_what_follows(
    bookings: list[Booking], completions: list[Completion], to_evaluate: list[Evaluation]
) -> None:
    """Set `handouts` on each; on completions also `waits_for`, the evaluation required first.

    And `refresh_on`: by when a refresh is recommended.
    """
    given = materials.materials_for_each(bookings)
    waits = {each.booking_id: each for each in to_evaluate if each.keeps_certificate}
    for booking in bookings:
        booking.handouts = given.get(booking.pk, [])
    for completion in completions:
        completion.handouts = given.get(completion.booking_id, [])
        completion.waits_for = waits.get(completion.booking_id)
        completion.refresh_on = refresh_on(completion, completion.certificate)


def bookings_of(person: Person, viewer: Person) -> list[Booking]:
    """List bookings by date, annotated with waiting list position and `with_materials`."""
    bookings = Booking.objects.visible_to(viewer).filter(person=person).with_position()
    return list(
        materials.with_materials(bookings)
        .select_related("run__course__page", "run__venue", "agency", "person")
        .prefetch_related("run__sessions")
        .order_by("run__starts_at", "pk")
    )


def completions_of(person: Person, viewer: Person) -> list[Completion]:
    """List completions, newest first, with `certificate`: the valid one, else a revoked one."""
    completions = list(
        Completion.objects.visible_to(viewer)
        .valid()
        .filter(person=person)
        .select_related("course__page", "agency", "evidence", "attempt__module")
        .defer("attempt__module__content", "attempt__module__check_questions")
    )
    awards = [completion.award for completion in completions]
    found = Certificate.objects.visible_to(viewer).filter(award__in=awards, superseded_at=None)
    # Sort the valid certificate last, so that it wins in the dict.
    certificates = {c.award: c for c in sorted(found, key=lambda c: c.revoked_at is None)}
    for completion in completions:
        completion.certificate = certificates.get(completion.award)
    return completions
