"""Store the audit log."""

from django.db import models
from django.db.models import Q


class EventQuerySet(models.QuerySet):
    def about(self, thing):
        return self.filter(thing_type=thing._meta.label_lower, thing_id=str(thing.pk))


class Event(models.Model):
    """Action of a person or process on one object. Stores ids only, as it outlives the people."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    action = models.CharField(max_length=60, db_index=True)
    thing_type = models.CharField(max_length=60)
    thing_id = models.CharField(max_length=40)
    by_person = models.BigIntegerField(null=True, blank=True, db_index=True)
    by_process = models.CharField(max_length=40, blank=True)
    was = models.JSONField(default=dict, blank=True)
    now = models.JSONField(default=dict, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["thing_type", "thing_id"], name="event_thing")]
        constraints = [
            models.CheckConstraint(
                condition=Q(by_person__isnull=False, by_process="")
                | (Q(by_person__isnull=True) & ~Q(by_process="")),
                name="event_by_one",
            )
        ]

    def __str__(self):
        return f"{self.action} {self.thing_type} {self.thing_id}"
