"""Modules: what editors write. Learners see the versions that were issued."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from wagtail.fields import StreamField
from wagtail.models import PreviewableMixin, RevisionMixin

from elearning.authoring.blocks import Check, Content


class ModuleQuerySet(models.QuerySet):
    def open_to_learners(self):
        """Filter to those with a version that people can begin."""
        return self.filter(
            is_open=True, versions__isnull=False, versions__withdrawn_at=None
        ).distinct()


class Module(PreviewableMixin, RevisionMixin, models.Model):
    """Online module: its row is the draft that editors work on. Never deleted once issued."""

    code = models.SlugField(
        max_length=40,
        unique=True,
        help_text="Short and lasting, such as early-help: /learn/early-help/",
    )
    title = models.CharField(max_length=140)
    summary = models.CharField(max_length=240, help_text="One sentence, shown before it is begun.")
    before_you_start = models.TextField(
        blank=True,
        help_text="Such as: this module speaks of harm to children. Say where to get support.",
    )
    minutes = models.PositiveSmallIntegerField(
        "minutes that it takes",
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text="Certificates and reports count these, however long somebody took.",
    )
    pass_mark = models.PositiveSmallIntegerField(
        "pass mark (per cent)",
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        "attempts before the office is asked", default=3, validators=[MinValueValidator(1)]
    )
    pause_hours = models.PositiveSmallIntegerField(
        "hours between a failed attempt and the next", default=24
    )
    content = StreamField(Content(), blank=True)
    check_questions = StreamField(
        Check(), blank=True, verbose_name="check", help_text="Left out: who has read all is done."
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
        "people can begin it", default=True, help_text="Whoever has begun can always finish."
    )

    objects = ModuleQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self):
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("elearning:module", args=[self.code])
