"""Store which record types the board has switched on to be erased in time."""

from django.conf import settings
from django.db import models

from agencies import access
from lms.operational import OperationalModel


class RetentionQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        return self if access.is_training_administrator(viewer) else self.none()


class Retention(OperationalModel):
    """Switch of one record type: whether the nightly job erases what was kept long enough."""

    record_type = models.CharField(max_length=40, unique=True)
    is_on = models.BooleanField(default=False)
    switched_at = models.DateTimeField(null=True, blank=True)
    switched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = RetentionQuerySet.as_manager()

    class Meta:
        ordering = ["record_type"]

    def __str__(self):
        return self.record_type
