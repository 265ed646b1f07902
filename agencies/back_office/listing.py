"""List views of the back office with readable dates and streamed exports."""

import datetime

from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic

from lms.paging import UniqueOrder


class DayColumn(Column):
    """Column that shows a day as 3 June 2027; Wagtail's shows future days as 'just now'."""

    def get_value(self, instance):
        return as_day(super().get_value(instance))


def as_day(value):
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
        return date_format(value, "j F Y, H:i")
    return date_format(value, "j F Y") if value else ""


class OfficePaginator(UniqueOrder, WagtailPaginator):
    """Wagtail's paginator with a unique order of rows."""


class OfficeIndexView(generic.IndexView):
    """Index view that streams exports from the database in chunks instead of loading all rows."""

    def get(self, request, *args, **kwargs):
        """Export without Wagtail's count of rows, which loads all of them."""
        if self.is_export:
            return self.as_spreadsheet(self.get_queryset(), request.GET["export"])
        return super().get(request, *args, **kwargs)

    def stream_csv(self, queryset):
        return super().stream_csv(in_pieces(queryset))

    def write_xlsx(self, queryset, output):
        return super().write_xlsx(in_pieces(queryset), output)


class InPieces:
    """Queryset iterated once, 2,000 rows at a time."""

    def __init__(self, queryset):
        self.queryset = queryset
        self.model = queryset.model

    def __iter__(self):
        return self.queryset.iterator(chunk_size=2000)


def in_pieces(queryset):
    return InPieces(queryset)
