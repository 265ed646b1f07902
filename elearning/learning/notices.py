"""Write the emails of this room, each in the transaction of what it tells about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from agencies.models import Board
from lms import links
from lms.formatting import day, day_and_time, many
from lms.mail import outbox

if TYPE_CHECKING:
    import datetime as dt

    from elearning.learning.standing import Standing
    from elearning.models import Attempt


def unfinished(attempt: Attempt, finish_by: dt.date | None) -> None:
    """Remind somebody who has begun a module and has not gone on for some time."""
    outbox.enqueue(
        "module_unfinished",
        to=attempt.person,
        about=attempt,
        context={
            "name": attempt.person.name,
            "module": attempt.version.title,
            "begun_on": day(attempt.begun_at),
            "finish_by": _until(finish_by) if finish_by else "",
            "module_link": page_of(attempt),
        },
    )


def _until(finish_by: dt.date) -> str:
    return (
        f"Please finish it by {day(finish_by)}: a new version has taken its place, and after that "
        "day you would have to begin again."
    )


def attempts_used_up(attempt: Attempt, now: Standing) -> None:
    """Tell the person, and the office, that there is no attempt left."""
    context = {
        "name": attempt.person.name,
        "module": attempt.version.title,
        "attempts": many(len(now.failed), "attempt"),
        "score": attempt.score_in_words,
        "pass_mark": f"{attempt.version.pass_mark}%",
        "module_link": page_of(attempt),
    }
    # An address that receives nothing must not undo the answer of the person who gave it.
    if outbox.can_reach(attempt.person):
        outbox.enqueue("module_attempts_used", to=attempt.person, about=attempt, context=context)
    office = Board.load().email
    if outbox.can_reach(office):
        asked = context | {"email": attempt.person.email_in_words}
        outbox.enqueue("module_attempts_used_office", to=office, about=attempt, context=asked)


def attempt_granted(attempt: Attempt, now: Standing) -> None:
    """Tell somebody whose attempts were used up that they have another, and from when."""
    from_when = now.again_from
    is_ahead = from_when is not None and from_when > timezone.now()
    outbox.enqueue(
        "module_attempt_granted",
        to=attempt.person,
        about=attempt,
        context={
            "name": attempt.person.name,
            "module": attempt.version.title,
            "from_when": f"from {day_and_time(from_when)}" if from_when and is_ahead else "now",
            "module_link": page_of(attempt),
        },
    )


def waived(attempt: Attempt) -> None:
    """Tell somebody that the office counts a module as done for them."""
    outbox.enqueue(
        "module_waived",
        to=attempt.person,
        about=attempt,
        context={
            "name": attempt.person.name,
            "module": attempt.version.title,
            "module_link": page_of(attempt),
        },
    )


def page_of(attempt: Attempt) -> str:
    return links.address(reverse("elearning:module", args=[attempt.module.code]))
