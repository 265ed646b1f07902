"""Videos and sound of ours, with what somebody needs who does not hear or see them."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from elearning.models.versions import version_storage
from protocols.models.editions import mark_of


class Recording(models.Model):
    """Video or sound. Its file never changes; it is stored under its digest, as a version's is."""

    title = models.CharField(max_length=140, unique=True)
    file = models.FileField(storage=version_storage, max_length=120, editable=False)
    content_type = models.CharField(max_length=100, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveIntegerField("bytes", editable=False)
    captions = models.TextField(blank=True, editable=False)
    captions_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    transcript = models.TextField(
        blank=True,
        help_text="All that is said, and what is seen that matters. It is needed before a version "
        "is issued.",
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self):
        return self.title

    @property
    def is_video(self) -> bool:
        return self.content_type.startswith("video/")

    @property
    def address(self) -> str:
        return reverse("elearning:file", args=[mark_of(self.sha256)])

    @property
    def captions_address(self) -> str:
        return reverse("elearning:file", args=[mark_of(self.captions_sha256)])
