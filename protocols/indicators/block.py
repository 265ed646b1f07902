"""StreamField block that shows part of the indicators of need."""

from django import forms
from django.utils import timezone
from wagtail import blocks

from lms.blocks import Body, Headed, Prose
from protocols.indicators.table import signs, table_of
from protocols.models.indicators import AgeGroup, AssessmentDomain, Indicator, Tier


def domains():
    return [(domain.slug, domain.name) for domain in AssessmentDomain.objects.all()]


def tiers():
    return [(tier.slug, tier.name) for tier in Tier.objects.all()]


def age_groups():
    return [(age_group.slug, age_group.name) for age_group in AgeGroup.objects.all()]


class Indicators(Headed):
    """Indicators in force when the page is rendered; an edition stores the rendered ones."""

    introduction = Prose(required=False)
    domains = blocks.MultipleChoiceBlock(
        choices=domains,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        search_index=False,
        help_text="Tick none to show every domain.",
    )
    tiers = blocks.MultipleChoiceBlock(
        choices=tiers,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        search_index=False,
        help_text="Tick none to show every tier.",
    )
    age_group = blocks.ChoiceBlock(
        choices=age_groups,
        required=False,
        search_index=False,
        help_text="With one, those for every age are shown too.",
    )

    def get_context(self, value, parent_context=None):
        found = Indicator.objects.on(timezone.localdate())
        shown = Tier.objects.all()
        if value["domains"]:
            found = found.filter(domain__slug__in=value["domains"])
        if value["tiers"]:
            shown = shown.filter(slug__in=value["tiers"])
            found = found.filter(tier__in=shown)
        if age_group := AgeGroup.objects.filter(slug=value["age_group"] or "").first():
            found = found.for_age(age_group)
        table = table_of(signs(found), shown, AssessmentDomain.objects.all())
        return super().get_context(value, parent_context) | {"table": table}

    class Meta:
        icon = "list-ul"
        label = "Indicators of need"
        template = "blocks/indicators.html"


class ProtocolBody(Body):
    """The body of a protocol."""

    indicators = Indicators()
