"""Back-office views of training elsewhere: accept, refuse or take back what people sent."""

import django_filters
from django import forms
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import View
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import PermissionCheckedMixin

from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import DayColumn, as_day
from agencies.back_office.read_only import ReadOnlyDetailView, ReadOnlyIndexView, ReadOnlyViewSet
from courses.back_office import timeline
from courses.completion import evidence_files, external_training
from courses.completion.forms import RefusalForm, TakeBackForm
from courses.completion.views.evidence import served
from courses.models import Course, Evidence


class EvidenceFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label="State", choices=Evidence.State.choices, widget=forms.RadioSelect, empty_label="All"
    )
    course = django_filters.ModelChoiceFilter(queryset=Course.objects.all(), widget=forms.Select)

    class Meta:
        model = Evidence
        fields = []


EXPORTED = {
    "person__name": "Person",
    "course__code": "Code",
    "course__title": "Stands for our course",
    "title": "Called",
    "provider": "Given by",
    "completed_on": "Completed on",
    "sent_at": "Sent",
    "state": "State",
    "decided_at": "Decided",
    "reason": "Why not",
}


class EvidenceIndexView(ReadOnlyIndexView):
    page_title = "Training elsewhere"
    results_template_name = "courses/back_office/evidence_list.html"
    related = ("person", "course")
    in_words = {"state": dict(Evidence.State.choices)}

    @property
    def columns(self):
        return [
            self.title_column(
                "person", accessor="person.name", label="Person", sort_key="person__name"
            ),
            Column("course", accessor="course.title", label="Stands for our course"),
            Column("provider", label="Given by", sort_key="provider"),
            DayColumn("completed_on", label="Completed on", sort_key="completed_on"),
            DayColumn("sent", accessor=sent_on, label="Sent", sort_key="sent_at"),
            Column("get_state_display", label="State", sort_key="state"),
        ]


def sent_on(evidence):
    return timezone.localdate(evidence.sent_at)


class EvidencePage(ReadOnlyDetailView):
    page_title = "Training elsewhere"
    related = ("person", "course")

    def get_page_subtitle(self):
        return f"{self.object.person.name}, {self.object.course.title}"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            evidence=self.object,
            file_kind=evidence_files.ENDINGS.get(self.object.file_type, "").upper(),
            is_picture=self.object.file_type in (evidence_files.JPEG, evidence_files.PNG),
            events=timeline.of_evidence(self.object),
            **kwargs,
        )

    def facts(self):
        sent, course = self.object, self.object.course
        jobs = sent.person.posts.current().select_related("agency")
        return [
            ("State", sent.get_state_display()),
            ("Why not", sent.reason),
            ("Person", sent.person.name),
            ("Works as", "\n".join(f"{job.title}, {job.agency}" for job in jobs)),
            ("Stands for our course", f"{course.title} ({course.code})"),
            ("Asked for before", "\n".join(str(other) for other in course.leads_to.all())),
            ("Called", sent.title),
            ("Given by", sent.provider),
            ("Completed on", as_day(sent.completed_on)),
            ("Sent", as_day(sent.sent_at)),
            ("Decided", as_day(sent.decided_at)),
        ]


class DecideView(AskView):
    def get_queryset(self):
        return super().get_queryset().select_related("person", "course")

    def get_breadcrumbs_items(self):
        *before, its_page, this = super().get_breadcrumbs_items()
        return [*before, its_page | {"label": self.object.person.name}, this]


class AcceptView(DecideView):
    button = "Accept"

    def question(self):
        sent = self.object
        return (
            "Check that the person's name and this day are on the certificate, and that it covers "
            f"what the course teaches. {sent.person.name} has then completed {sent.course.title} "
            f"on {as_day(sent.completed_on)}, and is told. We make no certificate of our own for "
            "it."
        )

    def perform(self):
        external_training.accept(self.object, by=self.request.user)

    def success_message(self):
        return f"{self.object.person.name}'s training elsewhere is accepted."


class RefuseView(DecideView):
    button = "Do not accept"
    form_class = RefusalForm

    def question(self):
        sent = self.object
        return f"{sent.person.name} is told that it does not count as {sent.course.title}, and why."

    def perform(self, reason):
        external_training.refuse(self.object, by=self.request.user, reason=reason)

    def success_message(self):
        return f"It is not accepted, and the reason is sent. {self.object.person.how_told}"


class TakeBackView(DecideView):
    button = "Take back"
    form_class = TakeBackForm

    def question(self):
        sent = self.object
        return (
            f"{sent.person.name} has then not completed {sent.course.title} by this training, and "
            "is told why. Bookings that they made because of it stay."
        )

    def perform(self, reason):
        external_training.take_back(self.object, by=self.request.user, reason=reason)

    def success_message(self):
        return f"It no longer counts, and the reason is sent. {self.object.person.how_told}"


class FileView(PermissionCheckedMixin, View):
    permission_required = "view"
    model = None

    def get(self, request, pk):
        return served(get_object_or_404(Evidence.objects.visible_to(request.user), pk=pk))


class EvidenceViewSet(ReadOnlyViewSet):
    model = Evidence
    icon = "doc-full-inverse"
    menu_label = "Training elsewhere"
    filterset_class = EvidenceFilterSet
    search_fields = ["person__name", "title", "provider"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "training-elsewhere"
    ordering = "-sent_at"
    index_view_class = EvidenceIndexView
    inspect_view_class = EvidencePage
    inspect_template_name = "courses/back_office/evidence.html"
    actions = {
        "accept": AcceptView,
        "refuse": RefuseView,
        "take_back": TakeBackView,
        "file": FileView,
    }
