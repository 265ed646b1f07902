"""Model of the register of what was told to whom about a run."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from courses.models.bookings import Booking
from courses.models.runs import Run
from lms.operational import OperationalModel


class ToldQuerySet(models.QuerySet):
    def latest(self):
        """Filter to the newest entry of each reader: what they know now."""
        newer = Told.objects.filter(
            run=models.OuterRef("run"),
            reader=models.OuterRef("reader"),
            pk__gt=models.OuterRef("pk"),
        )
        return self.filter(~models.Exists(newer))


class Told(OperationalModel):
    """Entry of the register: what one reader was told of a run, in mail and calendar.

    Never changed: each telling adds an entry, and the newest of a reader is what they know.
    """

    class Role(models.TextChoices):
        DELEGATE = "delegate", "Booked or waiting"
        TRAINER = "trainer", "Trainer"
        BOOKER = "booker", "Booked colleagues"
        ASKED = "asked", "Asked to decide"

    run = models.ForeignKey(Run, models.CASCADE, related_name="told")
    role = models.CharField(max_length=8, choices=Role.choices)
    # A delegate's booking; the person is a trainer, or the lead who booked it for a colleague.
    # Whoever is asked: the booking that they decide about, or the trainer who may deliver.
    booking = models.ForeignKey(
        Booking, models.CASCADE, null=True, blank=True, related_name="told", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="told"
    )
    # Role and keys in one word, by which entries are compared.
    reader = models.CharField(max_length=48, editable=False)
    copied_to = models.EmailField(blank=True)
    # What they were told, as `courses.notices.told.facts_of` puts it; {} if not known.
    facts = models.JSONField(default=dict, blank=True)
    # Calendar entries that they have, by session (pk), with times, place and SEQUENCE.
    entries = models.JSONField(default=dict, blank=True)
    # False once they were told that it no longer concerns them.
    is_current = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)
    told_at = models.DateTimeField(default=timezone.now)

    objects = ToldQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["run", "reader", "id"], name="told_of_run_by_reader")]
        constraints = [
            models.CheckConstraint(
                condition=Q(role="delegate", booking__isnull=False, person=None)
                | Q(role="booker", booking__isnull=False, person__isnull=False)
                | Q(role="trainer", booking=None, person__isnull=False)
                | Q(role="asked", booking__isnull=False, person=None)
                | Q(role="asked", booking=None, person__isnull=False),
                name="told_one_reader",
            )
        ]

    def __str__(self):
        return f"Told {self.pk}"
