"""Record types that several rooms use, and those of the tools in `lms`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta
from django.contrib.sessions.models import Session
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from lms.models import ActionLink, JobFailure, Mail
from lms.privacy.record_types import ErasedInTime, RecordType

if TYPE_CHECKING:
    from django.db.models import QuerySet

TASKS_KEPT = dt.timedelta(days=30)
MAIL_KEPT = relativedelta(months=24)
LINKS_KEPT = relativedelta(months=12)

KEPT_IN_GENERAL = (
    RecordType("account", 10, "Accounts", "As long as the account is open, then 6 years"),
    RecordType("published", 50, "Protocols and what agencies answered", "For ever"),
    RecordType(
        "office_work", 60, "Work in the back office", "As long as the page or record worked on"
    ),
    RecordType("subscription", 70, "Email alerts", "Until the person ends them"),
    RecordType("security", 80, "Ways to sign in", "Until removed, or the account is closed"),
    RecordType("history", 90, "History of changes", "For ever: numbers and states, no names"),
)


class OldMail(ErasedInTime):
    """Emails that were sent, not delivered or not sent, with all that they said."""

    name, order, title = "mail", 200, "Emails"
    kept_for = "24 months after each was written"
    erasing = "The email is deleted: to whom it was sent, its words and its attachments."
    oldest, people = "created_at", "to"

    def due(self, now: dt.datetime) -> QuerySet[Mail]:
        return Mail.objects.filter(created_at__lt=now - MAIL_KEPT).exclude(state=Mail.QUEUED)

    def erase(self, rows: Sequence[Mail]) -> None:
        chosen = [mail.pk for mail in rows]
        Mail.objects.filter(resend_of__in=chosen).update(resend_of=None)
        Mail.objects.filter(pk__in=chosen).exclude(state=Mail.QUEUED).delete()


class OldLinks(ErasedInTime):
    """Links from emails that no longer work."""

    name, order, title = "links", 210, "Links that no longer work"
    kept_for = "12 months after each was used or expired"
    erasing = "We no longer know the link or to whom it was sent. Opening it says “Page not found”."
    oldest, people = "expires_at", "sent_to"

    def due(self, now: dt.datetime) -> QuerySet[ActionLink]:
        before = now - LINKS_KEPT
        return ActionLink.objects.filter(Q(expires_at__lt=before) | Q(used_at__lt=before))

    def erase(self, rows: Sequence[ActionLink]) -> None:
        ActionLink.objects.filter(pk__in=[link.pk for link in rows]).delete()


class EndedSessions(ErasedInTime):
    """Sessions that have ended, which their owners can no longer use."""

    name, order, title = "sessions", 220, "Sessions that have ended"
    kept_for = "Until the session ends"
    erasing = "The session is deleted. Nobody is signed out: it has ended already."
    oldest = "expire_date"

    def due(self, now: dt.datetime) -> QuerySet[Session]:
        return Session.objects.filter(expire_date__lt=now)

    def erase(self, rows: Sequence[Session]) -> None:
        Session.objects.filter(pk__in=[session.pk for session in rows]).delete()


class FinishedTasks(ErasedInTime):
    """Background tasks that ended: their results are in the records they changed."""

    name, order, title = "tasks", 230, "Background tasks that ended"
    kept_for = "30 days after each ended"
    erasing = "The record of the task is deleted. What it did stays."
    always, oldest = True, "finished_at"

    def due(self, now: dt.datetime) -> QuerySet[DBTaskResult]:
        return DBTaskResult.objects.finished().filter(finished_at__lt=now - TASKS_KEPT)

    def erase(self, rows: Sequence[DBTaskResult]) -> None:
        DBTaskResult.objects.filter(pk__in=[task.pk for task in rows]).delete()


class OldFailures(ErasedInTime):
    """Failures that were not repeated for so long that their job no longer runs."""

    name, order, title = "job_failures", 240, "Failures of background work"
    kept_for = "30 days after the last"
    erasing = "The record of the failure is deleted."
    always, oldest = True, "last_failed_at"

    def due(self, now: dt.datetime) -> QuerySet[JobFailure]:
        return JobFailure.objects.filter(last_failed_at__lt=now - TASKS_KEPT)

    def erase(self, rows: Sequence[JobFailure]) -> None:
        JobFailure.objects.filter(pk__in=[failure.pk for failure in rows]).delete()


ERASED_IN_TIME = (OldMail(), OldLinks(), EndedSessions(), FinishedTasks(), OldFailures())
