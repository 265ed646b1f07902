"""Hold back the email of a restored copy, until somebody says that it is to be sent.

A copy has the email that waited when it was made, which the site that it was made of has sent
since; and its jobs would write to everybody about what has fallen due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from lms import jobs
from lms.mail import outages
from lms.models import MailHold

if TYPE_CHECKING:
    from django.db.models import QuerySet


def current() -> MailHold | None:
    """Return the hold that lasts; None where email is sent."""
    return MailHold.objects.filter(ended_at=None).first()


def asked_for_here(hold: MailHold) -> Q:
    """Build the condition of a mail that is sent nevertheless: a sign-in code asked for since."""
    return Q(template="", created_at__gte=hold.restored_at)


def lock_open() -> QuerySet[MailHold]:
    return MailHold.objects.select_for_update().filter(ended_at=None)


def give_time_again() -> None:
    """Let what people must answer run on: nobody could be told, as after an outage of the server.

    Call it once the hold has ended, outside a transaction.
    """
    for path in settings.LMS_MAIL_IS_BACK_JOBS:
        while jobs.run(path):
            pass
    outages.end()


def end(hold: MailHold) -> None:
    hold.ended_at = timezone.now()
    hold.save(update_fields=["ended_at"])
