"""How does the board read and take away who came, and who gave their days?"""

from django.core.exceptions import PermissionDenied
from django.views.generic import TemplateView
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from agencies import access
from agencies.back_office.listing import as_cell
from assurance import days_given, reports
from assurance.chart import bars
from assurance.exports import EXPORTS
from assurance.forms import AttendanceForm, PeriodForm

HEADINGS = [
    "Counted by",
    "Name",
    "Dates",
    "Places",
    "Booked",
    "Attended",
    "Apologies",
    "Did not come",
    "Fill rate, % (booked of the places on dates with a limit)",
    "Attendance rate, % (attended of booked)",
]


class Report(WagtailAdminTemplateMixin, TemplateView):
    """Asked for by a form in the address; shown, or taken away as CSV or XLSX."""

    form_class = None
    file_name = ""
    headings: list[str] = []

    def may_read(self, viewer):
        raise NotImplementedError

    def figures(self, question):
        """What the page shows."""
        raise NotImplementedError

    def rows(self, question):
        """What the file holds below its headings."""
        raise NotImplementedError

    def dispatch(self, request, *args, **kwargs):
        if not self.may_read(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        self.form = self.form_class(request.GET)
        export = EXPORTS.get(request.GET.get("export"))
        if export and self.form.is_valid():
            return export(self.file_name, [self.headings, *self.rows(self.form.question)])
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(form=self.form, **kwargs)
        if self.form.is_valid():
            context |= self.figures(self.form.question)
            context["exports"] = {kind: self.address_of(kind) for kind in EXPORTS}
        return context

    def address_of(self, kind):
        asked = self.request.GET.copy()
        asked["export"] = kind
        return f"?{asked.urlencode()}"


class AttendanceReport(Report):
    template_name = "assurance/attendance.html"
    page_title = "Attendance by agency"
    header_icon = "group"
    form_class = AttendanceForm
    file_name = "attendance"
    headings = HEADINGS

    def may_read(self, viewer):
        return access.is_board_member(viewer)

    def figures(self, question):
        return figures(question)

    def rows(self, question):
        return rows_of(question)


class FiguresPanel(Component):
    """Leads the board's members from the first page of the back office to what they read."""

    name = "figures"
    template_name = "assurance/figures.html"
    order = 50


class DaysGivenReport(Report):
    """Names the trainers, so it is for the training office."""

    template_name = "assurance/days_given.html"
    page_title = "Days given by agency"
    header_icon = "user"
    form_class = PeriodForm
    file_name = "days-given"
    headings = ["Agency", "Trainer", "Dates", "Days"]

    def may_read(self, viewer):
        return access.is_training_administrator(viewer)

    def figures(self, question):
        lines = days_given.by_agency_and_trainer(question)
        agencies = days_given.by_agency(lines)
        days = sum(days for _, days in agencies)
        return {"question": question, "lines": lines, "agencies": agencies, "days": days}

    def rows(self, question):
        for line in days_given.by_agency_and_trainer(question):
            yield [as_cell(cell) for cell in (line.agency, line.trainer, line.dates, line.days)]


def figures(question):
    agencies = reports.attendance_by_agency(question)
    return {
        "question": question,
        "tables": [
            ("By agency", "Agency", agencies),
            ("By profession", "Profession", reports.attendance_by_profession(question)),
        ],
        "all": reports.attendance_in_all(question),
        "left_out": reports.dates_left_out(question),
        "chart": bars(agencies),
    }


def rows_of(question):
    by = [
        ("Agency", reports.attendance_by_agency(question)),
        ("Profession", reports.attendance_by_profession(question)),
        ("Everybody", [reports.attendance_in_all(question)]),
    ]
    for kind, rows in by:
        for row in rows:
            yield [as_cell(cell) for cell in (kind, row.name, *numbers(row))]


def numbers(row):
    counts = (row.runs, row.places, row.booked, row.attended, row.apologies, row.absent)
    return *counts, per_cent(row.fill_rate), per_cent(row.attendance_rate)


def per_cent(rate):
    return "" if rate is None else round(100 * rate, 1)
