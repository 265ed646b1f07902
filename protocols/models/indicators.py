"""Indicators of need, by tier, domain and age group, with the days they are in force.

Tiers and domains are rows, since each board has its own. Indicators are never deleted, so that
links to them last.
"""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from agencies.free_text import nhs_numbers

LONGEST = 400  # characters: it is a sentence, not a paragraph


class Ordered(models.Model):
    """Base of an indicator's categories: a name, a slug and a position in the order."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(
        "address", max_length=80, unique=True, help_text="In addresses: small letters and hyphens."
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest is shown first.")

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


class Tier(Ordered):
    """A level of need, and what to do about it."""

    name = models.CharField(max_length=80, unique=True, help_text="Such as ‘Tier 2: Early help’.")
    meaning = models.TextField(help_text="Whose needs these are, in a sentence or two.")
    response = models.TextField("what to do", help_text="Who acts, and how, in a sentence or two.")


class AssessmentDomain(Ordered):
    """A domain of a child's life in the Early Help Assessment."""

    class Meta(Ordered.Meta):
        verbose_name = "domain"


class AgeGroup(Ordered):
    """An age group; an indicator without one applies to every age."""


class IndicatorQuerySet(models.QuerySet):
    def on(self, day):
        """Return the indicators in force on that day."""
        not_ended = Q(ends_on=None) | Q(ends_on__gte=day)
        return self.filter(not_ended, starts_on__lte=day)

    def for_age(self, age_group):
        """Return the indicators for this age group and for every age."""
        return self.filter(Q(age_group=age_group) | Q(age_group=None))

    def saying(self, words):
        """Return the indicators whose text contains each of these words, even within a word."""
        found = self
        for word in words.split():
            found = found.filter(text__icontains=word)
        return found

    def in_order(self):
        return self.order_by(
            "domain__position", "domain__name", "tier__position", "tier__name",
            F("age_group__position").asc(nulls_first=True), "pk",
        )  # fmt: skip


class Indicator(models.Model):
    """An indicator of need in one tier and domain, from a day until a day (both inclusive)."""

    tier = models.ForeignKey(Tier, models.PROTECT, related_name="indicators")
    domain = models.ForeignKey(AssessmentDomain, models.PROTECT, related_name="indicators")
    age_group = models.ForeignKey(
        AgeGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        help_text="Leave empty where it holds for every age.",
    )
    text = models.CharField(
        "indicator",
        max_length=LONGEST,
        validators=[nhs_numbers.refuse],
        help_text="What somebody can see or hear, in one sentence.",
    )
    topics = models.ManyToManyField("protocols.Topic", blank=True, related_name="indicators")
    starts_on = models.DateField("from", default=timezone.localdate)
    ends_on = models.DateField(
        "until",
        null=True,
        blank=True,
        help_text="The last day on which it holds. A link to it still says what it said.",
    )

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="indicator_until_after_from",
                violation_error_message="‘Until’ must come after ‘from’.",
            ),
            models.UniqueConstraint(
                F("tier"),
                F("domain"),
                Coalesce(F("age_group"), Value(0), output_field=models.BigIntegerField()),
                F("text"),
                condition=Q(ends_on=None),
                name="indicator_once_in_its_place",
                violation_error_message="This indicator is there already, for the same tier, "
                "domain and age.",
            ),
        ]

    def __str__(self):
        return self.text

    def get_absolute_url(self):
        return reverse("protocols:indicator", args=[self.pk])

    @property
    def is_in_force(self) -> bool:
        today = timezone.localdate()
        return self.starts_on <= today and (self.ends_on is None or self.ends_on >= today)

    @property
    def is_to_come(self) -> bool:
        return self.starts_on > timezone.localdate()
