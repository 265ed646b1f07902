"""Models of the pool of trainers, requests to deliver a run, and packs sent."""

from django.conf import settings
from django.db import models

from courses.models.catalogue import Course
from courses.models.runs import Run
from lms.operational import OperationalModel


class Trainer(OperationalModel):
    """Member of the pool of trainers, with the courses they can deliver."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="trainer")
    subjects = models.ManyToManyField(Course, blank=True, related_name="pool")
    is_available = models.BooleanField("can be asked at present", default=True)
    notes = models.TextField(blank=True, help_text="Days that suit, what they need.")

    class Meta:
        ordering = ["person__name", "pk"]

    def __str__(self):
        return f"Trainer {self.pk}"


class DeliveryRequestQuerySet(models.QuerySet):
    def unanswered(self, runs):
        """Filter to those of these runs that await an answer, of people who do not deliver it."""
        teaching = Run.trainers.through.objects.filter(
            run=models.OuterRef("run"), person=models.OuterRef("person")
        )
        waiting = self.filter(run__in=runs, state=DeliveryRequest.State.ASKED)
        waiting = waiting.filter(~models.Exists(teaching), person__is_active=True)
        return waiting.select_related("person").order_by("pk")


class DeliveryRequest(OperationalModel):
    """Request to a trainer to deliver a run, answered by signed link."""

    class State(models.TextChoices):
        ASKED = "asked", "No answer yet"
        YES = "yes", "Can deliver"
        NO = "no", "Cannot"

    run = models.ForeignKey(Run, models.CASCADE, related_name="delivery_requests")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delivery_requests"
    )
    state = models.CharField(max_length=5, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField("asked")
    answered_at = models.DateTimeField("answered", null=True, blank=True)
    note = models.CharField(max_length=240, blank=True)

    objects = DeliveryRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "person"], name="delivery_asked_once_a_run")
        ]

    def __str__(self):
        return f"Delivery request {self.pk}"


class TrainersPack(OperationalModel):
    """Pack emailed to a trainer of a run, once for each day on which it was due to begin."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="packs")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="packs")
    for_day = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "person", "for_day"], name="trainers_pack_once_a_day_of_the_date"
            )
        ]

    def __str__(self):
        return f"Pack {self.pk}"
