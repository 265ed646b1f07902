"""Keep the register of what was told to whom about a run, and compare it with what is true.

Whoever is told adds an entry in the transaction of the mail. `differences` between a reader's
newest entry and the run as it is are what they are to be told again: see
courses.scheduling.telling, which every door to a change leads through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, prefetch_related_objects

from courses.models import Booking, DeliveryRequest, Told
from courses.rules import charging, deadlines
from lms.gathering import insert, memoised, pending

if TYPE_CHECKING:
    from agencies.models import Person
    from courses.models import Run

    Facts = dict[str, Any]
    Entries = dict[str, dict[str, Any]]
    Known = dict[str, Told]

Role = Told.Role
# What counts as told, and how a mail names it where it changed.
PARTS = {
    "title": "the name of the course",
    "sessions": "the times",
    "names": "the names of its sessions",
    "where": "the place",
    "link": "the link to join",
    "joining_instructions": "the joining instructions",
    "travel": "how to get there",
    "access": "how to get in",
    "cost": "the cost",
    "late_cost": "what cancelling late costs",
    "until": "the day by which to answer",
}
# A change of these alone may be called a small correction, which needs no email.
CORRECTABLE = {"title", "names", "joining_instructions", "travel", "access"}
BEFORE_A_PLACE = ("title", "sessions", "names", "where")
# What came into the register later: an entry without it says nothing of it.
SINCE_LATER = {"title"}


def facts_of(run: Run) -> Facts:
    """Return what a reader with a place is told of the run, in plain values."""
    prefetch_related_objects([run], "sessions")
    venue = run.venue
    return {
        "title": run.course.title,
        "sessions": {
            str(each.pk): [each.starts_at.isoformat(), each.ends_at.isoformat()]
            for each in run.sessions.all()
        },
        "names": {str(each.pk): each.name for each in run.sessions.all()},
        "where": f"{venue.name}\n{venue.address}".replace("\r", "") if venue else "",
        "link": "" if venue else run.link,
        "joining_instructions": run.joining_instructions,
        "travel": venue.travel if venue else "",
        "access": venue.access if venue else "",
    }


def known_to(booking: Booking, facts: Facts) -> Facts:
    """Reduce the facts to those that this person is told at present."""
    if booking.state != Booking.State.CONFIRMED:
        return {name: facts[name] for name in BEFORE_A_PLACE}
    if booking.owes_answers:
        venue = booking.run.venue
        when = {name: facts[name] for name in ("title", "sessions", "names")}
        return when | {"where": venue.name if venue else ""}
    return facts


def known_to_decide(booking: Booking, facts: Facts) -> Facts:
    """Reduce the facts to those by which somebody decides about this request, or about its job."""
    asked = {name: facts[name] for name in ("title", "sessions", "names")}
    if booking.is_waiting_for_job:
        return asked | {"until": booking.held_until.isoformat() if booking.held_until else ""}
    run = booking.run
    return asked | {
        "where": run.venue.name if run.venue else "Online" if run.link else "",
        "cost": str(charging.fee(run, booking.agency)),
        "late_cost": str(charging.price_of_an_empty_place(run)),
        "until": deadlines.answer_until(booking).isoformat(),
    }


def differences(said: Facts, now: Facts) -> list[str]:
    """Return the names of what differs, in the order of PARTS; none if it is not known."""
    compared = [name for name in PARTS if said and (name in said or name not in SINCE_LATER)]
    found = [name for name in compared if (said.get(name) or "") != (now.get(name) or "")]
    return [name for name in found if name != "names" or "sessions" not in found]


def in_words(names: Iterable[str], was: Told | None = None) -> str:
    """Say what has changed, as in 'the times and the place'.

    `was` is what the reader knew: a course that has another name is named as they know it.
    """
    words = {name: PARTS[name] for name in names}
    if was and "title" in words:
        words["title"] += f" (it was ‘{was.facts['title']}’)"
    *others, last = words.values() or ["this date"]
    return f"{', '.join(others)} and {last}" if others else last


def since_asked(names: Iterable[str], was: Told | None) -> str:
    """Say in one sentence what has changed since somebody was asked."""
    words = in_words(names, was)
    return f"What has changed since we wrote to you: {words}. The facts here are the new ones."


def reader_of(booking: Booking | int) -> str:
    return f"booking-{booking if isinstance(booking, int) else booking.pk}"


def trainer_reader(person: Person | int) -> str:
    return f"trainer-{person if isinstance(person, int) else person.pk}"


def asked_reader(about: Booking | Person) -> str:
    """Return the reader that stands for all who are asked about a booking, or for one trainer."""
    kind = "booking" if isinstance(about, Booking) else "trainer"
    return f"asked-{kind}-{about.pk}"


def booker_reader(person: Person | int, booking: Booking | int) -> str:
    return f"booker-{person if isinstance(person, int) else person.pk}-{reader_of(booking)}"


def known(run: Run) -> Known:
    """Return the newest entry of each reader of the run, read once in a batch."""
    return memoised(("told", run.pk), lambda: known_of([run.pk])[run.pk])


def known_of(runs: Sequence[int]) -> dict[int, Known]:
    """Return the newest entries by run (pk) and reader, in one query."""
    found: dict[int, Known] = defaultdict(dict)
    for each in Told.objects.filter(run__in=runs).latest():
        found[each.run_id][each.reader] = each
    for each in pending(Told):
        found[each.run_id][each.reader] = each
    return found


def keep(run: Run, reader: str, facts: Facts, entries: Entries, **more: Any) -> Told:
    """Add an entry to the register: what this reader knows from now on."""
    entry = Told(run=run, reader=reader, facts=facts, entries=entries, **more)
    insert(entry)
    known(run)[reader] = entry
    return entry


def keep_delegate(
    booking: Booking, entries: Entries | None = None, *, is_current: bool = True, by_mail=True
) -> Told:
    """Keep what this person was told just now; `entries` None: their calendar stays as it is."""
    reader = reader_of(booking)
    before = known(booking.run).get(reader)
    if entries is None:
        entries = before.entries if before else {}
    return keep(
        booking.run,
        reader,
        known_to(booking, facts_of(booking.run)),
        entries,
        role=Role.DELEGATE,
        booking=booking,
        copied_to=booking.manager_email if booking.state == Booking.State.CONFIRMED else "",
        is_current=is_current,
        by_mail=by_mail,
    )


def keep_trainer(
    run: Run, person: Person, entries: Entries, *, is_current: bool = True, by_mail: bool = True
) -> Told:
    return keep(
        run,
        trainer_reader(person),
        facts_of(run),
        entries,
        role=Role.TRAINER,
        person=person,
        is_current=is_current,
        by_mail=by_mail,
    )


def keep_booker(booking: Booking, lead: Person, *, is_current: bool = True) -> Told:
    """Keep that a lead booked this place for a colleague, and read the date on the page."""
    facts = facts_of(booking.run)
    return keep(
        booking.run,
        booker_reader(lead, booking),
        {name: facts[name] for name in BEFORE_A_PLACE},
        {},
        role=Role.BOOKER,
        booking=booking,
        person=lead,
        is_current=is_current,
    )


def keep_asked(booking: Booking, *, by_mail: bool = True) -> Told:
    """Keep what those were told just now who decide about this request, or about its job."""
    facts = known_to_decide(booking, facts_of(booking.run))
    reader = asked_reader(booking)
    more: dict[str, Any] = {"role": Role.ASKED, "booking": booking, "by_mail": by_mail}
    return keep(booking.run, reader, facts, {}, **more)


def keep_asked_trainer(
    run: Run, person: Person, *, is_current: bool = True, by_mail: bool = True
) -> Told:
    """Keep what a trainer was told just now who was asked to deliver the run."""
    facts = facts_of(run)
    return keep(
        run,
        asked_reader(person),
        {name: facts[name] for name in BEFORE_A_PLACE},
        {},
        role=Role.ASKED,
        person=person,
        is_current=is_current,
        by_mail=by_mail,
    )


def adopt(runs: Sequence[Run]) -> None:
    """Enter as told whoever is booked or asked without an entry: told before the register began.

    Call it before a change, with the runs as they still are. A fixed number of queries, however
    many people.
    """
    there = {run.pk: run for run in runs}
    prefetch_related_objects(list(there.values()), "sessions")
    found = known_of(list(there))
    for pk in there:
        memoised(("told", pk), partial(found.__getitem__, pk))
    has_entry = Told.objects.filter(booking=OuterRef("pk"), role=Role.DELEGATE)
    new = Booking.objects.live().filter(~Exists(has_entry), run__in=there).order_by("pk")
    for booking in new.select_related("person"):
        booking.run = there[booking.run_id]
        if reader_of(booking) not in known(booking.run):
            entries = standing_entries(booking.run, offset=_offset(booking))
            confirmed = booking.state == Booking.State.CONFIRMED
            keep_delegate(booking, entries if confirmed else {}, by_mail=False)
    _adopt_asked(there)
    for run in there.values():
        run._prefetched_objects_cache.pop("sessions", None)  # type: ignore[attr-defined]


def _adopt_asked(there: dict[int, Run]) -> None:
    has_entry = Told.objects.filter(booking=OuterRef("pk"), role=Role.ASKED)
    asked = Booking.objects.asked_about().filter(~Exists(has_entry), run__in=there)
    for booking in asked.select_related("agency").order_by("pk"):
        booking.run = there[booking.run_id]
        keep_asked(booking, by_mail=False)
    for request in DeliveryRequest.objects.unanswered(list(there)):
        run = there[request.run_id]
        if asked_reader(request.person) not in known(run):
            keep_asked_trainer(run, request.person, by_mail=False)


def accept(
    run: Run,
    bookings: Iterable[Booking],
    trainers: Iterable[Person],
    booked: Iterable[tuple[Booking, Person]],
    asked: Iterable[Booking | Person],
) -> None:
    """Enter what is true now as known to all, without an email: a small correction."""
    for each in asked:
        if isinstance(each, Booking):
            keep_asked(each, by_mail=False)
        else:
            keep_asked_trainer(run, each, by_mail=False)
    for booking, lead in booked:
        keep_booker(booking, lead)
    for booking in bookings:
        keep_delegate(booking, by_mail=False)
    for person in trainers:
        if before := known(run).get(trainer_reader(person)):
            keep_trainer(run, person, before.entries, by_mail=False)


# Calendar


def plan(booking: Booking, *, cancelled: bool = False) -> Entries:
    """Return the calendar entries to send for a booking, by session (pk)."""
    return _plan(
        booking.run,
        reader_of(booking),
        place=_place_for(booking),
        notes="" if booking.owes_answers else booking.run.joining_instructions,
        offset=_offset(booking),
        cancelled=cancelled,
    )


def plan_of_trainer(run: Run, person: Person, *, cancelled: bool = False) -> Entries:
    """Return the calendar entries to send to a trainer, by session (pk)."""
    entries = _plan(
        run,
        trainer_reader(person),
        place=place_in_words(run),
        notes=run.joining_instructions,
        cancelled=cancelled,
    )
    if not cancelled:
        return entries
    before = known(run).get(trainer_reader(person))
    return {pk: each for pk, each in entries.items() if before and pk in before.entries}


def standing_entries(run: Run, *, offset: int) -> Entries:
    """Return entries as they were sent before the register began, which kept only the times."""
    return {
        str(each.pk): _content(run.course.title, each.starts_at, each.ends_at, each.name, "", "")
        | {"sequence": each.sequence + offset}
        for each in run.sessions.all()
    }


def place_in_words(run: Run) -> str:
    """Return where the run is, on one line; empty while undecided."""
    if run.venue:
        return ", ".join([run.venue.name, *run.venue.address.split("\n")]).replace("\r", "")
    return run.link


def _plan(
    run: Run, reader: str, *, place: str, notes: str, offset: int = 0, cancelled: bool = False
) -> Entries:
    """Work out each entry with its SEQUENCE, which rises whenever it says something else.

    An entry of a session that is no more is cancelled.
    """
    prefetch_related_objects([run], "sessions")
    said = known(run).get(reader)
    before: Entries = said.entries if said else {}
    entries: Entries = {}
    for session in run.sessions.all():
        had = before.get(str(session.pk))
        entry = _content(
            run.course.title, session.starts_at, session.ends_at, session.name, place, notes
        )
        least = session.sequence + offset + cancelled
        if had:
            is_other = cancelled or had.get("cancelled") or not _same(had, entry)
            least = max(least, had["sequence"] + bool(is_other))
        more = {"cancelled": True} if cancelled else {}
        entries[str(session.pk)] = entry | {"sequence": least} | more
    for pk, had in before.items():
        if pk not in entries and not had.get("cancelled"):
            entries[pk] = had | {"sequence": had["sequence"] + 1, "cancelled": True}
    return entries


def _content(title: str, starts_at, ends_at, name: str, place: str, notes: str) -> dict[str, Any]:
    return {
        "title": title,
        "starts": starts_at.isoformat(),
        "ends": ends_at.isoformat(),
        "name": name,
        "place": place,
        "notes": notes,
    }


def _same(had: dict[str, Any], entry: dict[str, Any]) -> bool:
    later = {name: entry[name] for name in SINCE_LATER}
    return all((later | had).get(name) == entry[name] for name in entry)


def _offset(booking: Booking) -> int:
    """Return by how much SEQUENCE rose when the pre-course answers disclosed the place."""
    return int(booking.pre_course_at is not None)


def _place_for(booking: Booking) -> str:
    """Return the full place, or the venue's name alone while pre-course answers are outstanding."""
    run = booking.run
    if not booking.owes_answers:
        return place_in_words(run)
    return run.venue.name if run.venue else "Online" if run.link else ""
