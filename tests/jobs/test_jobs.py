"""Tests of how jobs record, retry and report rows that fail, and jobs that fail as a whole."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.booking import booking, expiry
from courses.models import Booking, Run
from courses.scheduling import trainers
from lms import jobs
from lms.mail import outbox
from lms.models import ActionLink, JobFailure, Mail
from protocols.editions import reviews
from protocols.models import ReviewNotice
from protocols.readers import alerts
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    RunFactory,
    VenueFactory,
    in_days,
)
from tests.jobs.cases import REFUSED, offers, wrong_address

pytestmark = pytest.mark.django_db
PATH = "courses.booking.expiry.lapse_offers"
NOON = dt.datetime(2027, 3, 3, 12, tzinfo=dt.UTC)


def lapse():
    while expiry.lapse_offers():
        pass


def failed(**facts):
    """Create the record of a failed row, as a job would."""
    long_ago = timezone.now() - dt.timedelta(hours=2)
    known = {
        "job": PATH,
        "error": "builtins.KeyError",
        "source_line": "lms/mail/outbox.py:1 in post",
    }
    moments = {"first_failed_at": long_ago, "last_failed_at": long_ago, "next_try_at": long_ago}
    return JobFailure.objects.create(**(known | moments | facts))


def test_a_bad_row_ends_up_alone_in_few_tries_and_leaves_no_mail_behind():
    made = [BookingFactory() for _ in range(50)]
    calls = []

    def write(rows):
        calls.append(len(rows))
        for row in rows:
            outbox.enqueue("offer_lapsed", to="jo@example.org", about=row, context=words(row))
            if row == made[30]:
                raise KeyError("jo@example.org")

    assert jobs.Round(PATH).work(made, write) == 49
    assert len(calls) <= 13
    assert set(Mail.objects.values_list("about_id", flat=True)) == {
        str(row.pk) for row in made if row != made[30]
    }
    assert JobFailure.objects.get().about_id == str(made[30].pk)


def test_a_job_of_which_every_row_fails_is_at_fault_itself():
    made = [Booking(pk=number) for number in range(120)]

    def never(rows):
        raise KeyError("x")

    with pytest.raises(KeyError):
        jobs.Round(PATH).work(made, never)
    assert JobFailure.objects.count() == jobs.AT_FAULT == 100


def words(row):
    names = ("name", "course", "day", "when", "where", "travel", "access", "link")
    return dict.fromkeys(names, "x")


def test_what_is_kept_of_a_failure_names_nobody_and_holds_no_link():
    made = BookingFactory(person__name="Amina Khan")

    def write(rows):
        raise ValueError("Amina Khan, amina@example.org, /offers/0123456789abcdef0123456789abcdef/")

    jobs.Round(PATH).work([made], write)
    kept = JobFailure.objects.values().get()
    assert kept["error"] == "builtins.ValueError"
    assert kept["source_line"].startswith("tests/jobs/test_jobs.py:")
    assert kept["source_line"].endswith(" in write")
    for value in map(str, kept.values()):
        assert not any(part in value for part in ("Amina", "@", "offers/"))


def test_a_database_that_is_away_is_not_a_bad_row():
    offers().mend()

    def away(execute, sql, params, many, context):
        if sql.startswith("INSERT INTO") and "history_event" in sql:
            raise OperationalError("the connection is lost")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        expiry.lapse_offers()
    assert not JobFailure.objects.exists()


@pytest.mark.parametrize("settle", ["withdraw", "delete"])
def test_a_failure_disappears_with_its_row_or_when_it_is_no_longer_due(settle):
    bad = offers().rows[0]
    wrong_address(bad.person)
    lapse()
    assert JobFailure.objects.get().about_id == str(bad.pk)
    if settle == "delete":
        ActionLink.objects.all().delete()
        Booking.objects.filter(pk=bad.pk).delete()
    else:
        Booking.objects.filter(pk=bad.pk).update(offered_until=in_days(3))
    lapse()
    assert not JobFailure.objects.exists()


def test_somebody_who_cannot_be_given_a_place_is_passed_over_and_keeps_their_turn():
    first = BookingFactory(run__places=1)
    second, third = (BookingFactory(run=first.run, state="waiting") for _ in range(2))
    mend = wrong_address(second.person)
    with time_machine.travel(timezone.now(), tick=False) as now:
        booking.withdraw(first, by=first.person)
        assert states(first, second, third) == ["withdrawn", "waiting", "confirmed"]
        run = Run.objects.get(pk=first.run_id)
        assert (run.taken, run.extra) == (1, 0)
        failure = JobFailure.objects.get()
        assert (failure.job, failure.about_id) == (booking.OFFERS_AGAIN, str(second.pk))
        mend()
        now.shift(61)
        jobs.run(booking.OFFERS_AGAIN)
        assert not JobFailure.objects.exists()  # the date is full: nothing can be tried
        Run.objects.update(places=2)
        booking.fill_free_places(Run.objects.get(), by="TEST")
    assert states(second, third) == ["confirmed", "confirmed"]


def test_who_is_given_a_place_beside_a_bad_row_has_one_mail():
    offered = offers().rows
    Booking.objects.filter(pk=offered[0].pk).update(offered_until=in_days(9))
    good, bad = (BookingFactory(run=offered[0].run, state="waiting") for _ in range(2))
    wrong_address(bad.person)
    lapse()
    assert states(*offered, good, bad) == ["offered", "lapsed", "lapsed", "confirmed", "waiting"]
    assert Mail.objects.get(to=good.person.email).template == "booking_confirmed"


def states(*bookings):
    return [Booking.objects.get(pk=each.pk).state for each in bookings]


def test_of_several_who_are_told_one_thing_a_wrong_address_keeps_nobody_from_it():
    agency = AgencyFactory()
    bad, good = (PostFactory(agency=agency, is_lead=True).person for _ in range(2))
    wrong_address(bad)
    day = timezone.localdate() + dt.timedelta(days=20)
    page = ProtocolPageFactory(owners=[agency], next_review_on=day)
    assert reviews.tell_owners() == 1
    assert ReviewNotice.objects.get().edition.page == page
    letters = Mail.objects.filter(template="protocol_review")
    assert letters.get(state=Mail.QUEUED).to == good.email
    lost = Mail.objects.undeliverable().get()
    assert lost.to == f"{bad.email},boss@example.org"
    again = outbox.resend(lost, by=good, to="amina@example.org")
    assert (again.to, again.state) == ("amina@example.org", Mail.QUEUED)
    assert not JobFailure.objects.exists()


def test_where_nobody_can_be_told_nothing_is_kept_of_it():
    with pytest.raises(outbox.AddressRefused), transaction.atomic(), outbox.batch():
        outbox.enqueue_each(
            [REFUSED, "nowhere"],
            lambda to: outbox.enqueue("offer_lapsed", to=to, context=words(None)),
        )
    assert not Mail.objects.exists()


def test_what_is_asked_before_packs_are_sent_does_not_grow_with_the_dates():
    counts = []
    with time_machine.travel(in_days(0, "10:00"), tick=False):
        for number in (1, 30):
            people = [PersonFactory() for _ in range(2)]
            for _ in range(number):
                RunFactory(venue=VenueFactory(), starts_at=in_days(1), trainers=people)
            while trainers.send_packs():
                pass
            with CaptureQueriesContext(connection) as queries:
                trainers.send_packs()
            counts.append(len(queries))
            assert not any("FOR UPDATE" in query["sql"] for query in queries)
            assert not any("SAVEPOINT" in query["sql"] for query in queries)
            asked = [query["sql"] for query in queries if "run_trainers" in query["sql"]]
            assert len([sql for sql in asked if "lms_jobfailure" not in sql.split("WHERE")[0]]) == 1
    assert counts[0] == counts[1] <= 3
    assert Mail.objects.filter(template="trainers_pack").count() == 62
    assert not JobFailure.objects.exists()


# The address for monitoring


def monitored(client):
    answer = client.get("/healthz/jobs")
    return answer.status_code, answer.content.decode()


@pytest.mark.server_errors(503)
def test_all_is_well_until_something_has_failed_for_an_hour(client):
    case = offers()
    mend = wrong_address(case.rows[1].person)
    with time_machine.travel(NOON, tick=False) as now:
        assert monitored(client) == (200, "ok")
        lapse()
        assert monitored(client) == (200, "ok")
        now.shift(dt.timedelta(minutes=59))
        lapse()
        assert monitored(client) == (200, "ok")
        now.shift(dt.timedelta(minutes=1))
        assert monitored(client) == (503, f"{PATH} since 2027-03-03T12:00Z, rows: 2")
        mend()
        case.mend()
        now.shift(dt.timedelta(minutes=30))
        lapse()
        assert monitored(client) == (200, "ok")


@pytest.mark.server_errors(503)
def test_a_job_that_fails_as_a_whole_is_named_too_and_nobody_is(client):
    person = PersonFactory(name="Amina Khan")
    failed(job="tests.nowhere")
    failed(job="tests.nowhere", about_type="agencies.person", about_id=str(person.pk))
    with CaptureQueriesContext(connection) as queries:
        status, said = monitored(client)
    assert (status, said.count("\n"), len(queries)) == (503, 0, 1)
    assert said.startswith("tests.nowhere since ") and said.endswith(", rows: 1")
    assert "Amina" not in said


@pytest.mark.server_errors(503)
def test_without_its_database_the_address_says_so(client):
    def away(*args):
        raise DatabaseError("password of the database")

    with connection.execute_wrapper(away):
        assert monitored(client) == (503, "unavailable")


# What the office reads


def jobs_that_failed(client):
    page = BeautifulSoup(client.get("/cms/").content, "html.parser")
    section = page.find("h3", string="Jobs that failed").parent
    return [" ".join(each.get_text(" ").split()) for each in section.select("li, p")], section


def test_the_office_reads_what_failed_for_whom_and_what_to_do(client, office):
    assert jobs_that_failed(client)[0] == ["Every job that runs by itself has been done."]
    run = RunFactory(course__title="Supervision", starts_at=in_days(60), places=1)
    bad = BookingFactory(
        run=run, person__name="Amina Khan", state="offered", offered_until=timezone.now()
    )
    wrong_address(bad.person)
    with time_machine.travel(NOON, tick=False):
        Run.objects.update(starts_at=NOON + dt.timedelta(days=9))
        lapse()
        client.force_login(office)
        said, section = jobs_that_failed(client)
    assert said == [
        "Amina Khan: Supervision, 12 March 2027 End an offer whose time is over, and offer the"
        " place to the next person: this first failed at 12:00pm. We cannot send email to the"
        " address of this person, or of whoever decides about the booking. Correct it. We’ll try"
        " again at 12:01pm."
    ]
    assert section.a["href"] == f"/cms/booking/inspect/{bad.pk}/"


def test_what_the_office_cannot_mend_it_passes_on(client, office):
    failed(job=PATH, about_type="courses.booking", about_id=str(BookingFactory().pk))
    failed(job="protocols.readers.alerts.send")
    said = jobs_that_failed(client)[0]
    assert "Everything of this kind is waiting." in said[0]
    assert alerts.send.in_words in said[0]
    assert "Tell whoever looks after this site, and give them this: KeyError," in said[1]
    assert "lms/mail/outbox.py:1 in post. We’ll try again in a minute." in said[1]


def test_six_are_listed_and_the_rest_counted_in_as_many_questions(client, office):
    for number in range(3):
        failed(about_type="courses.booking", about_id=str(BookingFactory().pk), step=str(number))
    client.get("/cms/")
    with CaptureQueriesContext(connection) as three:
        client.get("/cms/")
    for number in range(3, 9):
        failed(about_type="courses.booking", about_id=str(BookingFactory().pk), step=str(number))
    with CaptureQueriesContext(connection) as nine:
        said = jobs_that_failed(client)[0]
    assert len(said) == 7 and said[-1] == "3 more, once these are put right"
    assert len(nine) <= len(three) + 1  # how many more there are


def test_a_row_that_is_gone_is_still_named(client, office):
    failed(about_type="courses.booking", about_id="999999")
    assert jobs_that_failed(client)[0][0].startswith("Booking 999999")
