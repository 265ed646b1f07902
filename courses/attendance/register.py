"""Mark, sign off and correct the attendance register, with all that follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

import history
from agencies import access, joining
from agencies.free_text import names
from agencies.models import Agency, Person, Post
from agencies.no_email import adding
from courses.attendance import marking
from courses.attendance.marking import Attendance, Change, Marked, RegisterRefused
from courses.booking import booking
from courses.completion import awarding, certified, completing, counted
from courses.completion.completing import Achievement
from courses.evaluation import evaluation
from courses.models import Booking, Completion, Mark, Run, SentMark, Session
from courses.notices import charged, notices
from courses.rules import charging, completion_rule
from history.models import Event
from lms.mail import outbox

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import PersonQuerySet

    By = Person | str

Kind = Mark.Kind
CAME_UNBOOKED = "Came unbooked"


def mark(
    session: Session,
    seen: Mapping[int, Attendance],
    *,
    by: Person,
    expected: Mapping[int, str] | None = None,
    rest: Collection[int] = (),
) -> int:
    """Mark bookings (by id) on the session's register; return how many marks changed.

    Idempotent. With `expected`, the mark of each when it was decided ('late 10'; '' for none), no
    mark is overwritten that was not seen. Those of `rest` whom nobody has marked become present at
    once (`undo_all_present` undoes it). Until 30 minutes before the session only apologies can be
    marked. Raises RegisterRefused and then nothing has changed.
    """
    with transaction.atomic():
        run = Run.objects.lock(session.run)
        marking.refuse_unless_open(run)
        there = marking.marks_of_session(run, session)
        marking.refuse_strangers(run, there, seen)
        unmarked = {pk for pk, made in there.items() if made is None}
        all_present = sorted((unmarked & {*rest}) - {*seen})
        present = Attendance(Kind.PRESENT)
        rest_of_them = [Change(session, pk, present, all_present=True) for pk in all_present]
        marking.refuse_too_early(session, [*seen.values(), *([present] if all_present else [])])
        for attendance in seen.values():
            marking.refuse_wrong_minutes(session, attendance)
        if expected is not None:
            marking.refuse_changed(there, seen, expected)
        changes = [*_changes(session, seen, there), *rest_of_them]
        marking.write(changes, by=by)
    return len(changes)


def mark_each(
    session: Session,
    seen: Mapping[int, Attendance],
    *,
    by: Person,
    expected: Mapping[int, str] | None = None,
    rest: Collection[int] = (),
) -> Marked:
    """Mark as `mark` does, person by person: one who cannot be marked keeps no other waiting.

    Raises RegisterRefused where the register takes no marks at all.
    """
    with transaction.atomic():
        run = Run.objects.lock(session.run)
        marking.refuse_unless_open(run)
        there = marking.marks_of_session(run, session)
        present = Attendance(Kind.PRESENT)
        unmarked = {pk for pk, made in there.items() if made is None}
        all_present = sorted((unmarked & {*rest}) - {*seen})
        wanted = {**dict.fromkeys(all_present, present), **seen}
        refused = marking.why_each_refused(run, session, there, wanted, expected)
        changes = [
            Change(session, pk, attendance, there[pk], all_present=pk in all_present)
            for pk, attendance in wanted.items()
            if pk not in refused and marking.as_marked(there[pk]) != attendance
        ]
        marking.write(changes, by=by)
    return Marked(len(changes), refused)


def undo_all_present(session: Session, *, by: Person) -> int:
    """Undo the last 'all present' for those whom nobody has marked since; return how many.

    Raises RegisterRefused once the register is signed off.
    """
    with transaction.atomic():
        marking.refuse_unless_open(Run.objects.lock(session.run))
        marks = list(marked_at_once(session))
        Mark.objects.filter(pk__in=[made.pk for made in marks]).delete()
        if marks:
            was = {str(made.booking_id): marking.in_words(made) for made in marks}
            history.record("register.unmarked", session, by=by, was=was)
    return len(marks)


def marked_at_once(session: Session) -> QuerySet[Mark]:
    """Return the marks that the last 'all present' made and nobody has changed since."""
    presses = Event.objects.about(session).filter(action="register.marked")
    press = presses.filter(now__has_key=marking.ALL_PRESENT).first()
    if press is None:
        return Mark.objects.none()
    pressed = press.now[marking.ALL_PRESENT]
    marked_at = dt.datetime.fromisoformat(pressed["at"])
    # A later mark, be it present again, has another `marked_at`.
    return session.marks.filter(booking__in=pressed["bookings"], marked_at=marked_at)


def walk_in(
    run: Run,
    email: str,
    name: str = "",
    *,
    by: Person,
    agency: Agency | None = None,
    who: Person | None = None,
    beside: Collection[Person] = (),
) -> Booking:
    """Give somebody who came unbooked a place, over the limit if need be; return the booking.

    The person is found by primary or verified address, else an account is made, with `name`. Their
    newest current job counts, else `agency`. They get one mail. A confirmed booking is returned as
    it is. Raises RegisterRefused.

    Without an address nobody is found by name: it is `who` `by` has chosen of `who_may_be`, or
    somebody new `beside` all of those with a name like it.
    """
    with transaction.atomic():
        run = Run.objects.lock(run)
        if sentence := why_no_walk_in(run, by):
            raise RegisterRefused(sentence)
        if who and not who_may_be(run, by).filter(pk=who.pk).exists():
            raise RegisterRefused("They cannot be chosen here. Give their email address.")
        known = Person.objects.with_address(email).first() if email else who
        if known is None and not name.strip():
            raise RegisterRefused("We do not know them yet: give their full name.")
        if known is None and (why := names.why_unprintable(name)):
            raise RegisterRefused(f"{why}.")
        if known and not known.is_active:
            raise RegisterRefused(
                "Nobody can be added at this address at present. Ask the training office about it."
            )
        if known and Booking.objects.confirmed().filter(run=run, person=known).exists():
            return Booking.objects.confirmed().get(run=run, person=known)
        person = known or _new_person(run, email, name.strip(), agency, beside, by=by)
        added = booking.add_who_came(run, _job_of(person, agency), by=by, reason=CAME_UNBOOKED)
        history.record("register.walk_in", added, by=by, now={"run": run.pk})
        notices.came_unbooked(added, by=by, is_new=known is None)
    return added


def _new_person(
    run: Run,
    email: str,
    name: str,
    agency: Agency | None,
    beside: Collection[Person],
    *,
    by: Person,
) -> Person:
    if email:
        return joining.create_walk_in_person(name=name, email=email, by=by)
    if agency is None:
        raise RegisterRefused("We do not know where they work: say for which agency they came.")
    try:
        adding.refuse_unseen(name, who_may_be(run, by), beside)
        return adding.add_at_the_door(agency, name=name, by=by)
    except joining.JoiningRefused as refused:
        raise RegisterRefused(str(refused)) from refused


def who_may_be(run: Run, by: Person) -> PersonQuerySet:
    """Return who may be shown as possibly the same as a walk-in without an email address.

    Those on the register, and whose record `by` sees anyway: a trainer learns of nobody else.
    """
    booked = Booking.objects.confirmed().filter(run=run).values("person")
    return Person.objects.exclude(pk=by.pk).filter(
        Q(pk__in=booked) | Q(pk__in=Person.objects.visible_to(by).values("pk"))
    )


def why_no_walk_in(run: Run, by: Person) -> str:
    """Return why nobody can be added to this register now; '' when they can.

    Allowed from 30 minutes before the first session until sign-off; afterwards for the office.
    """
    if run.cancelled_at or run.starts_at is None:
        return "This date is cancelled or has no times, so nobody can have come to it."
    if run.closed_at and not access.is_training_administrator(by):
        return "This register is signed off. Ask the training office to add somebody who came."
    if timezone.now() < run.starts_at - marking.OPENS_BEFORE:
        opens = timezone.localtime(run.starts_at - marking.OPENS_BEFORE)
        return (
            f"Who comes unbooked can be added from {opens:%-d %B %Y at %H:%M}. Until then they can "
            "book, or ask the training office for a place."
        )
    return ""


def runs_until(run: Run) -> dt.datetime | None:
    """Return when the session that is under way ends; None before and after."""
    now = timezone.now()
    ends = [each.ends_at for each in run.sessions.all() if each.starts_at <= now < each.ends_at]
    return max(ends, default=None)


def close(run: Run, *, by: Person) -> list[Completion]:
    """Sign off the register: the unmarked become absent; completions and charges follow.

    Those who came are asked for an evaluation. A mark made by hand is never changed. Certificates
    are made by the worker; mails to absentees wait for the office. Idempotent. Raises
    RegisterRefused before the last session has begun, and while two marks are in conflict.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        if run.closed_at:
            return []
        marking.refuse_unless_open(run)
        prefetch_related_objects([run], "sessions")
        sessions = list(run.sessions.all())
        if not sessions or sessions[-1].starts_at > timezone.now():
            raise RegisterRefused(
                "The last session has not begun, so this cannot be signed off yet. Come back "
                "when it has."
            )
        if SentMark.objects.in_conflict().filter(session__run=run).exists():
            raise RegisterRefused(
                "Two marks differ for somebody. Choose one of them first, on the register."
            )
        bookings = list(Booking.objects.confirmed().filter(run=run).order_by("pk"))
        absent = _mark_the_unmarked_absent(sessions, bookings)
        run.closed_at = timezone.now()
        run.certified = certified.of_run(run, {booking.agency_id for booking in bookings})
        run.save(update_fields=["closed_at", "certified"])
        lines = completion_rule.attendance_lines(run)
        _count_no_longer(lines, by=by)
        completions = _complete(run, [line for line in lines if line.completes], by=by)
        charging.follow_register(run, by=by)
        charged.compare(run)
        history.record(
            "register.closed",
            run,
            by=by,
            was={"closed": False},
            now={
                "completions": [completion.pk for completion in completions],
                "absent_unmarked": [[made.session_id, made.booking_id] for made in absent],
            },
        )
        evaluation.invite(run, by=by)
        if completions:
            awarding.award_certificates.enqueue(run.pk)
    return completions


def correct(
    session: Session,
    seen: Mapping[int, Attendance],
    *,
    by: Person,
    reason: str,
    expected: Mapping[int, str] | None = None,
) -> int:
    """Correct one session of a signed-off register (by booking id); return how many changed.

    As `correct_sessions`, for one of them. `expected` is as for `mark`.
    """
    seen_before = None if expected is None else {session: expected}
    return correct_sessions(
        session.run, {session: seen}, by=by, reason=reason, expected=seen_before
    )


def correct_sessions(
    run: Run,
    seen: Mapping[Session, Mapping[int, Attendance]],
    *,
    by: Person,
    reason: str,
    expected: Mapping[Session, Mapping[int, str]] | None = None,
) -> int:
    """Correct a register after signing off, by session; return how many marks changed.

    Whoever attended enough now has completed on the last session's day, and a certificate follows;
    whoever did not loses the completion, the certificate is revoked with the reason, and they read
    it. Charges follow too. The reason is kept with each mark. Raises RegisterRefused and then
    nothing has changed.
    """
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        _refuse_unless_correctable(run, reason)
        changes: list[Change] = []
        for session, wanted in seen.items():
            there = marking.marks_of_session(run, session)
            marking.refuse_strangers(run, there, wanted)
            for attendance in wanted.values():
                marking.refuse_wrong_minutes(session, attendance)
            if expected is not None:
                marking.refuse_changed(there, wanted, expected[session])
            changes += _changes(session, wanted, there)
        reason = reason.strip()[:240]
        marking.write(changes, by=by, action="register.corrected", because=reason)
        if changes:
            follow_correction(run, {change.booking for change in changes}, by=by, reason=reason)
    return len(changes)


def follow_correction(run: Run, corrected: set[int], *, by: Person, reason: str) -> None:
    """Give and withdraw completions of these bookings (ids), with charges and what else follows.

    The caller has locked the run, which is signed off. Whoever came to nothing any more does not
    count as complete either.
    """
    valid = {c.booking_id: c for c in Completion.objects.valid().filter(booking__in=corrected)}
    lines = [line for line in completion_rule.attendance_lines(run) if line.booking.pk in corrected]
    _count_no_longer(lines, by=by)
    lost = []
    for line in lines:
        if line.booking.pk in valid and not line.completes:
            line.booking.run = run
            valid[line.booking.pk].booking = line.booking
            lost.append(valid[line.booking.pk])
    completing.withdraw_each(lost, reason, by=by)
    earned = [line for line in lines if line.completes and line.booking.pk not in valid]
    given = _complete(run, earned, by=by)
    _tell_no_longer_absent(run, lines, reason)
    charging.follow_register(run, by=by)
    charged.compare(run)
    evaluation.invite(run, by=by)
    if given:
        awarding.award_certificates.enqueue(run.pk)


def _tell_no_longer_absent(
    run: Run, lines: Iterable[completion_rule.AttendanceLine], reason: str
) -> None:
    """Tell those who read that they did not come, and of whom the register says otherwise now."""
    wrong = [
        line.booking
        for line in lines
        if line.booking.absence_told_at and (line.came or line.sent_apologies)
    ]
    told = Booking.objects.filter(pk__in=[each.pk for each in wrong])
    told.update(absence_told_at=None)
    for each in wrong:
        each.run = run
        notices.not_absent(each, reason=reason)


def _count_no_longer(lines: Iterable[completion_rule.AttendanceLine], *, by: Person) -> None:
    """Take it off whoever counts as complete but came to nothing, by the register as it is now."""
    gone = [line.booking for line in lines if line.booking.complete_because and not line.came]
    counted.take_off(gone, by=by)


def release_absence_notices(run: Run, *, by: By) -> list[Booking]:
    """Charge and mail those who did not come and sent no apologies, once each; return them."""
    with transaction.atomic(), outbox.batch():
        run = Run.objects.lock(run)
        if not run.closed_at:
            raise RegisterRefused(
                "The register is not signed off, so nobody is known to be absent. Sign it off "
                "first."
            )
        absent = not_told_of_absence(run)
        if absent:
            _tell_absent(run, absent, by=by)
    return absent


def not_told_of_absence(run: Run) -> list[Booking]:
    """Return bookings of people absent throughout, without apologies and not yet mailed."""
    apologised = Mark.objects.filter(kind=Kind.APOLOGIES, booking__run=run).values("booking")
    return completion_rule.by_last_name(
        Booking.objects.did_not_come()
        .filter(run=run, absence_told_at=None)
        .exclude(pk__in=apologised)
        .select_related("person", "agency", "run__course")
    )


def _tell_absent(run: Run, absent: list[Booking], *, by: By) -> None:
    told = [each.pk for each in absent]
    Booking.objects.filter(pk__in=told).update(absence_told_at=timezone.now())
    charging.charge_absent(run, absent, by=by)
    owed = charging.owed_for_absence(absent)
    for each in absent:
        each.run = run
        notices.did_not_come(each, owed.get(each.pk))
    history.record("register.absences_told", run, by=by, now={"bookings": told})


def _complete(
    run: Run, lines: Iterable[completion_rule.AttendanceLine], *, by: By
) -> list[Completion]:
    """Record completions of the course, on the day of its last session."""
    lines = list(lines)
    for line in lines:
        line.booking.run = run
    return completing.complete_each(
        [
            Achievement(
                person=line.booking.person,
                course=run.course,
                source=line.booking,
                agency=line.booking.agency,
                completed_on=timezone.localdate(line.sessions[-1].starts_at),
            )
            for line in lines
        ],
        by=by,
    )


def _refuse_unless_correctable(run: Run, reason: str) -> None:
    marking.refuse_cancelled(run)
    if not run.closed_at:
        raise RegisterRefused("This register is not signed off, so it is marked and not corrected.")
    if not reason.strip():
        raise RegisterRefused("Say why the register is corrected: it is kept.")


def _mark_the_unmarked_absent(sessions: list[Session], bookings: list[Booking]) -> list[Mark]:
    made = set(Mark.objects.filter(session__in=sessions).values_list("session_id", "booking_id"))
    return Mark.objects.bulk_create(
        Mark(
            session=session,
            booking=booking,
            kind=Kind.ABSENT,
            is_automatic=True,
            marked_at=timezone.now(),
        )
        for session in sessions
        for booking in bookings
        if (session.pk, booking.pk) not in made
    )


def _job_of(person: Person, agency: Agency | None) -> Post:
    """Return the newest current job; else an unsaved one at the agency that was named."""
    posts = Post.objects.current().filter(person=person).select_related("agency", "role_group")
    if post := posts.first():
        return post
    if agency is None:
        raise RegisterRefused("We do not know where they work: say for which agency they came.")
    return Post(person=person, agency=agency)


def _changes(
    session: Session, wanted: Mapping[int, Attendance], there: Mapping[int, Mark | None]
) -> list[Change]:
    """Return the changes to what somebody has marked already."""
    return [
        Change(session, pk, attendance, there[pk])
        for pk, attendance in wanted.items()
        if marking.as_marked(there[pk]) != attendance
    ]
