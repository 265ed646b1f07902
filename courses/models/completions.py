"""Model of completions, whatever shows that a course was completed."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from agencies import access
from agencies.models import Agency
from courses.models.bookings import Booking, theirs_and_their_agencies
from courses.models.catalogue import Course
from courses.models.evidence import Evidence
from lms.operational import OperationalModel

if TYPE_CHECKING:
    from elearning.models import Attempt


class CompletionQuerySet(models.QuerySet):
    def valid(self):
        return self.filter(withdrawn_at=None)

    def without_certificate(self):
        """Filter to valid completions of our own training with no certificate announced."""
        ours = self.valid().filter(told_at=None, evidence=None)
        return ours.exclude(attempt__why="waived")

    def owing_evaluation(self):
        """Filter to completions whose certificate waits for an unanswered end evaluation.

        Excludes those told of a certificate already: they keep it, whatever is asked later.
        """
        return self.without_certificate().filter(
            course__asks_evaluation=True,
            booking__evaluations__kind="end",
            booking__evaluations__asked_at__isnull=False,
            booking__evaluations__answered_at=None,
        )

    def visible_to(self, viewer):
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        return self.filter(theirs_and_their_agencies(viewer))


class Completion(OperationalModel):
    """Person's completion of a course, on a day that never changes.

    It follows from one source: a booking, evidence or an attempt. `award` is the key that its
    certificates share.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="completions")
    course = models.ForeignKey(Course, models.PROTECT, related_name="completions")
    booking = models.ForeignKey(
        Booking, models.PROTECT, null=True, blank=True, related_name="completions"
    )
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="completions"
    )
    attempt = models.ForeignKey(
        "elearning.Attempt", models.PROTECT, null=True, blank=True, related_name="completions"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="completions")
    # Profession then, of an attempt; a booking and evidence keep their own.
    role_group = models.ForeignKey(
        "agencies.RoleGroup", models.PROTECT, null=True, blank=True, related_name="+"
    )
    completed_on = models.DateField()
    award = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # What its certificate says, fixed when it was given: courses/completion/certified.py.
    certified = models.JSONField(default=dict, blank=True, editable=False)
    told_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # When the person was told that they can do an online course again.
    refresher_told_at = models.DateTimeField(null=True, blank=True)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        ordering = ["-completed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking"], condition=Q(withdrawn_at=None), name="completion_one_a_booking"
            ),
            models.UniqueConstraint(
                fields=["evidence"],
                condition=Q(withdrawn_at=None),
                name="completion_one_an_evidence",
            ),
            models.UniqueConstraint(
                fields=["attempt"], condition=Q(withdrawn_at=None), name="completion_one_an_attempt"
            ),
            models.CheckConstraint(
                condition=Q(booking__isnull=False, evidence=None, attempt=None)
                | Q(booking=None, evidence__isnull=False, attempt=None)
                | Q(booking=None, evidence=None, attempt__isnull=False),
                name="completion_follows_from_one_thing",
            ),
        ]

    def __str__(self):
        return f"Completion {self.pk}"

    @property
    def title(self) -> str:
        """Title of the course as it was then."""
        return self.certified.get("title") or self.course.title

    @property
    def agency_name(self) -> str:
        """Name that the agency had then."""
        return self.certified.get("agency") or self.agency.name

    @property
    def is_waived(self) -> bool:
        """True if the office counts the course as done: it has no certificate."""
        return bool(self.attempt and self.attempt.is_waived)

    @property
    def source(self) -> "Booking | Evidence | Attempt":
        """Record that shows that the course was completed."""
        return self.booking or self.evidence or self.attempt
