"""Record when the mail server takes nothing, and tell the rooms when it is back.

What people must do by a moment that a mail tells them waits while no mail can be sent.
"""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from lms import jobs
from lms.models import Mail, MailOutage


def current() -> MailOutage | None:
    """Return the outage that lasts; None while mail can be sent."""
    return MailOutage.objects.filter(ended_at=None).first()


def last_ended() -> MailOutage | None:
    """Return the outage that ended last."""
    return MailOutage.objects.exclude(ended_at=None).order_by("-ended_at").first()


def note(error: str) -> None:
    """Record that the mail server takes nothing now, and its error on every mail that waits."""
    now = timezone.now()
    found = MailOutage.objects.filter(ended_at=None)
    if not found.update(last_try_at=now, last_error=error):
        try:
            with transaction.atomic():
                MailOutage.objects.create(last_error=error)
        except IntegrityError:  # Another worker has noted it.
            found.update(last_try_at=now, last_error=error)
    Mail.objects.ready().exclude(last_error=error).update(last_error=error, last_try_at=now)


def end() -> None:
    """Record that the mail server answers again; then run LMS_MAIL_IS_BACK_JOBS.

    They run before any mail is sent, so that no mail tells of a deadline that has changed.
    """
    if MailOutage.objects.filter(ended_at=None).update(ended_at=timezone.now()):
        for path in settings.LMS_MAIL_IS_BACK_JOBS:
            while jobs.run(path):
                pass
