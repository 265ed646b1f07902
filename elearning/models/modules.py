"""Modules: what editors write. Learners see the versions that were issued."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from wagtail.fields import StreamField

from elearning.authoring.blocks import Check, Content
from elearning.models.drafts import digest_of_draft

# Parts of addresses below /learn/ that are no module's.
RESERVED = frozenset({"attempts", "files"})


def refuse_reserved(code: str) -> None:
    if code in RESERVED:
        raise ValidationError(f"‘{code}’ is used by this site. Choose another code.")


class ModuleQuerySet(models.QuerySet):
    def open_to_learners(self):
        """Filter to those with a version that people can begin."""
        return self.filter(
            is_open=True, versions__isnull=False, versions__withdrawn_at=None
        ).distinct()


class Module(models.Model):
    """Online module: its row is the draft that editors work on. Never deleted once issued."""

    code = models.SlugField(
        max_length=40,
        unique=True,
        validators=[refuse_reserved],
        help_text="The end of its address: with early-help it is at /learn/early-help/. It cannot "
        "be changed once a version is issued.",
    )
    title = models.CharField(max_length=140)
    summary = models.CharField(
        max_length=240, help_text="One sentence that people read before they begin."
    )
    before_you_start = models.TextField(
        blank=True,
        help_text="Shown before the first lesson. If the module could distress somebody, say so, "
        "and say where to get support.",
    )
    minutes = models.PositiveSmallIntegerField(
        "minutes that it takes",
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text="Certificates and reports count these minutes, however long somebody took.",
    )
    pass_mark = models.PositiveSmallIntegerField(
        "pass mark (per cent)",
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How much of the check must be right.",
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        "attempts before the office is asked",
        default=3,
        validators=[MinValueValidator(1)],
        help_text="After so many failed attempts, the office decides about another.",
    )
    pause_hours = models.PositiveSmallIntegerField(
        "hours between a failed attempt and the next",
        default=24,
        help_text="0 lets people try again at once.",
    )
    content = StreamField(
        Content(),
        blank=True,
        verbose_name="lessons",
        help_text="Lessons and scenarios, in the order in which people read them. A lesson of 5 "
        "to 10 minutes is a good length.",
    )
    check_questions = StreamField(
        Check(),
        blank=True,
        verbose_name="check",
        help_text="Questions at the end. Without any, people have finished when they have read "
        "every lesson.",
    )
    checked_against = models.ForeignKey(
        "protocols.Edition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="checked against",
        help_text="The version of the protocol that this module teaches.",
    )
    is_open = models.BooleanField(
        "people can begin it",
        default=True,
        help_text="Untick it to close the module. People who have begun can always finish.",
    )
    # What a version would be issued of, to know without drawing it whether that has changed.
    draft_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    objects = ModuleQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = "online module"

    def __str__(self):
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.draft_sha256 = digest_of_draft(self)
        if fields := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*fields, "draft_sha256"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("elearning:module", args=[self.code])
