"""Store which accounts were merged, and every value that this changed, to undo it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agencies import access
from lms.operational import OperationalModel


class MergeQuerySet(models.QuerySet):
    def in_effect(self):
        """Exclude those that were undone."""
        return self.filter(undone_at=None)

    def visible_to(self, viewer):
        """Return all for the training office, none for others."""
        return self if access.is_training_administrator(viewer) else self.none()


class Merge(OperationalModel):
    """Merging of one account into another, which is kept; the merged one is closed."""

    kept = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(default=timezone.now, editable=False)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("other")), name="merge_of_two"),
            models.UniqueConstraint(
                fields=["other"], condition=Q(undone_at=None), name="merge_into_one"
            ),
        ]

    def __str__(self):
        return f"{self.other_id} merged into {self.kept_id}"


class MergedRow(OperationalModel):
    """Values of one row before and after a merge; `now` is empty for a row that was taken out.

    Erased with the time for undoing: see `agencies.privacy`.
    """

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="rows")
    model = models.CharField(max_length=100)
    row = models.CharField(max_length=40)
    was = models.JSONField(default=dict)
    now = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.model} {self.row}"

    @property
    def is_deleted(self) -> bool:
        """True if merging took the row out, as both accounts had the same."""
        return not self.now
