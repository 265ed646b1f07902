"""Tell everybody concerned what has changed of a run since they were last told.

Every verb that changes a run ends with `tell`; `compare` finds by night what any door missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

import history
from agencies import access
from courses.models import Booking, DeliveryRequest, Run, Session, Told
from courses.notices import notices, told
from courses.rules import clashes
from courses.scheduling import asking
from lms import jobs
from lms.gathering import cached_context
from lms.mail import outbox
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str

AT_A_TIME = 20
COMPARED_AT_ONCE = 50


class TellingRefused(Refused):
    """Refusal to hold or to send the emails about a run; the message is for the office."""


@dataclass
class Concerned:
    """People whose knowledge of a run differs from what is true, by what they are to get."""

    changed: list[tuple[Booking, list[str]]] = field(default_factory=list)
    put_on: list[Person] = field(default_factory=list)
    taken_off: list[Person] = field(default_factory=list)
    trainers_changed: list[tuple[Person, list[str]]] = field(default_factory=list)
    bookers: list[tuple[Person, list[Booking], list[str]]] = field(default_factory=list)
    asked: asking.Asked = field(default_factory=asking.Asked)

    def __bool__(self) -> bool:
        return self.people > 0

    @property
    def people(self) -> int:
        kinds = (self.changed, self.put_on, self.taken_off, self.trainers_changed, self.bookers)
        return sum(map(len, kinds)) + len(self.asked)

    @property
    def parts(self) -> set[str]:
        """Return the names of what has changed of what any of them was told."""
        told_again = (*self.changed, *self.trainers_changed, *self.asked.changed)
        return {name for _, changed in told_again for name in changed}


def tell(run: Run, *, untold: bool = False, reason: str = "") -> None:
    """Write to everybody who was told of the run what is true no longer. The caller has locked it.

    Nothing goes out while the office holds it back, nor once the run is over. `untold`: also tell
    those booked of whom the register knows nothing. `reason` is why the run is cancelled.
    """
    if run.is_over or (run.held_at and not run.cancelled_at):
        return
    with outbox.batch():
        who = concerned(run, untold=untold)
        outbox.enqueue_each(_letters(run, who, reason), lambda write: write())


def concerned(run: Run, *, untold: bool = False) -> Concerned:
    """Compare what each reader was told with the run as it is; enter those not known as told."""
    facts, known = told.facts_of(run), told.known(run)
    who = Concerned()
    bookings = Booking.objects.live().filter(run=run).select_related("person", "agency")
    live = list(bookings.order_by("pk"))
    for booking in live:
        booking.run = run
        said = known.get(told.reader_of(booking))
        if said is None and not untold:
            continue
        changed = told.differences(said.facts, told.known_to(booking, facts)) if said else []
        if changed or said is None:
            who.changed.append((booking, changed))
    _compare_trainers(run, facts, known, who)
    _compare_bookers(run, facts, known, who, {booking.pk: booking for booking in live})
    who.asked = asking.compare(run, facts, known, live)
    return who


def _compare_trainers(run: Run, facts: told.Facts, known: told.Known, who: Concerned) -> None:
    there = {} if run.cancelled_at else {each.pk: each for each in run.trainers.order_by("pk")}
    for person in there.values():
        said = known.get(told.trainer_reader(person))
        if not person.is_active:
            continue
        if said is None or not said.is_current:
            who.put_on.append(person)
        elif changed := told.differences(said.facts, facts):
            who.trainers_changed.append((person, changed))
    gone = [
        each
        for each in known.values()
        if each.role == Told.Role.TRAINER and each.is_current and each.person_id not in there
    ]
    if gone:
        from agencies.models import Person

        people = Person.objects.in_bulk([each.person_id for each in gone])
        who.taken_off = [people[each.person_id] for each in gone]


def _compare_bookers(
    run: Run,
    facts: told.Facts,
    known: told.Known,
    who: Concerned,
    live: dict[int, Booking],
) -> None:
    by_lead: dict[int, list[tuple[Booking, list[str]]]] = {}
    for each in known.values():
        if each.role != Told.Role.BOOKER or not each.is_current:
            continue
        now = {name: facts[name] for name in told.BEFORE_A_PLACE}
        changed = told.differences(each.facts, now)
        booking = live.get(each.booking_id)
        if booking and changed:
            by_lead.setdefault(each.person_id, []).append((booking, changed))
    if not by_lead:
        return
    from agencies.models import Person

    leads = Person.objects.filter(is_active=True).in_bulk(sorted(by_lead))
    for pk, lead in leads.items():
        # A manager in copy has read it already.
        theirs = [each for each in by_lead[pk] if each[0].manager_email != lead.email]
        if theirs:
            names = {name for _, changed in theirs for name in changed}
            bookings = [booking for booking, _ in theirs]
            who.bookers.append((lead, bookings, [n for n in told.PARTS if n in names]))


def _letters(run: Run, who: Concerned, reason: str) -> list[Callable[[], object]]:
    """Return the calls that write one mail each."""
    known = told.known(run)
    moved = [booking for booking, changed in who.changed if not changed or "sessions" in changed]
    others = clashes.clashing(moved)
    letters: list[Callable[[], object]] = []
    for booking, changed in who.changed:
        was = known.get(told.reader_of(booking))
        words = told.in_words(changed, was) if changed else "the times or the place"
        clash = clashes.in_words(others.get(booking.pk, ()))
        letters.append(partial(notices.run_moved, booking, changed=words, clash=clash))
    for person in who.put_on:
        letters.append(partial(notices.put_on, run, person))
    for person, changed in who.trainers_changed:
        words = told.in_words(changed, known.get(told.trainer_reader(person)))
        letters.append(partial(notices.trainers_date_changed, run, person, changed=words))
    for person in who.taken_off:
        if run.cancelled_at:
            letters.append(partial(notices.trainers_date_cancelled, run, person, reason=reason))
        else:
            letters.append(partial(notices.taken_off, run, person))
    for lead, bookings, changed in who.bookers:
        words = told.in_words(changed, known.get(told.booker_reader(lead, bookings[0])))
        letters.append(partial(notices.colleagues_date_changed, run, lead, bookings, changed=words))
    return letters + asking.letters(run, who.asked, reason)


def tell_bookers_cancelled(run: Run, ended: Iterable[Booking], *, reason: str) -> None:
    """Tell leads that the date is cancelled on which they had booked these colleagues."""
    of = {booking.pk: booking for booking in ended}
    booked = [
        each
        for each in told.known(run).values()
        if each.role == Told.Role.BOOKER and each.is_current and each.booking_id in of
    ]
    if not booked:
        return
    from agencies.models import Person

    leads = Person.objects.filter(is_active=True).in_bulk({each.person_id for each in booked})
    letters = []
    for pk, lead in sorted(leads.items()):
        theirs = [of[each.booking_id] for each in booked if each.person_id == pk]
        theirs = [each for each in theirs if each.manager_email != lead.email]
        if theirs:
            write = partial(notices.colleagues_date_changed, run, lead, theirs)
            letters.append(partial(write, changed="", reason=reason))
    outbox.enqueue_each(letters, lambda write: write())


# Held back, or a small correction


def refuse_unless_correction(names: Iterable[str]) -> None:
    """Raise TellingRefused where more has changed than a small correction may change."""
    if wrong := [name for name in names if name not in told.CORRECTABLE]:
        raise TellingRefused(
            f"{told.in_words(wrong).capitalize()} changed, so this is more than a correction, and "
            "everybody concerned must be told. Save it with the emails."
        )


def accept(run: Run, *, by: By) -> None:
    """Keep as known what is true now, without email: a small correction. The caller has locked."""
    who = concerned(run)
    refuse_unless_correction(name for name in told.PARTS if name in who.parts)
    if who.put_on or who.taken_off:
        raise TellingRefused(
            "The trainers changed, so this is more than a correction, and they must be told. Save "
            "it with the emails."
        )
    with outbox.batch():
        told.accept(
            run,
            [booking for booking, _ in who.changed],
            [person for person, _ in who.trainers_changed],
            [(booking, lead) for lead, bookings, _ in who.bookers for booking in bookings],
            who.asked.readers,
        )
    history.record("run.corrected_without_email", run, by=by, now={"people": who.people})


def hold(run: Run, *, by: By, reason: str) -> None:
    """Hold back the emails about a run until `release`. The caller has locked it."""
    if not access.is_training_administrator(by):
        raise TellingRefused("Only a training administrator can hold back emails about a change.")
    if not reason.strip():
        raise TellingRefused("Say why the emails are held back. Others will read it.")
    run.held_because, run.held_at = reason.strip()[:240], timezone.now()
    run.save(update_fields=["held_because", "held_at"])
    history.record("run.telling_held", run, by=by, now={"held": True})


def release(run: Run, *, by: By) -> int:
    """Send the emails that were held back; return how many people are told. Idempotent."""
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        if run.held_at is None:
            return 0
        run.held_because, run.held_at = "", None
        run.save(update_fields=["held_because", "held_at"])
        people = 0 if run.is_over else concerned(run).people
        history.record(
            "run.telling_released", run, by=by, was={"held": True}, now={"people": people}
        )
        tell(run)
    return people


# Jobs


def look_again(runs: QuerySet[Run]) -> None:
    """Mark these runs, so that what was told of them is compared within about a minute."""
    runs.update(compare_from=timezone.now())


@jobs.in_words("Email everybody concerned that a course date has changed")
def tell_again() -> bool:
    """Tell the people of runs whose facts changed by another door. Periodic job."""
    due = Run.objects.filter(compare_from__lte=timezone.now()).order_by("compare_from", "pk")
    return jobs.for_each(tell_again, due, _tell_again, most=AT_A_TIME)


def _tell_again(run: Run) -> None:
    run = Run.objects.lock(run)
    if run.compare_from is None:
        return
    run.compare_from = None
    run.save(update_fields=["compare_from"])
    _keep_sequences(run)
    tell(run)


def tell_now(runs: QuerySet[Run]) -> int:
    """Tell the people of these runs at once, as `tell_again` would within a minute.

    Returns on how many of them somebody is told.
    """
    told_of = 0
    for run in runs.order_by("pk"):
        run = Run.objects.lock(run)
        told_of += bool(run.held_at is None and concerned(run))
        tell(run)
    return told_of


def _keep_sequences(run: Run) -> None:
    """Settle a run's begin and end where something else than a verb changed its sessions."""
    sessions = list(Session.objects.filter(run=run))
    starts = min((each.starts_at for each in sessions), default=None)
    ends = max((each.ends_at for each in sessions), default=None)
    if (run.starts_at, run.ends_at) != (starts, ends):
        run.starts_at, run.ends_at = starts, ends
        run.save(update_fields=["starts_at", "ends_at"])


@jobs.in_words("Compare what was told of a course date with what is true")
def compare() -> int:
    """Find runs to come of which somebody was told something else. Nightly job.

    A fixed number of queries for 50 runs. `tell_again` then tells them.
    """
    now = timezone.now()
    current = Told.objects.latest().filter(run=OuterRef("pk"), is_current=True)
    due = Run.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now),
        Q(cancelled_at=None) | Exists(current.filter(booking=None)),
        compare_from=None,
        held_at=None,
    )
    return jobs.for_all(compare, due, _compare, size=COMPARED_AT_ONCE)


def _compare(runs: list[Run]) -> None:
    found = Run.objects.filter(pk__in=[run.pk for run in runs]).select_related("course", "venue")
    fresh = {run.pk: run for run in found.prefetch_related("sessions", "trainers")}
    told.adopt([run for run in fresh.values() if not run.cancelled_at])
    prefetch_related_objects(list(fresh.values()), "sessions")
    known = told.known_of(list(fresh))
    bookings: dict[int, list[Booking]] = {}
    live = Booking.objects.live().filter(run__in=fresh).select_related("agency", "person")
    for booking in live.order_by("pk"):
        booking.run = fresh[booking.run_id]
        bookings.setdefault(booking.run_id, []).append(booking)
    requests = asking.unanswered(list(fresh))
    with cached_context():
        wrong = [
            pk
            for pk, run in fresh.items()
            if _is_wrong(run, known[pk], bookings.get(pk, []), requests[pk])
        ]
    look_again(Run.objects.filter(pk__in=wrong))


def _is_wrong(
    run: Run,
    known: told.Known,
    bookings: Sequence[Booking],
    requests: Sequence[DeliveryRequest],
) -> bool:
    facts = told.facts_of(run)
    if asking.compared(run, facts, known, bookings, requests):
        return True
    for booking in bookings:
        said = known.get(told.reader_of(booking))
        if said and told.differences(said.facts, told.known_to(booking, facts)):
            return True
    there = set() if run.cancelled_at else {p.pk for p in run.trainers.all() if p.is_active}
    trained = {
        each.person_id: each
        for each in known.values()
        if each.role == Told.Role.TRAINER and each.is_current
    }
    everybody = set() if run.cancelled_at else {each.pk for each in run.trainers.all()}
    if there - trained.keys() or trained.keys() - everybody:
        return True
    return any(told.differences(trained[pk].facts, facts) for pk in there)
