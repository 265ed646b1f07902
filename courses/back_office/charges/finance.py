"""Export charges for the finance system, and list what was exported before."""

import csv
import datetime as dt

from django.db.models import Count, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from courses.models import Charge
from courses.rules import charging
from lms.spreadsheets import writing
from lms.spreadsheets.writing import as_cell


class FinanceView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Page with the charges not exported yet, a button that exports them, and past exports."""

    model = None
    permission_required = "view"
    page_title = "Export for finance"
    header_icon = "download"
    template_name = "courses/back_office/finance.html"

    def get_breadcrumbs_items(self):
        charges = {"url": reverse("charge:index"), "label": "Charges"}
        return [*self.breadcrumbs_items, charges, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            new=totals_of(Charge.objects.to_tell()), exports=exports(), **kwargs
        )

    def post(self, request):
        if moment := charging.export(by=request.user):
            number = Charge.objects.told_at(moment).count()
            rows = "1 row is" if number == 1 else f"{number} rows are"
            messages.success(request, f"{rows} exported: download the file below.")
        else:
            messages.warning(
                request,
                "There is nothing new to export. What was exported before is in the list below.",
            )
        return redirect("charge:finance")


def totals_of(charges):
    """Count rows and sum GBP as they are exported: a credit counts against the sum."""
    rows = [(-charge.amount if charge.waived_at else charge.amount) for charge in charges]
    return {"rows": len(rows), "sum": sum(rows)}


def exports():
    """List the moment, rows and sum of each export, newest first."""
    charged = Charge.objects.exclude(exported_at=None).order_by().values_list("exported_at")
    credited = Charge.objects.exclude(credited_at=None).order_by().values_list("credited_at")
    made = {}
    for sign, rows in ((1, charged), (-1, credited)):
        for moment, number, amount in rows.annotate(Count("pk"), Sum("amount")):
            before = made.get(moment, (0, 0))
            made[moment] = (before[0] + number, before[1] + sign * amount)
    return [
        {"at": moment, "name": moment.isoformat(), "rows": rows, "sum": amount}
        for moment, (rows, amount) in sorted(made.items(), reverse=True)
    ]


FINANCE = ["Agency", "Cost code", "Name", "Course code", "Date", "What for", "Amount", "Charge"]


class FinanceFileView(PermissionCheckedMixin, View):
    """Download of the rows of one export, the same however often it is downloaded.

    A finance system reads this file, so it begins with the headings; the period, which other
    exports state above their headings, is in its name.
    """

    model = None
    permission_required = "view"

    def get(self, request, moment):
        moment = moment_of(moment)
        charges = list(charges_told_at(moment)) if moment else []
        if not charges:
            raise Http404
        answer = HttpResponse(content_type=writing.CSV)
        rows = (finance_row(charge, moment) for charge in charges)
        csv.writer(answer).writerows([FINANCE, *rows])
        return writing.attached(answer, file_name(charges, moment))


def file_name(charges, moment):
    """Name the file by the days on which these were recorded or waived, and the export's moment."""
    recorded = [c.waived_at if c.credited_at == moment else c.made_at for c in charges]
    first, last = (timezone.localdate(each) for each in (min(recorded), max(recorded)))
    return f"charges-{first}-to-{last}-exported-{timezone.localtime(moment):%Y-%m-%d-%H%M%S}.csv"


def moment_of(name):
    """Parse the moment in an address; None where it is none."""
    try:
        return dt.datetime.fromisoformat(name).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def charges_told_at(moment):
    charges = Charge.objects.told_at(moment).order_by("agency__name", "pk")
    return charges.select_related("agency", "booking__person", "booking__run__course")


def finance_row(charge, moment):
    """Build the row of a charge; a credit, for one waived after its export, has a minus."""
    is_credit = charge.credited_at == moment
    cells = (
        charge.agency.name,
        charge.cost_code,
        charge.booking.person.name,
        charge.booking.run.course.code,
        day_of(charge).isoformat(),
        f"Credit: {charge.get_kind_display()}" if is_credit else charge.get_kind_display(),
    )
    amount = -charge.amount if is_credit else charge.amount
    # The amount is not escaped as text is: it is a number, which may begin with a minus.
    return [*(as_cell(cell) for cell in cells), f"{amount:.2f}", charge.pk]


def day_of(charge):
    """Return the day of the run or, where its times were never settled, of the charge."""
    return timezone.localdate(charge.booking.run.starts_at or charge.made_at)
