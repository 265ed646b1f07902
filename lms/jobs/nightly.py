"""Run the nightly jobs once a day, and those that failed again when their pause is over."""

from datetime import time

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks import task

from lms import jobs
from lms.models import JobFailure, Night

STARTS_AT = time(2, 30)


def ask_if_due() -> bool:
    """From half past two (Europe/London) the day's checks are asked for, by one worker, once.

    A worker that was not there then asks when it comes: late is better than not at all.
    """
    now = timezone.localtime()
    if now.time() < STARTS_AT or Night.objects.filter(day=now.date()).exists():
        return False
    try:
        with transaction.atomic():
            Night.objects.create(day=now.date())
            run_checks.enqueue()
    except IntegrityError:
        return False
    return True


@task()
def run_checks() -> None:
    """Run every job of settings.NIGHTLY; one that fails keeps no other from running.

    What fails is recorded, and `try_again` runs that job alone: this task does not fail.
    """
    for path in settings.NIGHTLY:
        jobs.run(path)


@jobs.in_words("Run a nightly job again")
def try_again() -> bool:
    """Run one nightly job that failed, or that left out rows that failed, if its pause is over.

    Return whether there is another. Every minute.
    """
    due = failures().to_try().order_by().values_list("job", flat=True).distinct()
    paths = list(due[:2])
    for path in paths[:1]:
        jobs.run(path)
    return len(paths) > 1


def failures():
    """What failed in nightly jobs and has not succeeded since."""
    return JobFailure.objects.filter(job__in=settings.NIGHTLY)
