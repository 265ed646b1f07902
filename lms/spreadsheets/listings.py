"""Add title, period and filters to all list and report exports and printouts of Wagtail.

Wagtail has no hook for the lines of an export, and its built-in reports cannot be replaced by
subclasses: `install` patches these methods into the mixin that all of them share.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.http import StreamingHttpResponse
from wagtail.admin.active_filters import BaseFilterAdapter, register_filter_adapter_class
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from lms import formatting
from lms.spreadsheets.writing import CSV, About, as_csv, attached, write_xlsx

OF_DAYS = (
    django_filters.DateFilter,
    django_filters.DateTimeFilter,
    django_filters.DateFromToRangeFilter,
)


class DayFilterAdapter(BaseFilterAdapter):
    """Filter adapter that shows the chosen day as people write it."""

    def __init__(self, filter, bound_field, value, *more):
        super().__init__(filter, bound_field, formatting.day(value), *more)


class YesNoFilterAdapter(BaseFilterAdapter):
    """Filter adapter that shows the choice as Yes or No."""

    def __init__(self, filter, bound_field, value, *more):
        super().__init__(filter, bound_field, "Yes" if value else "No", *more)


def about(view: Any) -> About:
    """Describe a list: its title, its period and its filters."""
    days, filters = [], [f"Search: {view.search_query}"] if view.search_query else []
    for chosen, said in _chosen(view):
        (days if isinstance(chosen, OF_DAYS) else filters).append(said)
    return About(str(view.get_page_title()), period="; ".join(days), filters=filters)


def _chosen(view):
    """Yield each active filter with its words; nothing while any filter is invalid."""
    if not (view.index_results_url and view.filters and view.filters.is_valid()):
        return
    form = view.filters.form
    named = {form[name].auto_id: chosen for name, chosen in view.filters.filters.items()}
    for active in view.active_filters:
        yield named[active.auto_id], f"{active.field_label}: {active.value}"


def stream_csv(view, queryset):
    for line in as_csv(about(view), _headings(view, queryset), _rows(view, queryset, "csv")):
        yield line.encode()


def write_workbook(view, queryset, output):
    headings = _headings(view, queryset)
    write_xlsx(output, about(view), headings, _rows(view, queryset, "xlsx"))


def _headings(view, queryset):
    return [str(view.get_heading(queryset, name)) for name in view.list_export]


def _rows(view, queryset, kind):
    for item in queryset:
        row = view.to_row_dict(item)
        yield [_value(view, name, row[name], kind) for name in view.list_export]


def _value(view, name, value, kind):
    """Keep dates, times and booleans: Wagtail would turn moments into UTC and Yes into True."""
    if isinstance(value, bool | dt.date | dt.time) and name not in view.custom_field_preprocess:
        return value
    return view.preprocess_field_value(name, value, kind)


def write_csv_response(view, queryset):
    answer = StreamingHttpResponse(view.stream_csv(queryset), content_type=CSV)
    return attached(answer, f"{view.get_filename()}.csv")


def install() -> None:
    """Patch Wagtail's exports; called once at start-up."""
    shared: Any = SpreadsheetExportMixin
    shared.about = property(about)
    shared.stream_csv = stream_csv
    shared.write_xlsx = write_workbook
    shared.write_csv_response = write_csv_response
    register_filter_adapter_class(django_filters.DateFilter, DayFilterAdapter)
    register_filter_adapter_class(django_filters.BooleanFilter, YesNoFilterAdapter)
