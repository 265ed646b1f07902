"""Run the periodic jobs about once a minute, each by one worker at a time."""

import time
from datetime import timedelta

from django.conf import settings

from lms import jobs
from lms.jobs.clock import database_now
from lms.models import PeriodicJob

EVERY = timedelta(minutes=1)
# Longest that mail waits for a periodic job with more to do, in seconds.
SPELL = 2.0


def run_next(worker_id: str) -> bool:
    """Run the periodic job that has waited longest; return False if none is due.

    A job that returns True has more to do: it is called again for 2 seconds, then is due at once,
    behind the others. Any other job, a failed one too, is due again in a minute.
    """
    _keep_a_row_for_each()
    job = PeriodicJob.objects.claim_next(worker_id)
    if job is None:
        return False
    ends = time.monotonic() + SPELL
    while (more := jobs.run(job.path)) and time.monotonic() < ends:
        pass
    due_at = database_now() + (timedelta() if more else EVERY)
    PeriodicJob.objects.filter(pk=job.pk, claimed_by=worker_id).update(claimed_by="", due_at=due_at)
    return True


def _keep_a_row_for_each() -> None:
    known = set(PeriodicJob.objects.values_list("path", flat=True))
    if new := [path for path in settings.LMS_PERIODIC_JOBS if path not in known]:
        PeriodicJob.objects.bulk_create(
            [PeriodicJob(path=path, due_at=database_now()) for path in new], ignore_conflicts=True
        )
