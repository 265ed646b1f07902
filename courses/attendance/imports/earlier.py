"""Remember what each imported report said, so that two reports of one session add up.

Kept in a row of its own, which is erased in time: numbers and ids alone, no name and no address.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from courses.attendance import marking
from courses.attendance.imports.people import Attendee
from courses.attendance.imports.reports import MeetingReport
from courses.attendance.imports.times import Stay
from courses.attendance.register import Attendance
from courses.models import ImportedReport, Mark, Run, Session


@dataclass(frozen=True)
class EarlierReports:
    """Reports imported before: who was there when, and the last mark that one of them made."""

    there: Mapping[int, Sequence[Attendee]]  # by booking
    marked: Mapping[tuple[int, int], tuple[str, dt.datetime]]  # by session and booking

    def made(self, session: Session, mark: Mark | None) -> bool:
        """Return whether a report made this mark and nobody has changed it since."""
        if mark is None or (session.pk, mark.booking_id) not in self.marked:
            return False
        words, at = self.marked[session.pk, mark.booking_id]
        return marking.in_words(mark) == words and mark.marked_at <= at


def reports_of(run: Run, sessions: Sequence[Session], *, but: MeetingReport) -> EarlierReports:
    """Return what was imported for these sessions before, without `but`, should it come again."""
    there: dict[int, list[Attendee]] = defaultdict(list)
    marked, newest = {}, {}
    for kept in ImportedReport.objects.filter(run=run).order_by("pk"):
        for session, booking, words in kept.said:
            marked[session, booking] = (words, kept.imported_at)
        newest[kept.digest] = kept.there  # matched anew, it counts as it is now
    for again in (but.digest, _digest_of_facts(but)):
        newest.pop(again, None)
    for rows in newest.values():
        for booking, stays, minutes in rows:
            attendee = Attendee("", "", tuple(Stay(*map(_moment, stay)) for stay in stays), minutes)
            if not stays or any(_touches(attendee, session) for session in sessions):
                there[booking].append(attendee)
    return EarlierReports(dict(there), marked)


def keep_report(
    run: Run,
    report: MeetingReport,
    who: Mapping[int, int | None],
    seen: Mapping[Session, Mapping[int, Attendance]],
) -> ImportedReport:
    """Keep what a report said, and the marks that it made, in numbers."""
    matched = [(pk, report.attendees[position]) for position, pk in who.items() if pk]
    matched = [(pk, attendee) for pk, attendee in matched if attendee.is_read]
    return ImportedReport.objects.create(
        run=run,
        digest=report.digest or _digest_of_facts(report),
        there=[[pk, _stays(attendee), attendee.minutes] for pk, attendee in matched],
        said=[[of.pk, pk, str(mark)] for of, marks in seen.items() for pk, mark in marks.items()],
    )


def _digest_of_facts(report: MeetingReport) -> str:
    """Return the digest by which reports were kept before they had one of what is written."""
    facts = sorted(repr((a.name, a.email, _stays(a), a.minutes)) for a in report.attendees)
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _stays(attendee: Attendee) -> list[list[int]]:
    return [[int(at.timestamp()) for at in stay] for stay in attendee.stays]


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _touches(attendee: Attendee, session: Session) -> bool:
    return any(s.start < session.ends_at and s.end > session.starts_at for s in attendee.stays)
