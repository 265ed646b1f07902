"""Questions of checks, in versions that never change."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from elearning.models.modules import Module
from lms.operational import OperationalModel


class Question(OperationalModel):
    """Question of a module's check; `key` is the id of its block in the draft."""

    module = models.ForeignKey(Module, models.PROTECT, related_name="questions", editable=False)
    key = models.UUIDField(editable=False)

    class Meta:
        ordering = ["module", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["module", "key"], name="question_key_once_a_module")
        ]

    def __str__(self):
        return f"Question {self.pk}"


class QuestionVersion(OperationalModel):
    """Words and key of a question. A correction is a new version, and the old one stays.

    `content` is {"kind", "html", "feedback", "lesson": key of an item or ""} with, by kind:
    single, multiple: "options": [{"text", "is_right", "feedback"}]; true_false: "is_true";
    matching: "pairs": [{"item", "partner"}]; order: "items": [text in the right order].
    The sums keep what reports need once answers are erased.
    """

    question = models.ForeignKey(Question, models.PROTECT, related_name="versions", editable=False)
    number = models.PositiveIntegerField(editable=False)
    content = models.JSONField(editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    why = models.CharField(max_length=300, blank=True, editable=False)
    erased_answers = models.PositiveIntegerField(default=0, editable=False)
    erased_right = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["question", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "number"], name="question_version_number_once"
            )
        ]

    def __str__(self):
        return f"{self.question}, version {self.number}"
