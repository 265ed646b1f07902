"""Store the times at which no mail could be sent, or must not be."""

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


class MailHold(OperationalModel):
    """Time during which a restored copy sends no email; open until somebody ends it."""

    restored_at = models.DateTimeField(editable=False)
    # The moment of which it is a copy.
    copied_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "lms_restored_copy"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at=None), name="mail_hold_one_open"
            )
        ]

    def __str__(self):
        return f"Restored copy {self.pk}"
