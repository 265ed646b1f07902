"""Test that every list pages through a unique order and finds its first page by index."""

import ast
import datetime as dt
import uuid

import pytest
from django.db import connection
from django.db.models import Count, F
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from django.views.generic.list import MultipleObjectMixin
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.snippets.views.snippets import ModelIndexView

from agencies.models import Person, Post, Sector
from certificates.models import Certificate
from courses.models import Booking, Run
from lms.models import Mail
from lms.paging import UniqueOrder, in_unique_order
from record.telephone import telephone
from tests.factories import AgencyFactory, MailFactory, PersonFactory, RunFactory
from tests.plans import scans_of, sorts_of
from tests.test_house import python_files

# Wagtail's views without keys: editors' actions are a union of tables with no key in common, and
# the kinds of snippet are in no table.
WITHOUT_KEYS = (LogEntriesView, ModelIndexView)
KEYS = {"pk", "id"}


def lists_below(patterns, before=""):
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            yield from lists_below(pattern.url_patterns, before + str(pattern.pattern))
            continue
        view = getattr(pattern.callback, "view_class", object)
        if issubclass(view, MultipleObjectMixin):
            yield before + str(pattern.pattern), view, pattern.callback.view_initkwargs


LISTS = {address: (view, more) for address, view, more in lists_below(get_resolver().url_patterns)}
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


def test_groups_stay_what_they_are_grouped_by():
    counted = Mail.objects.order_by("state").values("state").annotate(many=Count("pk"))
    assert in_unique_order(counted) is counted


MANY = 3000
BY_INDEX = [
    ("cms/booking/", None), ("cms/booking/", "queued_at"),
    ("cms/users/", None), ("cms/users/", "-name"),
    ("cms/certificate/", None), ("cms/certificate/", "completed_on"),
    ("cms/job/", None), ("cms/job/", "starts_on"),
    ("cms/outbox/", None),
]  # fmt: skip
# SQLite starts with another table and sorts what it found.
ON_POSTGRESQL = [("cms/booking/", "person__name"), ("cms/booking/", "-person__name")]


@pytest.fixture
def records(db):
    """Create thousands of people with a job, a booking, a certificate and a mail; most tie."""
    run, agency, now = RunFactory(places=None), AgencyFactory(), timezone.now()
    people = Person.objects.bulk_create(
        Person(name=f"Reader {n % 500}", email=f"reader{n}@example.org", password="!")
        for n in range(MANY)
    )
    Post.objects.bulk_create(
        Post(person=each, agency=agency, title="Nurse", starts_on=day(n))
        for n, each in enumerate(people)
    )
    Booking.objects.bulk_create(
        Booking(
            run=run, person=each, agency=agency, state="waiting",
            queued_at=now - dt.timedelta(minutes=n % 1000),
        )
        for n, each in enumerate(people)
    )  # fmt: skip
    Certificate.objects.bulk_create(
        Certificate(
            number=f"SCB-2026-{n:05}", code=f"{n:016}", award=uuid.uuid4(), holder=each,
            name=each.name, title="Supervision", hours=6, completed_on=day(n), size=1,
        )
        for n, each in enumerate(people)
    )  # fmt: skip
    Mail.objects.bulk_create(
        MailFactory.build(to=each.email, state="sent", sent_at=now) for each in people
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def day(number):
    return dt.date(2026, 1, 1) - dt.timedelta(days=number % 700)


def test_rows_that_tie_are_each_on_one_page(records, office):
    paginator = paginator_of(opened("cms/booking/", office, "state"))
    seen = [booking.pk for number in paginator.page_range for booking in paginator.page(number)]
    assert sorted(seen) == sorted(Booking.objects.values_list("pk", flat=True))


OF_RECORDS = ["cms/booking/", "cms/certificate/", "cms/job/", "cms/outbox/", "cms/users/"]


@pytest.mark.parametrize("address", OF_RECORDS)
def test_walking_through_thousands_of_tied_rows_meets_each_once(records, office, address):
    for ordering in [None, *opened(address, office).get_valid_orderings()]:
        paginator = paginator_of(opened(address, office, ordering), size=500)
        seen = [row.pk for number in paginator.page_range for row in paginator.page(number)]
        assert len(seen) == paginator.count >= 2000, ordering
        assert len(set(seen)) == len(seen), ordering


def test_the_first_page_of_a_long_list_is_found_by_index(records, office):
    lists = BY_INDEX + (ON_POSTGRESQL if connection.vendor == "postgresql" else [])
    first_pages = {
        (address, ordering): paginator_of(opened(address, office, ordering)).page(1).object_list
        for address, ordering in lists
    }
    assert [one for one, rows in first_pages.items() if sorts_of(statement_of(rows))] == []


def test_the_mails_of_one_person_are_found_by_index(records, office):
    person = Person.objects.get(email="reader7@example.org")
    mails = telephone.mails_of(person, viewer=office)[:20]
    assert scans_of(statement_of(mails)) == []
    assert [mail.to for mail in mails] == [person.email]


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


def statement_of(rows):
    with CaptureQueriesContext(connection) as asked:
        list(rows)
    return asked[0]["sql"]
