"""Show the board which topics and protocols are taught, and let the office close gaps."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView
from assurance import briefing, protocol_drift
from assurance.coverage import coverage
from courses.catalogue import protocol_check
from courses.models import Course
from lms.paging import Paginator
from lms.registries.reports import PageReport
from lms.spreadsheets.writing import About
from protocols.models import ProtocolPage

ON_A_PAGE = 100
CELLS = {"names": "Yes", "missing": "Missing", "nothing": ""}


def may_read(viewer):
    return access.is_board_member(viewer) or access.is_protocol_editor(viewer)


class CoverageReport(PageReport):
    """Report of topics by course, on a page or as a file."""

    name = "topics-in-training"
    order = 106
    page_title = "Topics in training"
    header_icon = "tag"
    may_read = may_read
    template_name = "assurance/coverage.html"

    def file(self):
        headings, *rows = rows_of(coverage())
        return self.name, About(self.page_title), headings, rows

    def get_context_data(self, **kwargs):
        return super().get_context_data(coverage=coverage(), **kwargs)


def rows_of(found):
    titles = [course.title for course in found.courses]
    yield ["Topic", "Protocols", "Indicators", "Courses", "Missing", *titles]
    for line in found.lines:
        counts = (line.protocols, line.indicators, line.courses, line.missing)
        yield [line.topic.name, *counts, *(CELLS[cell] for cell in line.cells)]


class BehindReport(PageReport):
    name = "behind-its-protocol"
    order = 107
    page_title = "Behind its protocol"
    header_icon = "link"
    may_read = may_read
    template_name = "assurance/behind.html"

    def get_context_data(self, **kwargs):
        page = Paginator(protocol_drift.protocols(), ON_A_PAGE).get_page(
            self.request.GET.get("page")
        )
        return super().get_context_data(protocols=page, **kwargs)


def found_or_404(pk):
    one = protocol_drift.drift_of(get_object_or_404(ProtocolPage.objects.defer("body"), pk=pk))
    if one is None:
        raise Http404
    return one


class BehindOne(BehindReport):
    """Page on one protocol: its courses, their dates, and people trained on older editions."""

    template_name = "assurance/behind_one.html"

    def get_breadcrumbs_items(self):
        *before, this = super().get_breadcrumbs_items()
        whole = {"url": reverse(BehindReport.url_name()), "label": BehindReport.page_title}
        return [*before, whole, this]

    @property
    def page_title(self):
        return self.one.edition.title

    def get(self, request, pk):
        self.one = found_or_404(pk)
        return super().get(request)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            one=self.one,
            may_change=access.is_training_administrator(self.request.user),
            to_tell=briefing.to_tell(self.one).count(),
            **kwargs,
        )


class AskingOffice(ConfirmActionView):
    """Confirm an action on one protocol, for the training office only."""

    def dispatch(self, request, *args, pk, **kwargs):
        if not access.is_training_administrator(request.user):
            raise PermissionDenied
        self.one = found_or_404(pk)
        return super().dispatch(request, *args, **kwargs)

    def get_success_url(self):
        return reverse("behind_one", args=[self.one.edition.page_id])

    def get_breadcrumbs_items(self):
        *before, this = super().get_breadcrumbs_items()
        return [*before, {"url": self.get_success_url(), "label": self.one.edition.title}, this]


class Check(AskingOffice):
    button = "Its material says what this version says"
    page_title = "Checked against its protocol"

    def setup(self, request, *args, course, **kwargs):
        super().setup(request, *args, **kwargs)
        self.course = get_object_or_404(Course, pk=course)

    def question(self):
        return (
            f"You have looked through the material of ‘{self.course}’, and it teaches what "
            f"{self.one.edition} says. Whoever completes it from today was trained on it."
        )

    def perform(self):
        protocol_check.check_against(self.course, self.one.edition, by=self.request.user)

    def success_message(self):
        return f"‘{self.course}’ is checked against {self.one.edition}."


class BriefingForm(forms.Form):
    subject = forms.CharField(max_length=160)
    message = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Drafted from the version’s reason and the coming dates. Put it in your words.",
    )


class Briefing(AskingOffice):
    button = "Send what has changed"
    form_class = BriefingForm

    def get_initial(self):
        return briefing.draft(self.one)

    def question(self):
        people, without = briefing.to_tell(self.one).count(), briefing.without_address(self.one)
        others = (
            f" {without} more {'has' if without == 1 else 'have'} no email address: somebody must "
            "tell them."
        )
        return (
            f"{people} {'person has' if people == 1 else 'people have'} completed a course on an "
            "older version and not had this email. Each is written to separately, with their name "
            "above these words." + (others if without else "")
        )

    def perform(self, **words):
        self.people = briefing.send(self.one, by=self.request.user, **words)

    def success_message(self):
        return f"It goes to {self.people} {'person' if self.people == 1 else 'people'}."
