"""Settle bookings, evidence, trainers and what was told, when two accounts are merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from courses.booking import booking, transitions
from courses.models import Booking, DeliveryRequest, Evidence, Mark, Run, Told, Trainer
from courses.notices import told
from lms.formatting import day
from lms.refused import Refused
from lms.registries.merging import Settler

if TYPE_CHECKING:
    from agencies.merging.models import MergedRow
    from agencies.merging.moving import Moving
    from agencies.models import Person

State = Booking.State
MERGED = "Merged with another account of the same person."
SENT_TWICE = "You sent the same training from two accounts. We’ll decide about the other one."
# What ending a booking changes, and undoing puts back.
ENDED = ["state", "holds_place", "offered_until", "ended_at", "end_reason"]
# The best claim to a place first.
RANK = [State.CONFIRMED, State.OFFERED, State.REQUESTED, State.WAITING]


class CannotMerge(Refused):
    """Refusal to merge two accounts because of a booking, with what to do first."""


class Bookings(Settler):
    """Bookings: of two of one date the better one stays, and the other's place is given back."""

    name = "courses.Booking"
    order = 40

    def before(self, moving: Moving) -> None:
        _refuse_own_approval(moving)
        theirs = Booking.objects.live().filter(person=moving.other).values("run")
        both = Run.objects.filter(bookings__person=moving.kept, pk__in=theirs)
        for run in both.distinct().order_by("pk"):
            Run.objects.lock(run)
        mine = {each.run_id: each for each in _live(moving.kept)}
        for theirs in _live(moving.other):
            if same := mine.get(theirs.run_id):
                self._settle(moving, same, theirs)
        waiting = [*_live(moving.kept), *_live(moving.other)]
        waiting = [each for each in waiting if each.is_waiting_for_job]
        for later in sorted(waiting, key=lambda each: (each.queued_at, each.pk))[1:]:
            self._end(moving, later)
            moving.say(
                f"{_of(later)}: the request ends, as they may have one at a time before a job is "
                "confirmed, and asked for another date first."
            )

    def after(self, moving: Moving) -> None:
        """Give the places that became free to those who wait."""
        for run in Run.objects.filter(pk__in=moving.freed).order_by("pk"):
            booking.fill_free_places(Run.objects.lock(run), by=moving.by)

    def _settle(self, moving: Moving, one: Booking, other: Booking) -> None:
        came = set(
            Mark.objects.filter(booking__in=[one, other], kind__in=Mark.CAME).values_list(
                "booking", flat=True
            )
        )
        if len(came) == 2:
            raise CannotMerge(
                f"{_of(one)}: the register says of both accounts that they were there. Correct the "
                "register first: mark one of them absent."
            )
        stays, ends = sorted((one, other), key=lambda each: _rank(each, came))
        self._end(moving, ends)
        place = (
            " Its place is given to the first person on the waiting list."
            if ends.holds_place
            else ""
        )
        moving.say(
            f"{_of(one)}: both accounts have a booking. The one of {_whose(stays)} stays "
            f"({stays.get_state_display().lower()}). The one of {_whose(ends)} ends without "
            f"a charge ({ends.get_state_display().lower()}).{place}"
        )

    def _end(self, moving: Moving, ends: Booking) -> None:
        run = Run.objects.lock(ends.run)
        held = Booking.objects.get(pk=ends.pk)
        with moving.noting(held, *ENDED):
            transitions.close_bookings(run, [held], State.WITHDRAWN, by=moving.by, reason=MERGED)
        if ends.holds_place:
            moving.freed.append(run.pk)

    def put_back(self, row: MergedRow, by: Person) -> str | None:
        """Put an ended booking back in its place or its turn, if there is room."""
        if "state" not in row.was:
            return None
        was = Booking.objects.select_related("run__course").filter(pk=row.row).first()
        if was is None:
            return ""
        run, held = Booking.objects.lock(was)
        if held.end_reason != MERGED or held.is_live:
            return f"{_of(was)}: the booking that ended has changed since, and stays as it is."
        needs_place = row.was.get("holds_place", False)
        has_other = Booking.objects.live().filter(run=run, person=held.person).exists()
        if has_other or run.has_begun or run.cancelled_at or (needs_place and run.is_full):
            return (
                f"{_of(was)}: the booking that ended cannot be put back, as its place was given to "
                "somebody else, or the date has begun, was cancelled or is booked again."
            )
        transitions.reopen(run, held, row.was, by=by)
        return ""


def _live(person: Person) -> list[Booking]:
    live = Booking.objects.live().filter(person=person).order_by("pk")
    return list(live.select_related("run__course", "person"))


def _rank(each: Booking, came: set[int]) -> tuple[Any, ...]:
    return (
        each.pk not in came,
        RANK.index(State(each.state)),
        not each.holds_place,
        each.moved_to or each.queued_at,
        each.pk,
    )


def _account(person: Person) -> str:
    return person.email or "the account without an email address"


def _whose(each: Booking) -> str:
    return _account(each.person)


def _of(each: Booking) -> str:
    starts = each.run.starts_at
    when = day(timezone.localtime(starts)) if starts else "without a day yet"
    return f"{each.run.course}, {when}"


def _refuse_own_approval(moving: Moving) -> None:
    """Raise CannotMerge where one account is asked to approve a booking of the other."""
    both = [moving.kept.pk, moving.other.pk]
    emails = EmailAddress.objects.filter(user__in=both).values("email")
    asked = Booking.objects.to_approve().filter(person__in=both, approver_email__in=emails)
    if found := asked.select_related("run__course").first():
        raise CannotMerge(
            f"{_of(found)}: one account is asked to approve the booking of the other. Decide that "
            "request first."
        )


class Training(Settler):
    """Evidence: of two that wait for a decision on one course, the kept account's waits on."""

    name = "courses.Evidence"
    order = 50

    def before(self, moving: Moving) -> None:
        mine = Evidence.objects.undecided().filter(person=moving.kept).values("course")
        theirs = Evidence.objects.undecided().filter(person=moving.other, course__in=mine)
        for each in theirs.select_related("course"):
            refused = {"state": Evidence.State.REFUSED, "reason": SENT_TWICE}
            moving.change(Evidence, [each.pk], decided_at=timezone.now(), **refused)
            moving.say(
                f"{each.course}: both accounts sent training elsewhere that is not decided. You "
                f"can still decide about that of {_account(moving.kept)}. That of "
                f"{_account(moving.other)} is not accepted; its file is kept."
            )


class Trainers(Settler):
    """The pool of trainers: one entry, with the subjects and notes of both."""

    name = "courses.Trainer"
    order = 60

    def before(self, moving: Moving) -> None:
        mine, theirs = (
            Trainer.objects.filter(person=each).first() for each in (moving.kept, moving.other)
        )
        if not (mine and theirs):
            return
        subjects = Trainer.subjects.through
        known = subjects.objects.filter(trainer=mine).values("course")
        new = subjects.objects.filter(trainer=theirs).exclude(course__in=known)
        moving.change(subjects, list(new.values_list("pk", flat=True)), trainer_id=mine.pk)
        notes = "\n".join(filter(None, (mine.notes, theirs.notes)))
        moving.change(Trainer, [mine.pk], notes=notes)
        moving.say("Both are in the pool of trainers. One entry stays, with what both can deliver.")


class Deliveries(Settler):
    """Requests to deliver a date: an answer stays rather than none, and yes rather than no."""

    name = "courses.DeliveryRequest"
    order = 70
    BEST = (DeliveryRequest.State.ASKED, DeliveryRequest.State.NO, DeliveryRequest.State.YES)

    def is_better(self, theirs: DeliveryRequest, mine: DeliveryRequest) -> bool:
        return self.BEST.index(theirs.state) > self.BEST.index(mine.state)


class ToldReaders(Settler):
    """Register of what was told: the reader's word has the account's number."""

    name = "courses.Told"
    order = 80
    numbers = ("reader",)

    def before(self, moving: Moving) -> None:
        kept, other = moving.kept.pk, moving.other.pk
        for entry in Told.objects.filter(person=other):
            if entry.role == Told.Role.TRAINER:
                reader = told.trainer_reader(kept)
            elif entry.role == Told.Role.ASKED:
                reader = told.asked_reader(moving.kept)
            else:
                reader = told.booker_reader(kept, entry.booking_id)
            moving.change(Told, [entry.pk], reader=reader)


SETTLERS = [Bookings(), Training(), Trainers(), Deliveries(), ToldReaders()]
