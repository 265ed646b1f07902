"""Test that the first page of a long list is found by index, and that its pages repeat nobody."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Person, Post
from certificates.models import Certificate
from courses.models import Booking
from lms.models import Mail
from record.telephone import telephone
from tests.factories import AgencyFactory, MailFactory, RunFactory
from tests.plans import scans_of, sorts_of
from tests.test_lists import opened, paginator_of
from tests.worlds import world

pytestmark = pytest.mark.django_db
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


@pytest.fixture(scope="module")
def records(django_db_setup, django_db_blocker):
    """Create thousands of people with a job, a booking, a certificate and a mail; most tie."""
    with world(django_db_blocker):
        create_records()
        yield


def create_records():
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


def statement_of(rows):
    with CaptureQueriesContext(connection) as asked:
        list(rows)
    return asked[0]["sql"]
