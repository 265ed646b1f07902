"""Record which jobs and rows failed, since when, and when each is retried."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from lms.operational import OperationalModel

# Failures older than this are reported to monitoring (/healthz/jobs).
REPORTED_AFTER = timedelta(hours=1)


class JobFailureQuerySet(models.QuerySet):
    def of_rows(self):
        return self.exclude(about_type="")

    def of_whole_jobs(self):
        return self.filter(about_type="")

    def to_try(self):
        """Filter to failures whose pause is over."""
        return self.filter(next_try_at__lte=timezone.now())

    def to_report(self):
        return self.filter(first_failed_at__lte=timezone.now() - REPORTED_AFTER)

    def visible_to(self, viewer):
        """Return all to those who may see the outbox, which names the same people; else none."""
        may_see = viewer.is_authenticated and viewer.has_perm("lms.view_mail")
        return self if may_see else self.none()


class JobFailure(OperationalModel):
    """A row that a job could not process, or a job that failed as a whole.

    Holds no personal data: only the row's key, the exception's class and the line of our code that
    raised it. The exception's message is in the log.
    """

    job = models.CharField(max_length=120)
    step = models.CharField(max_length=40, blank=True)
    # Empty when the job failed as a whole.
    about_type = models.CharField(max_length=60, blank=True)
    about_id = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=120)
    source_line = models.CharField("line that raised it", max_length=200)
    first_failed_at = models.DateTimeField()
    last_failed_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(db_index=True)

    objects = JobFailureQuerySet.as_manager()

    class Meta:
        ordering = ["first_failed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "step", "about_type", "about_id"], name="job_failure_once_a_row"
            )
        ]

    def __str__(self):
        return f"{self.job}: {self.about_type or 'whole job'} {self.about_id}".strip()
