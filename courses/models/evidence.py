"""Model of evidence of external training and the office's decision."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from agencies import access
from agencies.models import Agency, RoleGroup
from courses.models.catalogue import Course
from lms.operational import OperationalModel


class EvidenceQuerySet(models.QuerySet):
    def undecided(self):
        return self.filter(state=Evidence.State.SENT)

    def visible_to(self, viewer):
        """Filter to the viewer's own, and what they sent for staff; all for the training office.

        What a lead sent is seen by them for as long as they lead the agency that it counts for.
        """
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        for_staff = Q(sent_by=viewer, agency__in=access.agencies_led_by(viewer))
        return self.filter(Q(person=viewer) | for_staff)


class Evidence(OperationalModel):
    """Evidence of external training sent by a person. On screen: training elsewhere."""

    # The columns that name a file, and its storage: a backup verifies that it has each.
    stored_files = {"file_path": "evidence"}

    class State(models.TextChoices):
        SENT = "sent", "Waiting for the training office"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Not accepted"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="evidence")
    course = models.ForeignKey(
        Course,
        models.PROTECT,
        related_name="evidence",
        help_text="The course of ours that it stands for.",
    )
    title = models.CharField("what it was called", max_length=140)
    provider = models.CharField("who gave it", max_length=140)
    completed_on = models.DateField("when you completed it")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence_sent",
        help_text="The lead who sent it for a member of staff; none where the person did.",
    )
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The agency that it counts for: from when a lead sends it, or it is accepted.",
    )
    role_group = models.ForeignKey(
        RoleGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The profession that it counts for, fixed when it is accepted.",
    )
    # Digest-addressed, in the evidence storage; served only to who may see this row.
    file_path = models.CharField(max_length=120, blank=True, editable=False)
    file_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    file_type = models.CharField(max_length=40, blank=True, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.SENT)
    sent_at = models.DateTimeField("sent")
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    reason = models.CharField("why not", max_length=240, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = "training elsewhere"
        verbose_name_plural = "training elsewhere"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course"],
                condition=Q(state="sent"),
                name="evidence_one_undecided_a_course",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="evidence_refused_with_a_reason"
            ),
        ]

    def __str__(self):
        return f"Training elsewhere {self.pk}"
