"""Model of checks of a course's material against a protocol edition."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ProtocolCheck(models.Model):
    """Record that somebody checked whether a course teaches what a protocol edition says."""

    course = models.ForeignKey(
        "courses.Course", models.PROTECT, related_name="checked_against", editable=False
    )
    edition = models.ForeignKey(
        "protocols.Edition", models.PROTECT, related_name="courses_checked", editable=False
    )
    checked_at = models.DateTimeField(default=timezone.now, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    wagtail_reference_index_ignore = True

    class Meta:
        db_table = "courses_checkedagainst"
        ordering = ["-checked_at"]
        constraints = [
            models.UniqueConstraint(fields=["course", "edition"], name="checked_against_once")
        ]

    def __str__(self):
        return f"{self.course_id} against {self.edition_id}"
