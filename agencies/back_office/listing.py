"""What has every list of the back office in common: days that read right, and exports that flow."""

import datetime

from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

FORMULA = ("=", "+", "-", "@", "\t", "\r")


class DayColumn(Column):
    """A day as 3 June 2027. Wagtail's DateColumn calls every future day 'just now'."""

    def get_value(self, instance):
        return as_day(super().get_value(instance))


def as_day(value):
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
        return date_format(value, "j F Y, H:i")
    return date_format(value, "j F Y") if value else ""


def as_cell(value):
    """For a spreadsheet: moments in our own time, and nothing that a program would calculate."""
    if isinstance(value, datetime.datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


class OfficeIndexView(generic.IndexView):
    """Takes exports from the database in pieces, rather than all rows into memory."""

    def get(self, request, *args, **kwargs):
        """Wagtail's own counts an export's rows by loading them."""
        if self.is_export:
            return self.as_spreadsheet(self.get_queryset(), request.GET["export"])
        return super().get(request, *args, **kwargs)

    def preprocess_field_value(self, field, value, export_format):
        value = super().preprocess_field_value(field, as_cell(value), export_format)
        return "" if value is None else as_cell(value)

    def get_preprocess_function(self, field, value, export_format):
        if isinstance(value, datetime.date | datetime.time):
            return None
        return super().get_preprocess_function(field, value, export_format)

    def stream_csv(self, queryset):
        return super().stream_csv(in_pieces(queryset))

    def write_xlsx(self, queryset, output):
        return super().write_xlsx(in_pieces(queryset), output)


class InPieces:
    """A queryset that is walked through once, 2,000 rows at a time."""

    def __init__(self, queryset):
        self.queryset = queryset
        self.model = queryset.model

    def __iter__(self):
        return self.queryset.iterator(chunk_size=2000)


def in_pieces(queryset):
    return InPieces(queryset)


class ChoicesViewSet(ModelViewSet):
    """What people choose from: a name, and where it stands among the others."""

    icon = "tag"
    form_fields = list_display = list_export = ["name", "position"]
    search_fields = ["name"]
    copy_view_enabled = False
    index_view_class = OfficeIndexView
