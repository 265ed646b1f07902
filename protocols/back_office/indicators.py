"""Admin views where protocol editors maintain indicators, tiers, domains and age groups."""

import django_filters
from django import forms
from django.db.models import Prefetch
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from agencies.back_office.listing import DayColumn, OfficeIndexView
from agencies.back_office.recorded import OfficeViewSet, RecordEditView
from protocols.back_office.indicators_import import ImportView
from protocols.indicators import indicators
from protocols.models import AgeGroup, AssessmentDomain, Indicator, Tier, Topic

EXPORTED = {
    "number": "Number", "tier": "Tier", "domain": "Domain", "age_group": "Age group",
    "text": "Indicator", "topics": "Topics", "starts_on": "From", "ends_on": "Until",
}  # fmt: skip


class IndicatorForm(WagtailAdminModelForm):
    class Meta:
        model = Indicator
        fields = ["tier", "domain", "age_group", "text", "topics", "starts_on", "ends_on"]
        widgets = {
            "tier": forms.Select,
            "domain": forms.Select,
            "age_group": forms.Select,
            "text": forms.Textarea(attrs={"rows": 3}),
            "topics": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["age_group"].empty_label = "Every age"
        if self.instance.pk:
            self.fields["text"].help_text = (
                "Put a slip right here. To change what it means, give this one an ‘until’ and add "
                "another: a link to this one goes on saying what it said."
            )

    def save(self, commit=True):
        return indicators.keep(self.instance, self.cleaned_data["topics"], by=self.for_user)


class IndicatorFilterSet(WagtailFilterSet):
    tier = django_filters.ModelChoiceFilter(queryset=Tier.objects.all(), widget=forms.Select)
    domain = django_filters.ModelChoiceFilter(
        queryset=AssessmentDomain.objects.all(), widget=forms.Select
    )
    age_group = django_filters.ModelChoiceFilter(
        queryset=AgeGroup.objects.all(), widget=forms.Select
    )
    in_force = django_filters.ChoiceFilter(
        label="In force",
        choices=[("yes", "Today"), ("no", "Ended, or to come")],
        method="of_state",
        widget=forms.Select,
    )

    class Meta:
        model = Indicator
        fields = []

    def of_state(self, found, name, value):
        in_force = Indicator.objects.on(timezone.localdate()).values("pk")
        return found.filter(pk__in=in_force) if value == "yes" else found.exclude(pk__in=in_force)


class IndicatorIndexView(OfficeIndexView):
    page_title = "Indicators of need"
    add_item_label = "Add an indicator"

    def get_base_queryset(self):
        topics = Prefetch("topics", Topic.objects.order_by("name"))
        found = Indicator.objects.select_related("tier", "domain", "age_group")
        return (found.prefetch_related(topics) if self.is_export else found).in_order()

    @property
    def header_buttons(self):
        if not self.add_url:
            return []
        address = reverse("indicator:bring_in")
        bring_in = HeaderButton("Bring in a spreadsheet", url=address, icon_name="upload")
        return [self.add_button, bring_in]

    @property
    def columns(self):
        title = self._get_title_column_class(TitleColumn)
        return [
            title("text", label="Indicator", get_url=self.get_edit_url),
            Column("tier", label="Tier", sort_key="tier__position"),
            Column("domain", label="Domain", sort_key="domain__position"),
            Column("age_group", accessor=age_of, label="Age group"),
            DayColumn("starts_on", label="From", sort_key="starts_on"),
            DayColumn("ends_on", label="Until", sort_key="ends_on"),
        ]

    def to_row_dict(self, indicator):
        return {
            "number": indicator.pk,
            "tier": indicator.tier.name,
            "domain": indicator.domain.name,
            "age_group": age_of(indicator),
            "text": indicator.text,
            "topics": "; ".join(topic.name for topic in indicator.topics.all()),
            "starts_on": indicator.starts_on,
            "ends_on": indicator.ends_on,
        }


def age_of(indicator):
    return indicator.age_group.name if indicator.age_group else "Every age"


class IndicatorViewSet(OfficeViewSet):
    model = Indicator
    icon = "list-ul"
    menu_label = "Indicators"
    filterset_class = IndicatorFilterSet
    search_fields = ["text"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "indicators-of-need"
    copy_view_enabled = False
    index_view_class = IndicatorIndexView
    edit_view_class = RecordEditView

    def get_form_class(self, for_update=False):
        return IndicatorForm

    def get_urlpatterns(self):
        bring_in = self.construct_view(ImportView)
        return [*super().get_urlpatterns(), path("bring-in/", bring_in, name="bring_in")]


class ArrangementForm(WagtailAdminModelForm):
    def save(self, commit=True):
        return indicators.keep_arrangement(self.instance, by=self.for_user)


class ArrangementViewSet(OfficeViewSet):
    """Base of admin views of tiers, domains and age groups: these are never deleted."""

    icon = "order"
    list_display = ["name", "position"]
    list_export = ["position", "name"]
    form_fields = ["name", "slug", "position"]
    search_fields = ["name"]
    copy_view_enabled = False
    index_view_class = OfficeIndexView
    edit_view_class = RecordEditView

    def get_form_class(self, for_update=False):
        return forms.modelform_factory(self.model, ArrangementForm, fields=self.form_fields)


class TierViewSet(ArrangementViewSet):
    model = Tier
    menu_label = "Tiers"
    form_fields = ["name", "slug", "position", "meaning", "response"]
    export_filename = "tiers"


class AssessmentDomainViewSet(ArrangementViewSet):
    model = AssessmentDomain
    menu_label = "Domains"
    export_filename = "domains"


class AgeGroupViewSet(ArrangementViewSet):
    model = AgeGroup
    menu_label = "Age groups"
    export_filename = "age-groups"
