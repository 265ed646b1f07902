"""Packages made elsewhere: what was uploaded, what is in it, and its parts in their order."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from elearning.models.modules import Module
from lms.operational import OperationalModel


class Package(OperationalModel):
    """Zip that somebody uploaded, and its files once the worker has brought them in.

    The zip is stored under `upload_path` and deleted once its files are stored below `sha256`.
    `notes` says what will not be obeyed.
    """

    stored_files = {"upload_path": "packages"}

    class State(models.TextChoices):
        ARRIVING = "arriving", "Being uploaded"
        WAITING = "waiting", "Being read"
        READY = "ready", "Ready"
        REFUSED = "refused", "Refused"

    module = models.ForeignKey(Module, models.PROTECT, related_name="packages", editable=False)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("file", max_length=200, editable=False)
    size = models.PositiveBigIntegerField("bytes", editable=False)
    upload_path = models.CharField(max_length=120, blank=True, editable=False)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.WAITING, editable=False
    )
    refused_because = models.CharField(max_length=500, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    standard = models.CharField(max_length=4, blank=True, editable=False)
    edition = models.CharField(max_length=40, blank=True, editable=False)
    title = models.CharField(max_length=300, blank=True, editable=False)
    notes = models.JSONField(default=list, editable=False)
    unpacked_size = models.PositiveBigIntegerField("bytes unpacked", default=0, editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    ready_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self):
        return self.title or self.name


class PackageFile(OperationalModel):
    """File of a package: its path in the zip, and where it is stored."""

    stored_files = {"file_path": "packages"}

    package = models.ForeignKey(Package, models.CASCADE, related_name="files", editable=False)
    path = models.CharField(max_length=1000, editable=False)
    file_path = models.CharField(max_length=1100, editable=False)
    size = models.PositiveBigIntegerField("bytes", editable=False)

    class Meta:
        ordering = ["package", "pk"]

    def __str__(self):
        return self.path


class PackageItem(OperationalModel):
    """Part of a package, or a heading, which has no `href`."""

    package = models.ForeignKey(Package, models.CASCADE, related_name="items", editable=False)
    position = models.PositiveSmallIntegerField(editable=False)
    identifier = models.CharField(max_length=250, editable=False)
    parent = models.CharField(max_length=250, blank=True, editable=False)
    title = models.CharField(max_length=300, editable=False)
    href = models.CharField(max_length=1000, blank=True, editable=False)
    is_sco = models.BooleanField(editable=False)
    is_visible = models.BooleanField(default=True, editable=False)
    mastery_score = models.FloatField(null=True, editable=False)
    launch_data = models.TextField(blank=True, editable=False)
    least_progress = models.FloatField(null=True, editable=False)
    objectives = models.JSONField(default=list, editable=False)

    class Meta:
        ordering = ["package", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "identifier"], name="package_item_once_a_package"
            )
        ]

    def __str__(self):
        return self.title
