"""Test that every list pages through a unique order."""

import ast
import sys

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, F, Value
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver
from django.views.generic.list import MultipleObjectMixin
from wagtail.admin.views.generic.chooser import BaseChooseView
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.images import get_image_model
from wagtail.models import ReferenceIndex
from wagtail.search.backends import get_search_backend
from wagtail.snippets.views.snippets import ModelIndexView

from agencies.models import RoleGroup, Sector
from courses.models import Booking, Run
from lms.models import Mail
from lms.paging import UniqueOrder, in_unique_order
from protocols.models import ProtocolPage
from tests.factories import ImageFactory, PersonFactory, ProtocolPageFactory, body_of, picture_of
from tests.test_house import python_files

# Wagtail's views without keys: editors' actions are a union of tables with no key in common, and
# the kinds of snippet are in no table.
WITHOUT_KEYS = (LogEntriesView, ModelIndexView)
KEYS = {"pk", "id"}


def views_below(patterns, before=""):
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            yield from views_below(pattern.url_patterns, before + str(pattern.pattern))
        elif view := getattr(pattern.callback, "view_class", None):
            yield before + str(pattern.pattern), view, pattern.callback.view_initkwargs


LISTS = {
    address: (view, more)
    for address, view, more in views_below(get_resolver().url_patterns)
    if issubclass(view, MultipleObjectMixin)
}
# Lists about one object need it to exist; `results/` is the same list without its frame.
WHOLE = {
    address: (view, settings)
    for address, (view, settings) in LISTS.items()
    if not (address.endswith("results/") or "<" in address or issubclass(view, WITHOUT_KEYS))
}


def test_the_lists_are_found():
    """Check that lists of our own apps and of Wagtail's are found (the control)."""
    some = {"booking", "certificate", "documents", "indicator", "job", "outbox", "run", "users"}
    assert WHOLE.keys() >= {f"cms/{name}/" for name in some}


def test_every_list_is_divided_by_a_paginator_that_makes_its_order_unique():
    others = {
        view for view, _ in LISTS.values() if not issubclass(view.paginator_class, UniqueOrder)
    }
    assert others == set()


@pytest.mark.django_db
@pytest.mark.parametrize("address", WHOLE)
def test_whatever_a_list_is_sorted_by_its_order_is_unique(address):
    superuser = PersonFactory(is_staff=True, is_superuser=True)
    for ordering in [None, *opened(address, superuser).get_valid_orderings()]:
        view = opened(address, superuser, ordering)
        rows = paginator_of(view).object_list
        assert view.ordering == ordering or ordering is None
        assert order_of(rows)[-1] in KEYS, ordering
        list(rows[:1])


def opened(address, person, ordering=None):
    """Return the list view, set up for this person and ordering but not rendered."""
    view_class, settings = WHOLE[address]
    request = RequestFactory().get("/", {"ordering": ordering} if ordering else {})
    request.user = person
    view = view_class(**settings)
    view.setup(request)
    return view


def paginator_of(view, size=20):
    paginator, *_ = view.paginate_queryset(view.get_queryset(), size)
    return paginator


def order_of(rows):
    terms = rows.query.order_by or rows.model._meta.ordering
    return [str(getattr(term, "expression", term)).lstrip("-") for term in terms]


def test_pages_of_ours_are_divided_in_one_place():
    """Check that no module uses Django's Paginator, which leaves tied rows in no order."""
    users = []
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "django.core.paginator":
                users += [path.name for name in node.names if name.name == "Paginator"]
    assert users == []


def test_no_view_of_wagtail_divides_by_a_paginator_of_another_order():
    """Check every module of Wagtail that a view of the admin comes from."""
    get_resolver().url_patterns  # noqa: B018  (imports the views)
    named = {
        (name, thing)
        for name, module in sys.modules.items()
        if name.startswith("wagtail.") and name != "wagtail.admin.paginator"
        if isinstance(thing := vars(module).get("Paginator"), type)
    }
    assert len(named) >= 2
    assert {name for name, thing in named if not issubclass(thing, UniqueOrder)} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("many", [3, 30])
def test_a_page_of_usage_reads_the_records_of_that_page_alone(django_assert_num_queries, many):
    image = ImageFactory()
    body = body_of(picture_of(image, is_decorative=True))
    pages = [ProtocolPageFactory(body=body, edition=None) for _ in range(many)]
    for page in pages:
        ReferenceIndex.create_or_update_for_object(page)
    groups = ReferenceIndex.get_references_to(image).group_by_source_object()
    assert len(groups) == many
    ContentType.objects.get_for_model(ProtocolPage)
    with django_assert_num_queries(3):
        first = groups[0:2]
    met = [record.pk for at in range(0, many, 7) for record, _ in groups[at : at + 7]]
    assert sorted(met) == sorted(page.pk for page in pages)
    assert [record.pk for record, _ in first] == met[:2]
    assert [each.to_object_id for _, found in first for each in found] == [str(image.pk)] * 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("order", "ends"),
    [
        (["state"], ["state", "pk"]),
        (["to", "-state"], ["to", "-state", "-pk"]),
        ([F("sent_at").desc(nulls_last=True)], [F("sent_at").desc(nulls_last=True), "-pk"]),
        (["state", "-pk"], ["state", "-pk"]),
    ],
)
def test_the_key_runs_in_the_direction_of_the_column_before_it(order, ends):
    assert list(in_unique_order(Mail.objects.order_by(*order)).query.order_by) == ends


def test_a_list_without_an_order_of_its_own_keeps_that_of_its_model():
    assert in_unique_order(Run.objects.all()).query.order_by == ()
    assert list(in_unique_order(Sector.objects.all()).query.order_by) == ["position", "name", "pk"]


@pytest.mark.django_db
def test_a_union_of_tables_is_in_the_order_of_all_that_it_selects():
    kinds = [
        model.objects.values("pk", "name").annotate(kind=Value(kind)).order_by()
        for kind, model in enumerate([Sector, RoleGroup])
    ]
    rows = in_unique_order(kinds[0].union(kinds[1], all=True).order_by("-name"))
    assert rows.query.order_by == ("-name", "pk", "kind")
    assert list(rows) == sorted(
        sorted(rows, key=lambda row: (row["pk"], row["kind"])),
        key=lambda row: row["name"],
        reverse=True,
    )


@pytest.mark.django_db
def test_what_a_search_found_in_the_order_of_a_column_has_its_key():
    images = get_image_model().objects.order_by("-title")
    found = get_search_backend().search("x", images, order_by_relevance=False)
    assert in_unique_order(found).query_compiler.queryset.query.order_by == ("-title", "-pk")
    assert list(in_unique_order(found)) == list(found) == []
    relevant = get_search_backend().search("x", images)
    assert in_unique_order(relevant) is relevant


def test_choosers_are_divided_like_lists():
    assert issubclass(BaseChooseView.paginator_class, UniqueOrder)


def test_groups_stay_what_they_are_grouped_by():
    counted = Mail.objects.order_by("state").values("state").annotate(many=Count("pk"))
    assert in_unique_order(counted) is counted


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "column"),
    [(Booking, "run_id"), (Booking, "person_id"), (Booking, "agency_id"), (Mail, "to")],
)
def test_no_index_repeats_the_first_column_of_another(model, column):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table).values()
    indexed = [each["columns"] for each in found if each["index"]]
    assert [column] not in indexed
    assert column in [columns[0] for columns in indexed if columns]
