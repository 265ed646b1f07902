"""Reviews of editions, checks of other publishers, and review notices sent to owners."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ReviewConfirmation(models.Model):
    """A review that left an edition unchanged until the next review."""

    edition = models.ForeignKey(
        "protocols.Edition", models.PROTECT, related_name="found_right", editable=False
    )
    reviewed_on = models.DateField(default=timezone.localdate, editable=False)
    next_review_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )

    wagtail_reference_index_ignore = True

    class Meta:
        db_table = "protocols_stillright"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.edition}: still right on {self.reviewed_on}"


class PublicationCheck(models.Model):
    """Result of an editor's check of another publisher of the protocol."""

    edition = models.ForeignKey(
        "protocols.Edition", models.PROTECT, related_name="elsewhere_checks", editable=False
    )
    url = models.URLField()
    is_same = models.BooleanField("it carries this version")
    checked_on = models.DateField(default=timezone.localdate, editable=False)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )

    wagtail_reference_index_ignore = True

    class Meta:
        db_table = "protocols_elsewherecheck"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.url}: {'same' if self.is_same else 'not the same'} on {self.checked_on}"


class ReviewNotice(models.Model):
    """A notice to an edition's owners so many days before its review."""

    edition = models.ForeignKey(
        "protocols.Edition", models.PROTECT, related_name="review_notices", editable=False
    )
    review_on = models.DateField(editable=False)
    days = models.PositiveSmallIntegerField(editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "review_on", "days"], name="review_notice_once"
            ),
        ]

    def __str__(self):
        return f"{self.edition}: {self.days} days before {self.review_on}"
