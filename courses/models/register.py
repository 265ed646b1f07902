"""Models of marks sent by offline devices, of meeting reports, and of names of people in them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from courses.models.bookings import Booking, Mark
from courses.models.runs import Run, Session
from lms.operational import OperationalModel


class SentMarkQuerySet(models.QuerySet):
    def in_conflict(self):
        """Filter to marks that conflict with the register and await a trainer's choice."""
        return self.filter(state=SentMark.State.CONFLICT)


class SentMark(OperationalModel):
    """Attendance mark as a device sent it; its client-made id makes sending idempotent.

    `saw` is what the device showed when the mark was made. Where the register differed when it
    arrived, both are kept until a trainer chooses.
    """

    class State(models.TextChoices):
        TAKEN = "taken", "On the register"
        CONFLICT = "conflict", "To be chosen"
        CHOSEN = "chosen", "Chosen"
        DROPPED = "dropped", "Not chosen"

    id = models.UUIDField(primary_key=True, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="sent_marks")
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="sent_marks")
    kind = models.CharField(max_length=12, choices=Mark.Kind.choices)
    minutes_missed = models.PositiveSmallIntegerField(default=0)
    saw = models.CharField(max_length=20, blank=True)
    marked_at = models.DateTimeField("marked on the device")
    received_at = models.DateTimeField("received")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)

    objects = SentMarkQuerySet.as_manager()

    class Meta:
        ordering = ["received_at", "marked_at"]
        indexes = [
            models.Index(
                fields=["session"], condition=Q(state="conflict"), name="sent_mark_conflicts"
            )
        ]

    def __str__(self):
        return f"Sent mark {self.pk}"


class ImportedReport(OperationalModel):
    """Attendance report that marks were taken from: numbers of bookings and times, no name.

    A second report of the same session adds up with it. Erased in time: see `courses.privacy`.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="imported_reports")
    # Digest of all that the report said: the same one, matched anew, counts as it is now.
    digest = models.CharField(max_length=64)
    there = models.JSONField(default=list, help_text="Booking, times in and out, minutes.")
    said = models.JSONField(default=list, help_text="Session, booking and mark.")
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"Imported report {self.pk}"


class MeetingAlias(OperationalModel):
    """Name or address, once matched, under which a person appears in meeting reports."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_as")
    words = models.CharField(max_length=254, db_index=True, help_text="In lower case.")
    matched_at = models.DateTimeField()
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        db_table = "courses_knownas"
        ordering = ["words", "pk"]
        verbose_name_plural = "meeting aliases"
        constraints = [
            models.UniqueConstraint(fields=["person", "words"], name="known_as_once_a_person")
        ]

    def __str__(self):
        return self.words
