"""Wire the registries to the Wagtail admin; serialise saves of pages, for all page types."""

from itertools import chain

from django.templatetags.static import static
from django.urls import path
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.viewsets.pages import base_page_viewset

from lms.page_edits import EditViewInTurn
from lms.pasting import stream  # noqa: F401, registers the editor of a body
from lms.pasting.views import convert
from lms.registries import menu
from lms.registries.menu import office_menu
from lms.registries.reports import reports

# Applies to every page type without an edit view of its own.
base_page_viewset.edit_view_class = EditViewInTurn


@hooks.register("register_admin_urls")
def addresses_of_reports():
    return list(chain.from_iterable(report.urls() for report in reports))


@hooks.register("register_admin_urls")
def address_of_pasting():
    return [path("pasted/", convert, name="convert_pasted")]


@hooks.register("insert_editor_js")
def keep_what_is_pasted():
    return format_html('<script src="{}" type="module"></script>', static("build/paste.js"))


@hooks.register("construct_reports_menu")
def add_reports(request, items):
    menu.add_to(items, (report.menu_entry() for report in reports), request.user)


@hooks.register("construct_main_menu")
def add_entries(request, items):
    menu.add_to(items, office_menu, request.user)
