"""What do we write to people about their bookings? Each notice is written where its verb stands."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from courses import calendar
from courses.models import Booking, Completion
from lms import mail


def confirmed(booking: Booking, *, from_queue: bool = False) -> None:
    """To the person, copied to the manager whom they named: joining instructions and calendar."""
    _write(
        booking,
        "booking_confirmed",
        cc=[booking.manager_email] if booking.manager_email else [],
        attachments=calendar.attachments(booking),
        from_queue=from_queue,
    )


def waiting(booking: Booking) -> None:
    _write(booking, "booking_waiting")


def withdrawn(booking: Booking) -> None:
    """While the booking is still live: a place that was confirmed leaves the calendar too."""
    was_confirmed = booking.state == Booking.State.CONFIRMED
    _write(
        booking,
        "booking_withdrawn",
        cc=[booking.manager_email] if booking.manager_email and was_confirmed else [],
        attachments=calendar.attachments(booking, cancelled=True) if was_confirmed else (),
        was_confirmed=was_confirmed,
    )


def run_cancelled(booking: Booking, *, was_confirmed: bool, reason: str) -> None:
    _write(
        booking,
        "run_cancelled",
        cc=[booking.manager_email] if booking.manager_email and was_confirmed else [],
        attachments=calendar.attachments(booking, cancelled=True) if was_confirmed else (),
        reason=reason,
    )


def run_moved(booking: Booking) -> None:
    is_confirmed = booking.state == Booking.State.CONFIRMED
    _write(
        booking,
        "run_moved",
        cc=[booking.manager_email] if booking.manager_email and is_confirmed else [],
        attachments=calendar.attachments(booking) if is_confirmed else (),
        is_confirmed=is_confirmed,
    )


def did_not_come(booking: Booking) -> None:
    """Released by the office, never sent by itself."""
    _write(
        booking,
        "did_not_come",
        cc=[booking.manager_email] if booking.manager_email else [],
    )


def certificate_ready(completion: Completion, certificate) -> None:
    mail.post(
        "certificate_ready",
        to=completion.person,
        about=certificate,
        context={"completion": completion, "certificate": certificate},
    )


def _write(
    booking: Booking,
    template: str,
    *,
    cc: Sequence[str] = (),
    attachments: Sequence[tuple[str, bytes, str]] = (),
    **context,
) -> None:
    prefetch_related_objects([booking.run], "sessions")
    mail.post(
        template,
        to=booking.person,
        cc=cc,
        about=booking,
        context={"booking": booking, "run": booking.run, "course": booking.run.course, **context},
        attachments=attachments,
    )
