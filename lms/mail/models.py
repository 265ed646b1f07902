"""Store the times at which no mail could be sent."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from lms.operational import OperationalModel


class MailOutage(OperationalModel):
    """Time during which the mail server took nothing; open until it takes a mail again."""

    began_at = models.DateTimeField(default=timezone.now, editable=False)
    last_try_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at=None), name="mail_outage_one_open"
            )
        ]

    def __str__(self):
        return f"Mail outage {self.pk}"
