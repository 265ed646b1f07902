"""Test of every job: one bad row keeps no other row waiting."""

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from agencies.models import Board
from assurance import failed_jobs
from courses.models import Run
from lms import jobs
from lms.models import FilesCheck, JobFailure, Mail
from tests.factories import BookingFactory, CourseElsewhereFactory, CoursePageFactory, in_days
from tests.jobs.cases import CASES, NO_ROWS, REFUSED
from tests.lms import tasks

pytestmark = pytest.mark.django_db
ALL = [*settings.LMS_PERIODIC_JOBS, *settings.LMS_NIGHTLY_JOBS]
TRY_AGAIN = "lms.jobs.nightly.try_again"


def run(path):
    """Run the job as the worker does, until there is nothing left to do."""
    for _ in range(20):
        if not jobs.run(path):
            return
    raise AssertionError(f"{path} always has more to do")


def run_later(path):
    """Run the job as later rounds do: a nightly one by the job that retries those that failed."""
    run(TRY_AGAIN if path in settings.LMS_NIGHTLY_JOBS else path)


def failures(path):
    return JobFailure.objects.filter(job=path)


def test_every_job_says_how_one_of_its_rows_can_be_bad():
    assert set(ALL) == CASES.keys() | NO_ROWS.keys()
    for why, test in NO_ROWS.values():
        assert why
        assert test in globals()


@pytest.mark.parametrize(
    ("path", "make"),
    [(path, make) for path in ALL for make in CASES.get(path, ())],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)
def test_a_bad_row_keeps_nobody_else_waiting(path, make, client, office):
    case = make()
    bad, *others = case.rows
    with time_machine.travel(case.moment, tick=False) as clock:
        run(path)
        assert [case.is_done(row) for row in case.rows] == [False, True, True]
        failure = failures(path).get()

        client.force_login(office)
        this_week = " ".join(client.get("/cms/").content.decode().split())
        shown = failed_jobs.in_words([failure], office)[0]
        assert case.office_reads in shown.about.words
        for words in (shown.about.words, shown.doing, "We’ll try again"):
            assert words in this_week
        assert shown.doing != path

        run_later(path)
        assert failures(path).get().tries == failure.tries  # not before its pause is over
        clock.shift(dt.timedelta(seconds=61) if failure.tries == 1 else dt.timedelta(minutes=6))
        run_later(path)
        again = failures(path).get()
        assert again.tries == failure.tries + 1
        assert again.next_try_at - timezone.now() > failure.next_try_at - failure.last_failed_at
        assert [case.is_done(row) for row in others] == [True, True]

        case.mend()
        clock.shift(dt.timedelta(minutes=16))
        run_later(path)
        assert [case.is_done(row) for row in case.rows] == [True] * 3
        assert not failures(path).exists()


def fails():
    raise LookupError("jo@example.org is nowhere")


def succeeds():
    tasks.done.append("checked")


def test_a_nightly_job_that_fails_each_time_keeps_no_other_from_being_tried_again(settings):
    tasks.done.clear()
    here = "tests.jobs.test_bad_rows"
    settings.LMS_NIGHTLY_JOBS = [f"{here}.fails", f"{here}.succeeds"]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for path in settings.LMS_NIGHTLY_JOBS:
            jobs._record(path, ValueError())
        clock.shift(dt.timedelta(seconds=61))
        run(TRY_AGAIN)
        assert tasks.done == ["checked"]
        assert failures(f"{here}.fails").get().tries == 2
        assert not failures(f"{here}.succeeds").exists()


def test_a_check_that_fails_as_a_whole_is_shown_and_run_again_alone(client, office):
    Run.objects.filter(pk=BookingFactory().run_id).update(taken=3)
    fails_while_the_office_has_a_wrong_address(
        "courses.booking.nightly_checks.check_counters", client
    )
    assert Mail.objects.get().template == "runs_miscounted"


def test_a_reminder_to_the_office_that_fails_is_shown_and_run_again_alone(client, office):
    fails_while_the_office_has_a_wrong_address("agencies.concern_contacts.remind_office", client)
    assert Mail.objects.get().template == "check_phone_numbers"


def test_a_check_of_files_that_fails_is_shown_and_run_again_alone(client, office, monkeypatch):
    path = "lms.storage.strays.check_files"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as patch:
            patch.setattr("lms.storage.strays.find", fails)
            run(path)
        assert failures(path).get().about_type == ""
        assert "Compare the stored files" in client.get("/cms/").content.decode()
        clock.shift(dt.timedelta(seconds=61))
        run(TRY_AGAIN)
    assert not JobFailure.objects.exists()
    assert FilesCheck.objects.exists()


def test_a_reminder_of_links_that_fails_is_shown_and_run_again_alone(client, office):
    course = CourseElsewhereFactory(link_checked_on=in_days(-200).date())
    CoursePageFactory(course=course)
    path = "courses.catalogue.provider_links.remind_office"
    fails_while_the_office_has_a_wrong_address(path, client)
    assert Mail.objects.get().template == "check_provider_links"


def fails_while_the_office_has_a_wrong_address(path, client):
    Board.load()
    Board.objects.update(email=REFUSED)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        run(path)
        assert failures(path).get().about_type == ""
        assert "Everything of this kind is waiting" in client.get("/cms/").content.decode()
        Board.objects.update(email="training@board.example.org")
        clock.shift(dt.timedelta(seconds=61))
        run(TRY_AGAIN)
    assert not JobFailure.objects.exists()
