"""Test how many trainer days each agency gave."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.access import BOARD_MEMBERS
from assurance.reports import days_given
from assurance.reports.attendance import Question
from tests.factories import PersonFactory, PostFactory, RunFactory, in_days
from tests.sheets import read_csv, read_xlsx

pytestmark = pytest.mark.django_db
REPORT = "/cms/reports/days-given/"


def lent(agency, name, *, until=None):
    person = PersonFactory(name=name)
    since = in_days(-400).date()
    PostFactory(person=person, agency__name=agency, starts_on=since, ends_on=until)
    return person


def given(since=-100, until=0):
    question = Question(since=in_days(since).date(), until=in_days(until).date())
    lines = days_given.by_agency_and_trainer(question)
    return [(line.agency, line.trainer, line.dates, line.days) for line in lines]


def taught(*trainers, days=-10, hours=6, **more):
    starts_at = in_days(days)
    ends_at = starts_at + dt.timedelta(hours=hours)
    return RunFactory(starts_at=starts_at, ends_at=ends_at, trainers=trainers, **more)


def test_each_trainer_of_a_date_gives_its_days():
    ann, ben = lent("Trust", "Ann"), lent("School", "Ben")
    taught(ann, ben)
    taught(ann, hours=3, days=-20)
    RunFactory(sessions=[(in_days(-9), in_days(-9, "16:00")), (in_days(-8), in_days(-8, "16:00"))],
               trainers=[ann])  # fmt: skip
    assert given() == [("School", "Ben", 1, 1), ("Trust", "Ann", 3, Decimal("3.5"))]


def test_what_is_to_come_cancelled_or_of_another_period_is_not_counted():
    ann = lent("Trust", "Ann")
    taught(ann, days=5)
    taught(ann, cancelled_at=in_days(-12))
    taught(ann, days=-200)
    assert given() == []


def test_a_day_is_given_by_the_agency_of_that_day():
    ann = lent("Before", "Ann", until=in_days(-20).date())
    PostFactory(person=ann, agency__name="After", starts_on=in_days(-19).date())
    taught(ann, days=-30)
    taught(ann, days=-10)
    taught(PersonFactory(name="Freda"))
    assert given() == [
        ("After", "Ann", 1, 1),
        ("Before", "Ann", 1, 1),
        ("No agency", "Freda", 1, 1),
    ]


def test_agencies_are_summed_the_most_first():
    lines = [days_given.Given("A", "x", 1, Decimal(1)), days_given.Given("B", "y", 2, Decimal(2)),
             days_given.Given("A", "z", 1, Decimal("0.5"))]  # fmt: skip
    assert days_given.by_agency(lines) == [("B", 2), ("A", Decimal("1.5"))]


def test_the_office_reads_it_and_takes_it_away(client, office):
    taught(lent("=Trust", "Ann"))
    page = client.get(REPORT).content.decode()
    assert "=Trust" in page and "Ann" in page
    file = read_csv(client.get(f"{REPORT}?export=csv"))
    assert file.headings == ["Agency", "Trainer", "Dates", "Days"]
    assert file.rows == [["'=Trust", "Ann", "1", "1"]]
    assert read_xlsx(client.get(f"{REPORT}?export=xlsx")).rows == [["'=Trust", "Ann", 1, 1]]


def test_it_names_people_so_a_board_member_does_not_read_it(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[BOARD_MEMBERS]))
    assert client.get(REPORT).status_code == 302


def test_the_same_queries_for_one_and_for_three(client, office):
    taught(lent("Trust", "Ann"))
    client.get(REPORT)
    with CaptureQueriesContext(connection) as one:
        client.get(REPORT)
    taught(lent("School", "Ben"))
    taught(lent("Police", "Col"))
    with CaptureQueriesContext(connection) as three:
        client.get(REPORT)
    assert len(one) == len(three)
