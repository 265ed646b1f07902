"""Issued versions of modules, which never change, with their own copies of files."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from elearning.models.modules import Module
from lms.operational import OperationalModel
from protocols.models.editions import mark_of


def version_storage():
    return storages["editions"]


class Rule(models.TextChoices):
    """Rules by which a module that is a package is done: elearning/packages/verdict.py."""

    AS_IT_SAYS = "as_it_says", "As the package says"
    SCORE = "score", "A score of at least the pass mark"
    OPENED = "opened", "Every part was opened"
    DECLARED = "declared", "The learner declares it"


class ModuleVersionQuerySet(models.QuerySet):
    def not_withdrawn(self):
        return self.filter(withdrawn_at=None)

    def newest(self):
        """Return the newest version that is not withdrawn, or None."""
        return self.not_withdrawn().order_by("-number").first()

    def without_content(self):
        """Defer the long field, for lists."""
        return self.defer("content")


class ModuleVersion(OperationalModel):
    """A numbered version of a module: never changed or deleted, at most withdrawn.

    Of a package, `rule` says when it is done, and the items are its parts: {"key", "kind": "part",
    "title", "minutes", "html": ""}. Else `content` is what learners get, frozen as it was drawn:
    {"items": [{"key", "kind": "lesson", "title", "minutes", "html"},
               {"key", "kind": "scenario", "title", "minutes", "html",
                "situations": [{"title", "html", "choices": [{"text", "html", "goes_to"}]}]}],
     "pools": [{"key", "outcome", "draws", "questions": [pk of QuestionVersion]}]}
    """

    module = models.ForeignKey(Module, models.PROTECT, related_name="versions", editable=False)
    number = models.PositiveIntegerField(editable=False)
    is_major = models.BooleanField(
        default=True,
        editable=False,
        help_text="Whoever is on an earlier version has 30 days to finish it, or begins again.",
    )
    what_changed = models.TextField(editable=False)
    title = models.CharField(max_length=140, editable=False)
    summary = models.CharField(max_length=240, editable=False)
    before_you_start = models.TextField(blank=True, editable=False)
    minutes = models.PositiveSmallIntegerField(editable=False)
    pass_mark = models.PositiveSmallIntegerField(editable=False)
    attempts_allowed = models.PositiveSmallIntegerField(editable=False)
    pause_hours = models.PositiveSmallIntegerField(editable=False)
    content = models.JSONField(editable=False)
    package = models.ForeignKey(
        "elearning.Package", models.PROTECT, null=True, related_name="versions", editable=False
    )
    rule = models.CharField(max_length=12, choices=Rule.choices, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    # Of the draft that it was issued of (`Module.draft_sha256`).
    draft_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    checked_against = models.ForeignKey(
        "protocols.Edition",
        models.PROTECT,
        null=True,
        related_name="taught_in_modules",
        editable=False,
    )
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = ModuleVersionQuerySet.as_manager()

    class Meta:
        ordering = ["module", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["module", "number"], name="module_version_number_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""),
                name="module_version_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.title}, {self.label}"

    @property
    def label(self) -> str:
        return f"version {self.number}"

    @property
    def items(self) -> list[dict]:
        return self.content["items"]

    @property
    def pools(self) -> list[dict]:
        return self.content["pools"]


class VersionFile(OperationalModel):
    """A version's own copy of a picture or document, independent of the one in the CMS."""

    version = models.ForeignKey(ModuleVersion, models.PROTECT, related_name="files", editable=False)
    name = models.CharField(max_length=120, editable=False)
    content_type = models.CharField(max_length=100, editable=False)
    file = models.FileField(storage=version_storage, max_length=120, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveIntegerField("bytes", editable=False)

    class Meta:
        ordering = ["version", "name"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="module_file_name_once")
        ]
        indexes = [models.Index(fields=["sha256"], name="module_file_sha256")]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("elearning:file", args=[self.mark])

    @property
    def mark(self) -> str:
        return mark_of(self.sha256)
