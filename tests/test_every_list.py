"""Test that walking through any list of the office, page by page, meets each row once.

With 2,000 rows that tie, in each order that the list offers, with a filter and with a search.
"""

import os
import re

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.test import RequestFactory
from django.urls import get_resolver
from wagtail.admin.views import chooser
from wagtail.admin.views.generic.chooser import BaseChooseView
from wagtail.admin.views.generic.history import HistoryView, WorkflowHistoryView
from wagtail.admin.views.generic.usage import UsageView
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.admin.views.workflows import BaseTaskChooserView, WorkflowUsageView
from wagtail.admin.viewsets.pages import base_page_viewset
from wagtail.models import (
    ModelLogEntry,
    Page,
    PageLogEntry,
    ReferenceIndex,
    Workflow,
    WorkflowState,
)
from wagtail.snippets.views.snippets import ModelIndexView

from agencies.back_office.listing import OfficePaginator
from agencies.models import Person
from home.models import HomePage
from lms.paging import Paginator
from tests.lms.test_postgresql import needs_postgresql
from tests.test_lists import LISTS, views_below
from tests.tied_rows import MANY, TIED, create_all
from tests.worlds import world

# SQLite reads in the order of its keys what ties; PostgreSQL for each page as it likes.
pytestmark = [
    pytest.mark.django_db,
    needs_postgresql,
    pytest.mark.race,
    pytest.mark.skipif("ROUNDS" not in os.environ, reason="make stress runs it"),
]
ON_A_PAGE = 700
OF_TYPE = ["content_type_app_name", "content_type_model_name"]
# Wagtail finds these views when a page is asked for, so that no route has them.
OF_PAGES = {
    f"cms/pages/{address}": (view.view_class, view.view_initkwargs)
    for address, view in {
        "<int:parent_page_id>/": base_page_viewset.index_view,
        "search/": base_page_viewset.search_view,
        f"usage/<slug:{OF_TYPE[0]}>/<slug:{OF_TYPE[1]}>/": base_page_viewset.content_type_use_view,
        "<int:page_id>/usage/": base_page_viewset.usage_view,
        "<int:page_id>/history/": base_page_viewset.history_view,
        "<int:page_id>/workflow_history/": base_page_viewset.workflow_history_view,
    }.items()
}
# As many rows as there are kinds of things, which are in no table.
OF_KINDS = (ModelIndexView, PageTypesUsageReportView)
# Wagtail's history of what the office only looks at: nobody may open it.
CLOSED = {
    f"cms/{name}/history/<int:pk>/"
    for name in ("booking", "certificate", "charge", "evidence", "outbox")
}
WALKED = {
    address: view
    for address, view in (LISTS | OF_PAGES).items()
    if not (address.endswith("results/") or "-results/" in address or issubclass(view[0], OF_KINDS))
}
CHOOSERS = {
    address: (view, settings)
    for address, view, settings in views_below(get_resolver().url_patterns)
    if not address.endswith("/create/")  # A form; its list is the address above it.
    and issubclass(
        view, (BaseChooseView, BaseTaskChooserView, chooser.BrowseView, chooser.SearchView)
    )
}

# The one begins at the root of the tree, with one page below it; the other has to be asked.
NEED_A_QUESTION = {"cms/choose-page/", "cms/choose-page/search/"}


@pytest.fixture(scope="module")
def rows(django_db_setup, django_db_blocker):
    """Create the tied rows; return one of each model."""
    with world(django_db_blocker):
        yield create_all()


@pytest.fixture
def superuser(rows):
    return Person.objects.create(name="Sue", email="sue@example.org", is_superuser=True)


@pytest.mark.parametrize("address", WALKED)
def test_walking_through_a_list_meets_each_row_once(rows, superuser, address):
    view_class, settings = WALKED[address]
    asked = about(rows, address)

    def opened(**query):
        """Return the list as somebody sees it who asks for its address with this query."""
        request = RequestFactory().get("/", query)
        request.user = superuser
        view = view_class(**settings)
        view.paginate_by = ON_A_PAGE
        view.setup(request, **asked)
        view.answer = view.dispatch(request, **asked)
        return view

    if address in CLOSED:
        with pytest.raises(PermissionDenied):
            opened()
        return
    first = opened()
    walk(first)
    for ordering in first.get_valid_orderings():
        walk(opened(ordering=ordering))
    if query := filter_of(first, opened):
        walk(opened(**query))
    if first.is_searchable:
        walk(opened(q=TIED))
        for ordering in list(opened(q=TIED).get_valid_orderings())[:2]:
            walk(opened(q=TIED, ordering=ordering))


@pytest.fixture
def given(monkeypatch):
    """Divide choosers, which have few rows on a page, like lists; return the pages they show."""
    pages = []
    for paginator_class in (Paginator, OfficePaginator):

        def page(self, number, was=paginator_class.page):
            self.per_page = ON_A_PAGE
            pages.append(was(self, number))
            return pages[-1]

        monkeypatch.setattr(paginator_class, "page", page)
    return pages


def test_every_chooser_is_found():
    assert {"cms/choose-page/", "cms/choose-page/search/", "cms/images/chooser/"} <= set(CHOOSERS)
    assert "cms/workflows/task_chooser/" in CHOOSERS


@pytest.mark.parametrize("query", [{}, {"q": TIED}], ids=["all", "found"])
@pytest.mark.parametrize("address", CHOOSERS)
def test_walking_through_a_chooser_meets_each_row_once(rows, superuser, given, address, query):
    view_class, settings = CHOOSERS[address]
    asked = dict.fromkeys(re.findall(r"<\w+:(\w+)>", address), HomePage.objects.get().pk)

    def met(number):
        request = RequestFactory().get("/", query | {"p": number})
        request.user = superuser
        view_class.as_view(**settings)(request, **asked)
        return keys(given[-1])

    walked = met(1)
    paginator = given[-1].paginator
    for number in range(2, paginator.num_pages + 1):
        walked += met(number)
    assert len(walked) == len(set(walked)) == paginator.count
    assert query or address in NEED_A_QUESTION or paginator.count >= MANY


def about(rows, address):
    """Return what the address names, and give it MANY rows of its own where a list is about it."""
    view_class, settings = WALKED[address]
    named = re.findall(r"<\w+:(\w+)>", address)
    if not named:
        return {}
    if named == ["parent_page_id"]:
        return {"parent_page_id": HomePage.objects.get().pk}
    if named == OF_TYPE:
        return dict(zip(OF_TYPE, ("wagtailcore", "page"), strict=True))
    model = settings.get("model") or getattr(view_class, "model", None)
    if issubclass(view_class, WorkflowUsageView):
        model = Workflow
    one, kind = rows[model], ContentType.objects.get_for_model(model)
    if issubclass(view_class, HistoryView):
        ModelLogEntry.objects.filter(label=TIED).update(content_type=kind, object_id=str(one.pk))
        PageLogEntry.objects.filter(label=TIED).update(page_id=rows[Page].pk)
    if issubclass(view_class, UsageView):
        ReferenceIndex.objects.update(to_content_type=kind, to_object_id=str(one.pk))
    if issubclass(view_class, WorkflowHistoryView):
        WorkflowState.objects.update(object_id=str(one.pk))
    return dict.fromkeys(named, one.pk)


def filter_of(view, opened):
    """Return one filter of the list that leaves it MANY rows, or None."""
    for name, field in view.filters.form.fields.items() if view.filters else ():
        if isinstance(field, ModelChoiceField):
            continue  # Of 2,000 others, each of which has one row.
        choices = [str(value) for value, _ in list(getattr(field, "choices", ()))[:4] if value]
        for value in choices or ["true"]:
            if paginator_of(opened(**{name: value})).count >= MANY:
                return {name: value}
    return None


def paginator_of(view):
    return view.answer.context_data["paginator"]


def walk(view):
    """Go from page to page, as whoever reads them does."""
    paginator = paginator_of(view)
    if paginator is None:  # Children in their own order are all on one page, to be moved.
        assert len({page.pk for page in view.answer.context_data["object_list"]}) >= MANY
        return
    assert paginator.count >= MANY
    met = [key for number in paginator.page_range for key in keys(paginator.page(number))]
    assert len(met) == paginator.count
    assert len(set(met)) == len(met), view.request.GET


def keys(page):
    """Return the keys of the rows of a page, in their order, without reading whole rows."""
    rows = page.object_list
    if isinstance(rows, QuerySet) and not (rows.query.combinator or rows.query.distinct):
        return list(rows.values_list("pk", flat=True))
    return [key_of(row) for row in rows]


def key_of(row):
    if isinstance(row, dict):
        return tuple(row.values())
    return row[0].pk if isinstance(row, tuple) else row.pk
