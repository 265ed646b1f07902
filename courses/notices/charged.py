"""Tell whoever was told of a charge that it has fallen away, or is owed again.

What was told is compared with what is true: the last mail about the booking that named its charge,
whichever verb made that untrue. Who was never told of it is not written to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from courses.models import Booking, Charge
from courses.notices.notices import of_date
from lms.formatting import pounds
from lms.gathering import A_STATEMENT
from lms.mail import outbox
from lms.models import Mail

if TYPE_CHECKING:
    from courses.models import Run

TOLD_OF = {"booking_withdrawn", "did_not_come"}
FELL_AWAY, AGAIN = "charge_fell_away", "charge_owed_again"


def compare(run: Run) -> None:
    """Write about the charges of a run whose last mail says what is true no longer."""
    kinds = [Charge.Kind.LATE, Charge.Kind.ABSENT]
    charges = Charge.objects.filter(booking__run=run, kind__in=kinds)
    _compare(list(charges.select_related("booking__person", "agency").order_by("pk")), run)


def compare_one(charge: Charge) -> None:
    """Write about one charge, as when the office waives it."""
    found = Charge.objects.select_related("booking__person", "booking__run__course", "agency")
    charge = found.get(pk=charge.pk)
    _compare([charge], charge.booking.run)


def _compare(charges: list[Charge], run: Run) -> None:
    last = _last_told(charges)
    for charge in charges:
        told = last.get(charge.pk)
        is_owed = charge.waived_at is None
        if told and (told.template != FELL_AWAY) != is_owed:
            _write(charge, run, told)


def _last_told(charges: Sequence[Charge]) -> dict[int, Mail]:
    """Map charges to the last mail that told of them; a late one that was free tells of none."""
    of_booking = {str(charge.booking_id): charge for charge in charges}
    keys, found = list(of_booking), dict[int, Mail]()
    for at in range(0, len(keys), A_STATEMENT):
        mails = Mail.objects.filter(
            about_type=Booking._meta.label_lower,
            about_id__in=keys[at : at + A_STATEMENT],
            template__in=[*TOLD_OF, FELL_AWAY, AGAIN],
        )
        for mail in mails.only("about_id", "template", "to", "cc", "text").order_by("pk"):
            charge = of_booking[mail.about_id]
            if mail.template not in TOLD_OF or _says(mail.text, charge):
                found[charge.pk] = mail
    return found


def _says(text: str, charge: Charge) -> bool:
    """Return whether a text says this amount, also with its pence as earlier mails did."""
    return bool(re.search(rf"{re.escape(pounds(charge.amount))}(\.00)?(?![\d,.]*\d)", text))


def _write(charge: Charge, run: Run, told: Mail) -> None:
    """Write to the person, copied to whoever had a copy of what was told."""
    person, is_owed = charge.booking.person, charge.waived_at is None
    when = of_date(run)
    context = {
        "name": person.name,
        "course": when["course"],
        "day": when["day"],
        "agency": charge.agency.name,
        "charge": pounds(charge.amount),
    }
    if not is_owed:
        context["reason"] = charge.waiver_reason
    kind = AGAIN if is_owed else FELL_AWAY
    outbox.enqueue(kind, to=person, cc=told.cc, about=charge.booking, context=context)
