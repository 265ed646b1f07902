"""Receive the marks that a device made offline, and resolve conflicts between marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

import history
from courses.attendance import marking, register
from courses.attendance.marking import Attendance, Change, RegisterRefused
from courses.models import Booking, Mark, Run, SentMark, Session

if TYPE_CHECKING:
    from agencies.models import Person

State = SentMark.State
REFUSED = "refused"
USED_ELSEWHERE = (
    "This mark was not recorded, because its number belongs to another mark. Mark the person again."
)


@dataclass(frozen=True)
class OfflineMark:
    """Mark made on a device, with an id of its own; `saw` is the mark that was there then.

    `with_rest` says that it was made by 'all present', which overwrites no mark.
    """

    id: UUID
    session: int
    booking: int
    attendance: Attendance
    saw: str
    marked_at: dt.datetime
    with_rest: bool = False


@dataclass(frozen=True)
class Answer:
    """Outcome of one mark: a state of SentMark, or 'refused' and the sentence why."""

    state: str
    sentence: str = ""


@dataclass
class ReceiptContext:
    """State of the register while the marks that were sent are processed."""

    run: Run
    sessions: Mapping[int, Session]
    expected: set[int]
    known: Mapping[UUID, SentMark]
    there: dict[tuple[int, int], Mark]
    changes: list[Change] = field(default_factory=list)
    conflicts: dict[tuple[int, int], SentMark] = field(default_factory=dict)


def receive(run: Run, marks: Iterable[OfflineMark], *, by: Person) -> dict[UUID, Answer]:
    """Take each mark once, however often it is sent; return what became of each.

    A mark that saw something else than what is there now becomes a conflict: both are kept until a
    trainer chooses. What cannot be marked is refused, with a sentence, and holds up no other.
    Raises Run.DoesNotExist where `by` does not keep this register.
    """
    received = {sent.id: sent for sent in marks}
    with transaction.atomic():
        run = Run.objects.registers_of(by).lock(run)
        context = _receipt_context(run, received)
        answers, kept = {}, []
        for sent in sorted(received.values(), key=lambda sent: sent.marked_at):
            answers[sent.id] = answer = _answer(context, sent)
            if answer.state != REFUSED and sent.id not in context.known:
                kept.append(_kept(context, sent, answer, by))
        marking.write(context.changes, by=by)
        SentMark.objects.bulk_create(kept)
    return answers


def choose(sent: SentMark, *, take: bool, by: Person) -> SentMark:
    """Resolve a conflict: take the mark that was sent, or keep the one that is there.

    Idempotent: once chosen, nothing changes. Raises RegisterRefused when it cannot be taken any
    more.
    """
    with transaction.atomic():
        Run.objects.lock(sent.session.run)
        sent = SentMark.objects.select_related("session__run").get(pk=sent.pk)
        if sent.state != State.CONFLICT:
            return sent
        if take:
            attendance = Attendance(sent.kind, sent.minutes_missed)
            register.mark(sent.session, {sent.booking_id: attendance}, by=by)
        sent.state = State.CHOSEN if take else State.DROPPED
        sent.save(update_fields=["state"])
        now = {"booking": sent.booking_id, "state": sent.state}
        history.record("register.chosen", sent.session, by=by, now=now)
    return sent


def _receipt_context(run: Run, received: Mapping[UUID, OfflineMark]) -> ReceiptContext:
    sessions = {session.pk: session for session in run.sessions.all()}
    sent_before = SentMark.objects.filter(pk__in=list(received))
    rows = (
        Booking.objects.confirmed()
        .filter(run=run)
        .annotate(was_sent=Exists(sent_before))
        .values_list(
            "pk", "was_sent", "marks__session", "marks__kind", "marks__minutes_missed",
        )
    )  # fmt: skip
    expected, there, is_sent_again = set(), {}, False
    for pk, was_sent, session, kind, minutes in rows:
        expected.add(pk)
        is_sent_again |= was_sent
        if session:
            there[session, pk] = Mark(kind=kind, minutes_missed=minutes)
    # Ask which are known only when some may be: a mark is nearly always sent once.
    if is_sent_again or any(sent.booking not in expected for sent in received.values()):
        known = sent_before.only("session", "booking", "state").in_bulk()
    else:
        known = {}
    return ReceiptContext(run, sessions, expected, known, there)


def _answer(context: ReceiptContext, sent: OfflineMark) -> Answer:
    if before := context.known.get(sent.id):
        is_same = (before.session_id, before.booking_id) == (sent.session, sent.booking)
        return Answer(before.state) if is_same else Answer(REFUSED, USED_ELSEWHERE)
    if sentence := _why_refused(context, sent):
        return Answer(REFUSED, sentence)
    key = (sent.session, sent.booking)
    there, wanted = marking.in_words(context.there.get(key)), str(sent.attendance)
    if sent.with_rest and there:
        return Answer(State.TAKEN if there == wanted else State.DROPPED)
    if there not in (sent.saw, wanted):
        return Answer(State.CONFLICT)
    if there != wanted:
        _take(context, sent)
    return Answer(State.TAKEN)


def _why_refused(context: ReceiptContext, sent: OfflineMark) -> str:
    session = context.sessions.get(sent.session)
    if session is None or sent.booking not in context.expected:
        return "This person no longer has a place on this date."
    try:
        marking.refuse_unless_open(context.run)
        marking.refuse_wrong_minutes(session, sent.attendance)
        marking.refuse_too_early(session, [sent.attendance])
    except RegisterRefused as refused:
        return str(refused)
    return ""


def _take(context: ReceiptContext, sent: OfflineMark) -> None:
    key, session = (sent.session, sent.booking), context.sessions[sent.session]
    was = context.there.get(key)
    context.changes.append(
        Change(session, sent.booking, sent.attendance, was, all_present=sent.with_rest)
    )
    context.there[key] = Mark(kind=sent.attendance.kind, minutes_missed=sent.attendance.minutes)


def _kept(context: ReceiptContext, sent: OfflineMark, answer: Answer, by: Person) -> SentMark:
    made = SentMark(
        id=sent.id,
        session=context.sessions[sent.session],
        booking_id=sent.booking,
        kind=sent.attendance.kind,
        minutes_missed=sent.attendance.minutes,
        saw=sent.saw,
        marked_at=sent.marked_at,
        received_at=timezone.now(),
        sent_by=by,
        state=answer.state,
    )
    if answer.state == State.CONFLICT:
        _replace_own(context, made)
    return made


def _replace_own(context: ReceiptContext, made: SentMark) -> None:
    """Drop an earlier conflict over the same mark: only the last one sent is to be decided."""
    key = (made.session_id, made.booking_id)
    if earlier := context.conflicts.get(key):
        earlier.state = State.DROPPED
    context.conflicts[key] = made
