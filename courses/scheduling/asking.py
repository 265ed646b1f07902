"""Tell whoever was asked to decide about a run what has changed since: approvers, leads, trainers.

Managers and leads who decide about a request, whoever confirms the job for which a place is kept,
and trainers who were asked whether they can deliver. Part of `telling`, which says when.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone

from courses.booking import approval, unconfirmed_jobs
from courses.models import Booking, DeliveryRequest
from courses.notices import notices, told
from lms import links

if TYPE_CHECKING:
    from agencies.models import Person
    from courses.models import Run

PURPOSE = "delivery"
# How long a request stays open for a run without times.
ANSWER_WITHIN = dt.timedelta(days=28)


@dataclass
class Asked:
    """Requests of which those who decide know something else than what is true."""

    bookings: list[tuple[Booking, list[str]]] = field(default_factory=list)
    trainers: list[tuple[DeliveryRequest, list[str]]] = field(default_factory=list)
    # Trainers who were asked about a run that is cancelled.
    not_needed: list[DeliveryRequest] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.bookings) + len(self.trainers) + len(self.not_needed)

    @property
    def changed(self) -> list[tuple[Booking | DeliveryRequest, list[str]]]:
        return [*self.bookings, *self.trainers]

    @property
    def readers(self) -> list[Booking | Person]:
        return [booking for booking, _ in self.bookings] + [
            request.person for request, _ in self.trainers
        ]


def unanswered(runs: Sequence[int]) -> dict[int, list[DeliveryRequest]]:
    """Return by run (pk) the requests that trainers have not answered, in one query."""
    found: dict[int, list[DeliveryRequest]] = defaultdict(list)
    for request in DeliveryRequest.objects.unanswered(runs):
        found[request.run_id].append(request)
    return found


def compare(run: Run, facts: told.Facts, known: told.Known, live: Iterable[Booking]) -> Asked:
    """Compare what those were told who were asked about the run with the run as it is."""
    return compared(run, facts, known, live, unanswered([run.pk])[run.pk])


def compared(
    run: Run,
    facts: told.Facts,
    known: told.Known,
    live: Iterable[Booking],
    requests: Iterable[DeliveryRequest],
) -> Asked:
    """Compare as `compare` does, where the caller has read the trainers' requests."""
    who = Asked()
    for booking in live:
        said = known.get(told.asked_reader(booking))
        if said is None or booking.state != Booking.State.REQUESTED:
            continue
        if changed := told.differences(said.facts, told.known_to_decide(booking, facts)):
            who.bookings.append((booking, changed))
    of_date = {name: facts[name] for name in told.BEFORE_A_PLACE}
    for request in requests:
        said = known.get(told.asked_reader(request.person))
        if said is None or not said.is_current:
            continue
        request.run = run
        if run.cancelled_at:
            who.not_needed.append(request)
        elif changed := told.differences(said.facts, of_date):
            who.trainers.append((request, changed))
    return who


def letters(run: Run, who: Asked, reason: str) -> list[Callable[[], object]]:
    """Return the calls that write one mail each, and keep what was told."""
    known = told.known(run)
    asked = [
        (booking, told.since_asked(changed, known.get(told.asked_reader(booking))))
        for booking, changed in who.bookings
    ]
    of_jobs = [each for each in asked if each[0].is_waiting_for_job]
    to_approve = [each for each in asked if not each[0].is_waiting_for_job]
    found = unconfirmed_jobs.tell_changed(of_jobs) + approval.tell_changed(to_approve)
    for request, changed in who.trainers:
        since = told.since_asked(changed, known.get(told.asked_reader(request.person)))
        found.append(partial(ask_to_deliver, request, since=since))
    for request in who.not_needed:
        found.append(partial(notices.not_to_deliver, request, reason=reason))
    return found


def ask_to_deliver(request: DeliveryRequest, *, since: str = "") -> None:
    """Mail a trainer a link by which they answer; `since` says what has changed."""
    until = request.run.starts_at or timezone.now() + ANSWER_WITHIN
    token = links.create(PURPOSE, request, sent_to=request.person.email, until=until)
    notices.can_you_deliver(request, token, since=since)
