"""Admin views to find, revoke and correct certificates."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import DayColumn, as_day
from agencies.back_office.read_only import ReadOnlyDetailView, ReadOnlyIndexView, ReadOnlyViewSet
from agencies.models import Person
from certificates import codes, issuing
from certificates.models import Certificate, State
from history.models import Event


class CertificateFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=State.choices,
        method="in_state",
        widget=forms.RadioSelect,
        empty_label="All",
    )

    class Meta:
        model = Certificate
        fields = []

    def in_state(self, certificates, name, state):
        due = Q(refresh_on__lte=timezone.localdate())
        return {
            State.VALID: certificates.live().exclude(due),
            State.REFRESH_DUE: certificates.live().filter(due),
            State.REPLACED: certificates.filter(
                erased_at=None, revoked_at=None, superseded_at__isnull=False
            ),
            State.REVOKED: certificates.filter(erased_at=None, revoked_at__isnull=False),
            State.NO_LONGER_HELD: certificates.exclude(erased_at=None),
        }[State(state)]


EXPORTED = {
    "number": "Number",
    "name": "Name",
    "title": "Course",
    "course_code": "Code",
    "agency": "Agency",
    "completed_on": "Completed on",
    "refresh_on": "Refresh by",
    "state": "State",
    "issued_at": "Issued",
}


class CertificateIndexView(ReadOnlyIndexView):
    page_title = "Certificates"

    def get_base_queryset(self):
        return Certificate.objects.visible_to(self.request.user).defer("outcomes")

    def search_queryset(self, queryset):
        """Search also by verification code, typed with or without dashes."""
        found = super().search_queryset(queryset)
        code = codes.parse(self.search_query or "")
        return found | queryset.filter(code=code) if code else found

    def to_row_dict(self, one):
        words = {"state": one.state.label}
        return {name: words.get(name) or getattr(one, name) for name in EXPORTED}

    @property
    def columns(self):
        return [
            self.title_column("number", label="Number", sort_key="number"),
            Column("name", label="Name", sort_key="name"),
            Column("title", label="Course", sort_key="title"),
            DayColumn("completed_on", label="Completed on", sort_key="completed_on"),
            Column("state", accessor="state.label", label="State"),
        ]


HAPPENED = {
    "certificate.issued": "issued",
    "certificate.replaced": "replaced by a correction",
    "certificate.revoked": "revoked",
}


def history_lines(certificate):
    """List the events of a certificate with time and author, newest first."""
    events = list(Event.objects.about(certificate))
    people = Person.objects.filter(pk__in={event.by_person for event in events})
    names = dict(people.values_list("pk", "name"))
    return [
        f"{timezone.localtime(event.at):%-d %B %Y, %H:%M}: {HAPPENED[event.action]}, "
        f"by {names.get(event.by_person) or event.by_process or 'somebody'}"
        for event in events
        if event.action in HAPPENED
    ]


class CertificatePage(ReadOnlyDetailView):
    page_title = "Certificate"

    def get_page_subtitle(self):
        return self.object.number

    def facts(self):
        one = self.object
        return [
            ("State", one.state.label),
            ("Why it was revoked", one.revoked_reason),
            ("Why it was replaced", one.superseded_reason),
            ("Name", one.name),
            ("Course", f"{one.title} ({one.course_code})"),
            ("Completed on", as_day(one.completed_on)),
            ("Refresh recommended by", as_day(one.refresh_on)),
            ("Agency", one.agency),
            ("Hours", one.hours_in_words),
            ("Issued", as_day(one.issued_at)),
            ("Design", str(one.design or "As delivered")),
            ("Verification code", one.grouped_code),
            ("Took the place of", getattr(one, "supersedes", None) and one.supersedes.number),
            ("History", "\n".join(history_lines(one))),
        ]

    def get_context_data(self, **kwargs):
        return super().get_context_data(certificate=self.object, **kwargs)


class WhyForm(forms.Form):
    reason = forms.CharField(
        max_length=300, help_text="Kept in history: nothing about a child or a family."
    )


class RevokeView(AskView):
    button = "Revoke"
    form_class = WhyForm
    refusal = issuing.CertificateRefused

    def question(self):
        return (
            f"{self.object.number}, {self.object.name}: from now on its public page says that it "
            "is revoked. This cannot be undone."
        )

    def perform(self, reason):
        issuing.revoke(self.object, by=self.request.user, reason=reason)

    def success_message(self):
        return f"{self.object.number} is revoked."


class CorrectForm(WhyForm):
    name = forms.CharField(label="Name on the certificate", max_length=120)

    field_order = ["name", "reason"]


class CorrectView(AskView):
    button = "Correct the name"
    form_class = CorrectForm
    refusal = issuing.CertificateRefused

    def get_initial(self):
        return {"name": self.object.name}

    def question(self):
        return (
            f"A new certificate takes the place of {self.object.number}, which from then on says "
            "that it was replaced."
        )

    def perform(self, name, reason):
        made = issuing.correct(self.object, by=self.request.user, reason=reason, name=name)
        self.object = made

    def success_message(self):
        return f"Corrected. This is the new certificate, {self.object.number}."


class CertificateViewSet(ReadOnlyViewSet):
    model = Certificate
    icon = "doc-full"
    menu_label = "Certificates"
    filterset_class = CertificateFilterSet
    search_fields = ["number", "name", "code"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "certificates"
    ordering = "-completed_on"
    index_view_class = CertificateIndexView
    inspect_view_class = CertificatePage
    inspect_template_name = "certificates/back_office/certificate.html"
    actions = {"revoke": RevokeView, "correct": CorrectView}
    add_to_admin_menu = True
    menu_order = 160
