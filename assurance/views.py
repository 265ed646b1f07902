"""How does the board read and take away who came?"""

import csv
import io

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.generic import TemplateView
from openpyxl import Workbook
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from agencies import access
from agencies.back_office.listing import as_cell
from assurance import reports
from assurance.chart import bars
from assurance.forms import AttendanceForm

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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


class AttendanceReport(WagtailAdminTemplateMixin, TemplateView):
    template_name = "assurance/attendance.html"
    page_title = "Attendance by agency"
    header_icon = "group"

    def dispatch(self, request, *args, **kwargs):
        if not access.is_board_member(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        self.form = AttendanceForm(request.GET)
        export = EXPORTS.get(request.GET.get("export"))
        if export and self.form.is_valid():
            return export(rows_of(self.form.question))
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(form=self.form, **kwargs)
        if self.form.is_valid():
            context |= figures(self.form.question)
            context["exports"] = {kind: self.address_of(kind) for kind in EXPORTS}
        return context

    def address_of(self, kind):
        asked = self.request.GET.copy()
        asked["export"] = kind
        return f"?{asked.urlencode()}"


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


def as_csv(rows):
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="attendance.csv"'
    writer = csv.writer(answer)
    writer.writerows([HEADINGS, *rows])
    return answer


def as_xlsx(rows):
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Attendance")
    for row in [HEADINGS, *rows]:
        sheet.append(row)
    output = io.BytesIO()
    book.save(output)
    answer = HttpResponse(output.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="attendance.xlsx"'
    return answer


EXPORTS = {"csv": as_csv, "xlsx": as_xlsx}
