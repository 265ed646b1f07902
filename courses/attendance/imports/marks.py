"""Turn a meeting's attendance report into marks on the register."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import history
from courses.attendance import register
from courses.attendance.imports import earlier, matching
from courses.attendance.imports.people import Attendee
from courses.attendance.imports.reports import MeetingReport, ReportRefused
from courses.attendance.imports.times import NOTHING, Stay, in_minutes, merged, spent
from courses.attendance.register import Attendance
from courses.models import Booking, Mark, Run, Session
from courses.rules import completion_rule
from lms import formatting

if TYPE_CHECKING:
    from agencies.models import Person

Kind = Mark.Kind
# Time missed up to this long at the start, at the end or in between does not count: clocks differ,
# and trainers admit people by hand.
FORGIVEN = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Proposal:
    """Mark that the report gives a person in one session, beside the mark on the register."""

    session: Session
    booking: Booking
    says: Attendance
    there: Mark | None
    adds_up: bool = False  # with the times of an earlier report
    is_from_a_report: bool = False  # the mark on the register, unchanged since

    @property
    def kind_in_words(self) -> str:
        return Kind(self.says.kind).label

    @property
    def is_new(self) -> bool:
        if self.there is None:
            return True
        return (self.there.is_automatic or self.is_from_a_report) and not self.is_same

    @property
    def is_same(self) -> bool:
        return self.there is not None and self.says == Attendance(
            self.there.kind, self.there.minutes_missed
        )

    @property
    def is_other(self) -> bool:
        """True if a person has marked something else."""
        return not self.is_new and not self.is_same

    @property
    def key(self) -> str:
        """Key of the mark that this would replace; another mark has another key."""
        there = self.there
        was = f"{there.kind} {there.minutes_missed}" if there else ""
        return f"{self.session.pk}:{self.booking.pk}:{was}"


def covered(run: Run, report: MeetingReport) -> list[Session]:
    """Return the sessions that have begun and that the report covers.

    Raises ReportRefused where its times match none, or where it has no times and there are several
    sessions.
    """
    sessions = list(run.sessions.all())
    begun = [s for s in sessions if s.starts_at <= timezone.now()]
    if not report.says_when:
        if len(sessions) > 1:
            raise ReportRefused(
                "This report says how long each person was there, but not when, and this date has "
                "more than one session. Export it again without 'Show unique users'."
            )
        return begun
    stays = [stay for attendee in report.attendees for stay in attendee.stays]
    found = [s for s in begun if any(_within(stay, s) for stay in stays)]
    if not found:
        first, last = min(stays).start, max(stay.end for stay in stays)
        raise ReportRefused(
            f"This report is of {formatting.moment(first)} to {formatting.moment(last)}, and no "
            "session of this date that has begun falls in that time. Check that it is the report "
            "of this date, and the time zone."
        )
    return found


def foresee(
    run: Run,
    report: MeetingReport,
    who: Mapping[int, int | None],
    *,
    absent: bool = True,
) -> list[Proposal]:
    """Preview the marks that the report gives everybody booked, session by session.

    `who` is the booking of each attendee, by position in the report. People in no session of it are
    absent or, where `absent` is False, left out; so are those with a row that could not be read,
    unless the others show that they were there throughout. What an earlier report of the same
    session said is added: one meeting may have two reports.
    """
    sessions = covered(run, report)
    before = earlier.reports_of(run, sessions, but=report)
    lines = completion_rule.attendance_lines(run)
    there: dict[int, list[Attendee]] = defaultdict(list)
    for position, booking in who.items():
        if booking:
            there[booking].append(report.attendees[position])
    proposals = []
    for session in sessions:
        for line in lines:
            pk, made = line.booking.pk, line.marks.get(session.pk)
            if absent or pk in there:
                attendees = [*there.get(pk, ()), *before.there.get(pk, ())]
                says = _attendance(session, attendees, sessions)
                if says.kind != Kind.PRESENT and any(each.unread for each in attendees):
                    continue  # the row that could not be read may be the time that is missing
                is_ours = before.made(session, made)
                proposals.append(
                    Proposal(session, line.booking, says, made, pk in before.there, is_ours)
                )
    return proposals


def left_unmarked(
    report: MeetingReport, who: Mapping[int, int | None], proposals: Collection[Proposal]
) -> dict[int, list[int]]:
    """Map bookings that get no mark to the lines of their rows that could not be read."""
    marked = {proposal.booking.pk for proposal in proposals}
    lines: dict[int, list[int]] = defaultdict(list)
    for position, booking in who.items():
        if booking and booking not in marked:
            lines[booking] += report.attendees[position].unread
    return {booking: sorted(set(unread)) for booking, unread in lines.items() if unread}


def mark_register(
    run: Run,
    report: MeetingReport,
    who: Mapping[int, int | None],
    *,
    by: Person,
    absent: bool = True,
    over: Collection[str] = (),
    reason: str = "",
) -> int:
    """Mark the register as the report says; return how many marks changed.

    Marks made by hand stay, unless the key of the proposal is in `over` and the mark is still the
    same. After signing off it is a correction, for `reason`, with all that follows from one. The
    trainer's matches are remembered. Raises RegisterRefused or ReportRefused.
    """
    with transaction.atomic():
        run = Run.objects.lock(run)
        seen: dict[Session, dict[int, Attendance]] = defaultdict(dict)
        for proposal in foresee(run, report, who, absent=absent):
            if proposal.is_new or proposal.key in over:
                seen[proposal.session][proposal.booking.pk] = proposal.says
        if run.closed_at:
            changed = register.correct_sessions(run, seen, by=by, reason=reason)
        else:
            changed = sum(register.mark(session, marks, by=by) for session, marks in seen.items())
        booked = matching.Booked(run)
        matches = matching.match(booked, report.attendees)
        matching.remember(booked, matches, who, by=by)
        kept = earlier.keep_report(run, report, who, seen)
        now = {"marks": changed, "report": kept.pk}
        history.record("register.imported", run, by=by, now=now)
    return changed


def _attendance(session: Session, attendees: list[Attendee], sessions: list[Session]) -> Attendance:
    """Work out a mark from time missed at start, end and between; short gaps are ignored."""
    attendees = [attendee for attendee in attendees if attendee.is_read]
    stays = merged(_stays_within(session, attendees))
    taught = Stay(session.starts_at, session.ends_at)
    timed = [attendee for attendee in attendees if attendee.stays]
    minutes = sum(attendee.minutes or 0 for attendee in attendees if not attendee.stays)
    untimed = dt.timedelta(minutes=minutes)  # of one person, in one report or two
    unseen = sum((_unseen(attendee, session, sessions) for attendee in timed), NOTHING)
    if stays:
        late, early = stays[0].start - taught.start, taught.end - stays[-1].end
        between = spent([taught]) - late - early - spent(stays) + unseen
    else:
        late, early, between = NOTHING, NOTHING, spent([taught])
    if untimed:
        late, early, between = NOTHING, NOTHING, max(late + early + between - untimed, NOTHING)
    late, early, between = (each if each > FORGIVEN else NOTHING for each in (late, early, between))
    missed = in_minutes(late + early + between)
    if missed >= session.minutes:
        return Attendance(Kind.ABSENT)
    if not missed:
        return Attendance(Kind.PRESENT)
    return Attendance(Kind.LATE if late >= early + between else Kind.LEFT_EARLY, missed)


def _unseen(attendee: Attendee, session: Session, sessions: list[Session]) -> dt.timedelta:
    """Return time away that the report does not place: it counts in the session most attended.

    The time between two sessions takes it first: people leave for lunch.
    """
    if attendee.minutes is None:
        return NOTHING
    there = dt.timedelta(minutes=attendee.minutes)
    in_each = {each: spent(merged(_stays_within(each, [attendee]))) for each in sessions}
    if session != max(sessions, key=lambda each: in_each[each]):
        return NOTHING
    begun = max(attendee.stays[0].start, sessions[0].starts_at)
    ended = min(attendee.stays[-1].end, sessions[-1].ends_at)
    between_sessions = spent([Stay(begun, ended)]) - sum(in_each.values(), NOTHING)
    return max(spent(merged(attendee.stays)) - there - between_sessions, NOTHING)


def _stays_within(session: Session, attendees: Iterable[Attendee]) -> list[Stay]:
    stays = (_within(stay, session) for attendee in attendees for stay in attendee.stays)
    return [stay for stay in stays if stay]


def _within(stay: Stay, session: Session) -> Stay | None:
    start, end = max(stay.start, session.starts_at), min(stay.end, session.ends_at)
    return Stay(start, end) if start < end else None
