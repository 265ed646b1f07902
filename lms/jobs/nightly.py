"""Run the nightly jobs once a day, and retry those that failed when their pause is over."""

from datetime import time

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks import task

from lms import jobs
from lms.jobs.clock import database_now
from lms.models import JobFailure, NightlyRun

STARTS_AT = time(2, 30)


def ask_if_due() -> bool:
    """Enqueue the nightly run once a day from 02:30 (Europe/London), by one worker only.

    A worker that starts later than that enqueues it then. Return whether it was enqueued.
    """
    now = timezone.localtime(database_now())
    if now.time() < STARTS_AT or NightlyRun.objects.filter(day=now.date()).exists():
        return False
    try:
        with transaction.atomic():
            NightlyRun.objects.create(day=now.date())
            run_checks.enqueue()
    except IntegrityError:
        return False
    return True


@task()
def run_checks() -> None:
    """Run every job of settings.LMS_NIGHTLY_JOBS; a failing job does not stop the others.

    Failures are recorded and `try_again` reruns that job alone: this task itself never fails.
    """
    for path in settings.LMS_NIGHTLY_JOBS:
        jobs.run(path)


@jobs.in_words("Run a nightly job again")
def try_again() -> bool:
    """Rerun one nightly job with failures (its own or its rows') whose pause is over.

    Return whether there is another. Runs every minute.
    """
    due = failures().to_try().order_by().values_list("job", flat=True).distinct()
    paths = list(due[:2])
    for path in paths[:1]:
        jobs.run(path)
    return len(paths) > 1


def failures():
    """Return the failures in nightly jobs that have not succeeded since."""
    return JobFailure.objects.filter(job__in=settings.LMS_NIGHTLY_JOBS)
