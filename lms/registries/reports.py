"""Reports of the back office: one class gives address, menu entry, access and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.views.generic import TemplateView
from django_filters.filterset import filterset_factory
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.reports import ReportView

from lms.registries.base import Registry
from lms.registries.menu import MenuEntry
from lms.spreadsheets import writing
from lms.spreadsheets.writing import About

# Name, description, headings and rows of a file.
File = tuple[str, About, Sequence[str], Iterable[Sequence]]


class Report:
    """Name, title, place in the menu and readers of a report.

    `name` is its address below /cms/reports/; its URL is named `report_<name>`. `summary` tells
    board members on their first page of the back office what the report is for.
    """

    name: ClassVar[str]
    order: ClassVar[int]
    page_title: Any
    header_icon = "table"
    summary: ClassVar[str] = ""
    may_read: ClassVar[Callable[[Any], bool]]
    do_not_call_in_templates = True

    @classmethod
    def url_name(cls) -> str:
        return f"report_{cls.name}"

    @classmethod
    def urls(cls) -> list[URLPattern]:
        raise NotImplementedError

    @classmethod
    def menu_entry(cls) -> MenuEntry:
        return MenuEntry(
            name=cls.name,
            label=cls.page_title,
            icon=cls.header_icon,
            order=cls.order,
            url_name=cls.url_name(),
            may_see=cls.may_read,
        )

    def dispatch(self, request, *args, **kwargs):
        if not type(self).may_read(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


reports = Registry[type[Report]]()


class ListReport(Report, ReportView):
    """Report of rows: `model`, `rows`, `columns` and `list_filter`, the fields to filter by.

    Sorting, pages, CSV, XLSX and print come with Wagtail's list. A column is sorted by its
    `sort_key`; a file has the value itself, without its format on screen.
    """

    list_filter: ClassVar[Sequence[str]] = ()

    @classmethod
    def urls(cls) -> list[URLPattern]:
        name, address = cls.url_name(), f"reports/{cls.name}/"
        names = {"index_url_name": name, "index_results_url_name": f"{name}_results"}
        results = cls.as_view(**names, results_only=True)
        return [
            path(address, cls.as_view(**names), name=name),
            path(f"{address}results/", results, name=f"{name}_results"),
        ]

    def rows(self, viewer: Any) -> QuerySet:
        """Return what the report is about, as far as the viewer may see it."""
        raise NotImplementedError

    def get_base_queryset(self):
        return self.rows(self.request.user)

    @cached_property
    def filterset_class(self):
        fields = list(self.list_filter)
        return filterset_factory(self.model, filterset=WagtailFilterSet, fields=fields)

    @property
    def export_filename(self):
        return self.name

    @property
    def list_export(self):
        return [column.name for column in self.columns]

    def get_heading(self, queryset, field):
        return next(column.label for column in self.columns if column.name == field)

    def to_row_dict(self, item):
        return {column.name: Column.get_value(column, item) for column in self.columns}


class PageReport(Report, WagtailAdminTemplateMixin, TemplateView):
    """Report with a page of its own, and a file where `file` gives one."""

    @classmethod
    def urls(cls) -> list[URLPattern]:
        return [path(f"reports/{cls.name}/", cls.as_view(), name=cls.url_name())]

    def file(self) -> File | None:
        return None

    def get(self, request, *args, **kwargs):
        export = writing.RESPONSES.get(request.GET.get("export"))
        if export and (file := self.file()):
            return export(*file)
        return super().get(request, *args, **kwargs)

    @property
    def exports(self) -> dict[str, str]:
        """Address of each kind of file, with the same filters as the page."""
        return {kind: self._address_of(kind) for kind in writing.RESPONSES}

    def _address_of(self, kind: str) -> str:
        asked = self.request.GET.copy()
        asked["export"] = kind
        return f"?{asked.urlencode()}"

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]
