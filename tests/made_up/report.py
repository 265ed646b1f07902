"""Report of dates without a venue."""

from wagtail.admin.ui.tables import Column

from agencies import access
from agencies.back_office.listing import DayColumn
from courses.models import Run
from lms.registries.reports import ListReport, reports


class DatesWithoutVenue(ListReport):
    name = "without-venue"
    order = 101
    page_title = "Dates without a venue"
    header_icon = "date"
    may_read = access.is_training_administrator
    model = Run
    list_filter = ["course"]
    default_ordering = "starts_at"
    columns = [
        Column("course", sort_key="course__title"),
        DayColumn("starts_at", label="Begins", sort_key="starts_at"),
        Column("taken", label="Booked", sort_key="taken"),
    ]

    def rows(self, viewer):
        return Run.objects.registers_of(viewer).filter(venue=None).select_related("course")


def ready():
    reports.register(DatesWithoutVenue)
