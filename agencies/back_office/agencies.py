"""Manage agencies, sectors and professions in the back office."""

from django import forms
from django.forms import inlineformset_factory
from wagtail.admin.views import generic

from agencies.back_office.listing import DayColumn, OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import ChoicesViewSet, OfficeViewSet, RefusalMixin
from agencies.email_domains import email_domains
from agencies.forms import AgencyForm, DomainForm
from agencies.models import Agency, Domain, Post, RoleGroup, Sector, SharedDomain

EMPTY_LINES = 2
Domains = inlineformset_factory(Agency, Domain, form=DomainForm, extra=EMPTY_LINES, can_delete=True)


class DomainsMixin:
    """Mixin for a form of an agency with its email domains."""

    produced_error_message = None

    def get_context_data(self, **kwargs):
        kwargs.setdefault("domains", self.domains)
        return super().get_context_data(**kwargs)

    @property
    def domains(self):
        if not hasattr(self, "_domains"):
            data = self.request.POST if self.request.method == "POST" else None
            self._domains = Domains(data, instance=self.form_instance(), prefix="domains")
        return self._domains

    def form_instance(self):
        return self.object if getattr(self, "object", None) else Agency()

    def form_valid(self, form):
        if not self.domains.is_valid():
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"by": self.request.user}

    def save_instance(self):
        kept = [form for form in self.domains if form not in self.domains.deleted_forms]
        sent = [form.cleaned_data for form in kept if form.cleaned_data]
        self.form.domains = [domain["name"] for domain in sent if domain["proves_job"]]
        self.form.suggesting = [domain["name"] for domain in sent if not domain["proves_job"]]
        return super().save_instance()


class AgencyIndexView(OfficeIndexView):
    def get_base_queryset(self):
        return Agency.objects.select_related("sector", "parent", "merged_into")


class AgencyCreateView(DomainsMixin, RefusalMixin, generic.CreateView):
    pass


class AgencyEditView(OvertakenMixin, DomainsMixin, RefusalMixin, generic.EditView):
    def fresh_record(self):
        """Lock the agency that this one is merged into too, in the order in which mergers do."""
        into = self.request.POST.get("merged_into", "")
        keys = [self.object_pk, into if into.isdecimal() else None]
        both = Agency.objects.filter(pk__in=[key for key in keys if key]).order_by("pk")
        list(both.select_for_update(of=["self"], no_key=True))
        super().fresh_record()

    def fresh_formsets(self, extra):
        domains = Domains(instance=self.form_instance(), prefix="domains")
        domains.extra = EMPTY_LINES + extra.get("domains", 0)
        return {"domains": domains}

    def shown_formsets(self):
        return {"domains": self.domains}

    def use_formsets(self, formsets):
        self._domains = formsets["domains"]


class AgencyViewSet(OfficeViewSet):
    model = Agency
    icon = "group"
    menu_label = "Agencies"
    list_display = [
        "name",
        "sector",
        "parent",
        "merged_into",
        DayColumn("merged_on", label="Merged on", sort_key="merged_on"),
    ]
    list_filter = ["sector", "parent"]
    search_fields = ["name", "domains__name"]
    list_export = ["name", "sector.name", "parent", "merged_into", "merged_on"]
    export_filename = "agencies"
    copy_view_enabled = False
    index_view_class = AgencyIndexView
    add_view_class = AgencyCreateView
    edit_view_class = AgencyEditView
    create_template_name = edit_template_name = "agencies/back_office/agency.html"

    def get_form_class(self, for_update=False):
        return AgencyForm


class SharedDomainForm(forms.ModelForm):
    class Meta:
        model = SharedDomain
        fields = ["name"]

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["name"].help_text += (
            " From then on, an address there no longer confirms a job. Jobs that it has confirmed "
            "stay as they are until somebody checks them. You can’t take it off the list again."
        )

    def clean_name(self):
        try:
            return email_domains.tidy(self.cleaned_data["name"])
        except email_domains.DomainRefused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def save(self, commit=True):
        self.instance = email_domains.share(self.cleaned_data["name"], by=self.by)
        return self.instance


class SharedDomainCreateView(RefusalMixin, generic.CreateView):
    page_title = "Add a shared email domain"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"by": self.request.user}

    def get_success_buttons(self):
        return []

    def get_success_message(self, instance):
        many = Post.objects.proved_by_shared_domain().filter(proved_by=instance.name).count()
        jobs = f"{many} job{'' if many == 1 else 's'}"
        return (
            f"An address at {instance} no longer confirms a job. It has confirmed {jobs} until "
            "now; nothing changes for those until somebody checks them."
        )


class SharedDomainViewSet(OfficeViewSet):
    """Domains that people of many organisations have: added to, never taken from or changed."""

    model = SharedDomain
    name = "shared_domain"
    icon = "mail"
    menu_label = "Shared email domains"
    list_display = list_export = ["name"]
    search_fields = ["name"]
    export_filename = "shared-email-domains"
    copy_view_enabled = False
    index_view_class = OfficeIndexView
    add_view_class = SharedDomainCreateView

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(edit_url_name=None, delete_url_name=None, **kwargs)

    def get_form_class(self, for_update=False):
        return SharedDomainForm

    def get_urlpatterns(self):
        return [each for each in super().get_urlpatterns() if each.name not in ("edit", "delete")]


class SectorViewSet(ChoicesViewSet):
    model = Sector
    menu_label = "Sectors"
    export_filename = "sectors"


class RoleGroupViewSet(ChoicesViewSet):
    model = RoleGroup
    menu_label = "Professions"
    export_filename = "professions"
