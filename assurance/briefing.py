"""Brief people trained on an older edition about what has changed.

By a mail that the office reviews first, not by a course: it reaches everybody the same day and
lists the next dates for those who should attend again.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

import history
from agencies.models import Person
from assurance import protocol_drift
from assurance.protocol_drift import ProtocolDrift
from lms import links
from lms.mail import outbox
from lms.models import Mail
from lms.refused import Refused
from protocols.models import Edition

KIND = "what_changed"


class BriefingRefused(Refused):
    """Reason why nothing is sent, as a sentence for the office."""


def draft(one: ProtocolDrift) -> dict[str, str]:
    """Draft a subject and a message, for the office to review and edit."""
    lines = [
        f"You completed {_courses(one)}. What {one.edition.title} says has changed since.",
        f"What has changed: {one.major.reason}",
        f"{one.edition.label} is in force from {one.edition.in_force_from:%-d %B %Y}. "
        f"Please read it: {links.address(one.edition.page.path_of_page)}",
    ]
    if dates := [run for each in one.taught for run in each.dates][:5]:
        days = "\n".join(
            f"- {run.course.title}, {timezone.localtime(run.starts_at):%-d %B %Y}" for run in dates
        )
        lines.append(f"Dates on which it is taught:\n{days}")
    return {"subject": f"What has changed: {one.edition.title}", "message": "\n\n".join(lines)}


def _courses(one: ProtocolDrift) -> str:
    titles = [f"‘{each.course.title}’" for each in one.taught]
    return " or ".join(titles)


def to_tell(one: ProtocolDrift):
    """Filter to those trained on an older edition and not yet briefed about this major one.

    Without those who have no email address: `without_address` counts them.
    """
    had = Mail.objects.about(one.major).filter(template=KIND, to=OuterRef("email"))
    return protocol_drift.people_of(one).filter(~Exists(had), email__isnull=False)


def without_address(one: ProtocolDrift) -> int:
    return protocol_drift.people_of(one).filter(email=None).count()


@transaction.atomic
def send(one: ProtocolDrift, *, subject: str, message: str, by: Person) -> int:
    """Mail each of them once for a major edition; return how many were mailed now."""
    Edition.objects.select_for_update().only("pk").get(pk=one.major.pk)
    people = list(to_tell(one))
    if not people:
        raise BriefingRefused(
            "Everybody who was trained on an older version has had this email. Nobody is left."
        )
    with outbox.batch():
        for person in people:
            told = {"name": person.name, "subject": subject, "message": message}
            outbox.enqueue(KIND, to=person, about=one.major, context=told)
    now = {"people": len(people), "number": one.major.number}
    history.record("edition.change_told", one.major, by=by, now=now)
    return len(people)
