"""Count a person as complete whose minutes fall short, with a reason, and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from courses.attendance import marking, register
from courses.attendance.marking import RegisterRefused
from courses.completion import counted
from courses.models import Booking, Run
from courses.rules import completion_rule
from lms.mail import outbox

if TYPE_CHECKING:
    from agencies.models import Person
    from courses.rules.completion_rule import AttendanceLine

FEWEST_WORDS = 3


def count_as_complete(booking: Booking, *, by: Person, reason: str) -> AttendanceLine:
    """Count somebody who came, but missed too much, as complete; return their line.

    Once the register is signed off the completion and the certificate follow at once, before that
    with the signing off. Idempotent: who is counted already stays so, for the first reason. Raises
    RegisterRefused, and Run.DoesNotExist where `by` does not keep this register.
    """
    with transaction.atomic(), outbox.batch():
        run, line = _locked(booking, by)
        if line.is_counted:
            return line
        if sentence := why_not(run, line):
            raise RegisterRefused(sentence)
        reason = _in_a_few_words(
            reason, "Say in a few words why it counts as complete, such as “made it up by phone”."
        )
        counted.put_on(line.booking, reason, missed=line.missed, by=by)
        if run.closed_at:
            register.follow_correction(run, {line.booking.pk}, by=by, reason=reason)
    return line


def take_back(booking: Booking, *, by: Person, reason: str) -> AttendanceLine:
    """Count somebody as complete no longer; return their line.

    On a register that is signed off this is a correction: the completion is withdrawn, and its
    certificate revoked with the reason, which they read. Idempotent. Raises as `count_as_complete`.
    """
    with transaction.atomic(), outbox.batch():
        run, line = _locked(booking, by)
        marking.refuse_cancelled(run)
        if not line.booking.complete_because:
            return line
        reason = _in_a_few_words(reason, "Say in a few words why it does not count any more.")
        counted.take_off([line.booking], by=by)
        if run.closed_at:
            register.follow_correction(run, {line.booking.pk}, by=by, reason=reason)
    return line


def why_not(run: Run, line: AttendanceLine) -> str:
    """Return why this person cannot be counted as complete; '' where they can."""
    name = line.booking.person.name
    if run.cancelled_at:
        return "This date was cancelled, so nobody completes it."
    if run.starts_at is None or run.starts_at > timezone.now():
        return "This date has not begun, so nobody can count as having completed it."
    if not line.came:
        return f"{name} was not there in any session, so they cannot count as complete."
    if line.completes:
        return f"{name} was there for long enough and completes the course in any case."
    return ""


def line_of(run: Run, booking_id: int) -> AttendanceLine | None:
    """Return somebody's line of the register; None where they have no place on this date."""
    lines = completion_rule.attendance_lines(run)
    return next((line for line in lines if line.booking.pk == booking_id), None)


def _locked(booking: Booking, by: Person) -> tuple[Run, AttendanceLine]:
    run = Run.objects.registers_of(by).lock(booking.run)
    line = line_of(run, booking.pk)
    if line is None:
        raise RegisterRefused("This person no longer has a place on this date.")
    return run, line


def _in_a_few_words(reason: str, sentence: str) -> str:
    reason = " ".join(reason.split())[:240]
    if len(reason.split()) < FEWEST_WORDS:
        raise RegisterRefused(sentence)
    return reason
