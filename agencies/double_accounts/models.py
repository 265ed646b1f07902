"""Store that two accounts of one name are two people's, as the office has found."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agencies import access
from lms.operational import OperationalModel


class TwoPeopleQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return all for the training office, none for others."""
        return self if access.is_training_administrator(viewer) else self.none()


class TwoPeople(OperationalModel):
    """Finding that two accounts are not of one person; the older account first."""

    older = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    newer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    found_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TwoPeopleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["older", "newer"], name="two_people_found_once"),
            models.CheckConstraint(
                condition=Q(older__lt=F("newer")), name="two_people_in_their_order"
            ),
        ]

    def __str__(self):
        return f"{self.older_id} and {self.newer_id} are two people"
