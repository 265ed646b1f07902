"""Tests that queued mail, jobs and tasks are done whatever happens to workers."""

import signal
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection  # noqa: F401  conditions of skipif
from django.db.models import JSONField, Value
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lms.jobs import nightly, periodic, worker
from lms.jobs.clock import database_now
from lms.models import JobFailure, Mail, NightlyRun, PeriodicJob, WorkerBeat
from lms.privacy.general import FinishedTasks
from privacy import erasing
from tests.factories import MailFactory
from tests.lms import tasks
from tests.servers import ServedSite, at_once, wait_until
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_done():
    tasks.done.clear()


def work():
    call_command("worker", batch=True)


def test_it_sends_what_is_due_and_runs_what_is_ready(mailoutbox):
    mail = MailFactory()
    tasks.note.enqueue("one")

    work()

    assert [message.subject for message in mailoutbox] == [mail.subject]
    assert tasks.done == ["one"]
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"
    assert not WorkerBeat.objects.exists()


def test_a_task_that_fails_is_tried_again_after_growing_pauses():
    tasks.fail.enqueue()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        work()
        for pause in worker.PAUSES:
            clock.shift(pause - timedelta(seconds=1))
            work()
            before = len(DBTaskResult.objects.get().worker_ids)
            clock.shift(1)
            work()
            assert len(DBTaskResult.objects.get().worker_ids) == before + 1
        clock.shift(timedelta(hours=3))
        work()

    task = DBTaskResult.objects.get()
    assert (task.status, len(task.worker_ids)) == ("FAILED", 5)
    assert "not today" in task.traceback


def hold(worker_id):
    """Let a worker claim a task and a mail, and send no heartbeat."""
    tasks.note.enqueue("held")
    DBTaskResult.objects.get().claim(worker_id)
    assert Mail.objects.claim(MailFactory(), worker_id)


def test_what_a_dead_worker_had_in_hand_is_done_by_another(mailoutbox):
    worker.beat("dead")
    hold("dead")

    with time_machine.travel(timezone.now() + timedelta(seconds=50)):
        work()
    assert (tasks.done, len(mailoutbox)) == ([], 0)

    with time_machine.travel(timezone.now() + timedelta(seconds=70)):
        work()
    assert (tasks.done, len(mailoutbox)) == (["held"], 1)


def test_what_a_slow_worker_has_in_hand_stays_with_it(mailoutbox):
    worker.beat("slow")
    hold("slow")

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        worker.beat("slow")
        work()

    assert (tasks.done, len(mailoutbox)) == ([], 0)


def test_a_task_that_kills_its_workers_is_given_up():
    tasks.note.enqueue("deadly")
    for number in range(5):
        DBTaskResult.objects.get().claim(f"dead {number}")
        worker.requeue_orphaned()

    task = DBTaskResult.objects.get()
    assert (task.status, len(task.worker_ids)) == ("FAILED", 5)
    assert "worker died" in task.traceback


@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        ("2026-03-28T02:29+00:00", False),
        ("2026-03-28T02:30+00:00", True),
        ("2026-07-01T01:29+00:00", False),  # 02:29 in London
        ("2026-07-01T01:30+00:00", True),
        ("2026-07-01T18:00+00:00", True),
    ],
)
def test_the_night_begins_at_half_past_two_in_london(moment, asked):
    with time_machine.travel(datetime.fromisoformat(moment)):
        assert nightly.ask_if_due() is asked
        assert not nightly.ask_if_due()

    assert NightlyRun.objects.count() == DBTaskResult.objects.count() == asked


def test_every_day_has_its_night_even_when_the_clocks_change():
    with time_machine.travel(datetime.fromisoformat("2026-03-27T12:00+00:00")) as clock:
        for _ in range(24 * 4):
            nightly.ask_if_due()
            clock.shift(timedelta(hours=1))

    assert list(NightlyRun.objects.order_by("day").values_list("day", flat=True)) == [
        datetime(2026, 3, day).date() for day in (27, 28, 29, 30, 31)
    ]


def note_the_night():
    tasks.done.append("checked")


def test_a_check_that_fails_keeps_no_other_from_running_and_is_run_again_alone(settings, caplog):
    settings.LMS_NIGHTLY_JOBS = ["tests.lms.nowhere", "tests.lms.test_worker.note_the_night"]

    with time_machine.travel(timezone.now(), tick=False) as clock:
        nightly.run_checks.enqueue()
        work()
        assert tasks.done == ["checked"]
        assert "tests.lms.nowhere failed" in caplog.text
        assert JobFailure.objects.get().job == "tests.lms.nowhere"

        clock.shift(timedelta(hours=1))
        work()
        nightly.try_again()
    assert tasks.done == ["checked"]
    assert JobFailure.objects.get().tries == 2


@pytest.mark.parametrize("damage", [Value(None, JSONField()), 5], ids=["null", "a number"])
def test_a_task_whose_row_is_damaged_keeps_no_other_task_waiting(damage):
    for word in ("damaged", "fine"):
        tasks.note.enqueue(word)
    first, second = DBTaskResult.objects.order_by("enqueued_at")
    bad, good = (DBTaskResult.objects.filter(pk=task.pk) for task in (first, second))

    bad.update(worker_ids=damage)
    work()
    assert tasks.done == ["fine"]
    assert (bad.get().status, good.get().status) == ("FAILED", "SUCCESSFUL")

    bad.update(status="RUNNING")
    good.update(status="RUNNING", worker_ids=["dead"])
    worker.requeue_orphaned()
    assert good.get().status == "READY"
    assert JobFailure.objects.get(job="lms.jobs.worker.requeue_orphaned").about_id == first.pk.hex

    bad.update(status="FAILED")
    good.update(status="FAILED", finished_at=timezone.now())
    worker.retry_failed()
    assert good.get().status == "READY"
    assert JobFailure.objects.get(job="lms.jobs.worker.retry_failed").about_id == first.pk.hex


def brief_job():
    tasks.done.append("seen to")


def long_job():
    tasks.done.append("a part")
    return tasks.done.count("a part") < 3


JOB = "tests.lms.test_worker.brief_job"


def run_jobs(minutes=1):
    """Run periodic jobs as one worker does, looking once a second."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(minutes * 60):
            periodic.run_next("worker")
            clock.shift(1)


def test_a_job_is_run_once_a_minute(settings):
    settings.LMS_PERIODIC_JOBS = [JOB]
    run_jobs(minutes=5)
    assert tasks.done == ["seen to"] * 5


def test_a_job_that_fails_is_logged_and_keeps_no_other_away(settings, caplog):
    settings.LMS_PERIODIC_JOBS = ["tests.lms.nowhere", JOB]
    run_jobs(minutes=2)
    assert tasks.done == ["seen to"] * 2
    assert caplog.text.count("tests.lms.nowhere failed") == 2


def test_a_long_job_goes_on_behind_the_others(settings, monkeypatch):
    monkeypatch.setattr(periodic, "SPELL", 0)
    settings.LMS_PERIODIC_JOBS = ["tests.lms.test_worker.long_job", JOB]
    run_jobs()
    assert sorted(tasks.done[:2]) == ["a part", "seen to"]
    assert tasks.done[2:] == ["a part", "a part"]


def test_a_job_that_one_worker_is_at_is_no_others_until_that_one_dies(settings):
    settings.LMS_PERIODIC_JOBS = [JOB]
    worker.beat("slow")
    PeriodicJob.objects.create(path=JOB, claimed_by="slow", claimed_at=timezone.now())

    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        worker.beat("slow")
        worker.requeue_orphaned()
        assert not periodic.run_next("other")
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        worker.requeue_orphaned()
        assert periodic.run_next("other")


def test_a_job_that_is_no_longer_named_is_not_run(settings):
    settings.LMS_PERIODIC_JOBS = []
    PeriodicJob.objects.create(path=JOB)
    assert not periodic.run_next("worker")


def note_a_mail():
    """Note how many mails were sent, and write one more, to count each round's mail."""
    tasks.done.append(Mail.objects.filter(state="sent").count())
    MailFactory()
    return True


def test_mail_goes_out_between_periodic_jobs(settings, mailoutbox, monkeypatch):
    monkeypatch.setattr(periodic, "SPELL", 0)
    settings.LMS_PERIODIC_JOBS = ["tests.lms.test_worker.note_a_mail"]
    settings.LMS_NIGHTLY_JOBS = []  # One of those jobs writes a mail too.
    at_work = worker.Worker(
        queue_names=["default"], interval=0, batch=False, backend_name="default",
        startup_delay=False, max_tasks=None, worker_id="worker", excluded_queue_names=[],
    )  # fmt: skip
    for _ in range(4):
        at_work._round()
    assert tasks.done == [0, 1, 2, 3]


@pytest.mark.race
def test_of_several_workers_one_runs_a_job(own_database, settings):
    settings.LMS_PERIODIC_JOBS = [JOB]
    at_once(8, lambda number: periodic.run_next(f"worker {number}"))
    assert tasks.done == ["seen to"]


def test_tasks_that_ended_long_ago_are_forgotten():
    tasks.note.enqueue("old")
    work()
    erasing.apply(FinishedTasks())
    assert DBTaskResult.objects.exists()

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        erasing.apply(FinishedTasks())
    assert not DBTaskResult.objects.exists()


@pytest.fixture
def server():
    with MailServer(pause=0.05) as server:
        yield server


@pytest.fixture
def site(own_database, data_folder, server):
    """Yield a site of which only workers are started."""
    site = ServedSite(
        own_database,
        data_folder,
        LMS_MAIL_DELIVERY_BACKEND="lms.mail.smtp.SmtpBackend",
        EMAIL_URL=f"smtp://127.0.0.1:{server.port}",
    )
    with site.clock.followed():
        yield site
    site.stop()


def start_worker(site):
    return site.worker("--interval", "0.1")


def test_killed_in_the_middle_one_mail_at_most_goes_twice_and_none_is_lost(site, server):
    written = {mail.message_id for mail in MailFactory.create_batch(40)}
    first = start_worker(site)
    server.wait_for(lambda: len(server.delivered) >= 10)
    first.send_signal(signal.SIGKILL)
    first.wait()
    site.clock.shift(worker.DEAD_AFTER)  # Its heartbeat is stale now.

    start_worker(site)
    wait_until(lambda: not Mail.objects.exclude(state="sent").exists())

    sent = [one.message_id for one in server.delivered]
    assert set(sent) == written
    assert len(sent) <= len(written) + 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite is of one machine")
@pytest.mark.parametrize("skew", [-90, 90])
def test_the_clock_of_a_machine_lets_no_mail_go_twice(site, server, skew):
    """A worker's clock is a minute and a half slow, or fast: the database's decides who is dead."""
    server.pause = 0.2
    written = {mail.message_id for mail in MailFactory.create_batch(40)}
    site.worker("--interval", "0.1", LMS_TEST_CLOCK_SKEW=str(skew))
    server.wait_for(lambda: len(server.delivered) >= 3)
    start_worker(site)  # It looks for dead workers at once, and every 5 seconds.
    wait_until(lambda: not Mail.objects.exclude(state="sent").exists())

    sent = [one.message_id for one in server.delivered]
    assert set(sent) == written
    assert len(sent) == len(written)


def test_told_to_stop_it_ends_what_it_has_in_hand_and_nothing_is_left_claimed(site, server):
    MailFactory.create_batch(40)
    process = start_worker(site)
    server.wait_for(lambda: server.delivered)

    process.terminate()

    assert process.wait(10) == 0
    assert Mail.objects.filter(state="sent").count() == len(server.delivered) < 40
    assert not Mail.objects.exclude(claimed_by="").exists()
    assert not WorkerBeat.objects.exists()


def test_two_workers_at_once_send_nothing_twice(site, server):
    written = {mail.message_id for mail in MailFactory.create_batch(60)}
    start_worker(site)
    start_worker(site)
    wait_until(lambda: not Mail.objects.exclude(state="sent").exists())

    assert sorted(one.message_id for one in server.delivered) == sorted(written)


def test_the_server_is_asked_for_the_time_and_follows_a_test(db):
    later = timezone.now() + timedelta(days=3)
    with time_machine.travel(later, tick=False):
        assert abs(database_now() - later) < timedelta(seconds=5)
    assert abs(database_now() - timezone.now()) < timedelta(seconds=5)
