"""Tests of an idle worker's queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lms.jobs import worker
from lms.models import Mail, WorkerBeat
from tests.factories import MailFactory
from tests.plans import scans_of

SENT = 20_000
# Partial indexes on waiting mail only.
WAITING = ("mail_waiting", "mail_waiting_for")


def new_worker():
    return worker.Worker(
        queue_names=["default"], interval=0, batch=False, backend_name="default",
        startup_delay=False, max_tasks=None, worker_id="worker", excluded_queue_names=[],
    )  # fmt: skip


def idle_round():
    """Return the SQL of an idle round, including its periodic checks."""
    at_work = new_worker()
    while at_work._round():
        pass
    at_work.recovers_at = 0
    with CaptureQueriesContext(connection) as asked:
        assert not at_work._round()
    return [each["sql"] for each in asked.captured_queries]


@pytest.mark.django_db
def test_an_idle_round_reads_and_never_writes():
    assert {statement.split()[0] for statement in idle_round()} == {"SELECT"}


@pytest.fixture
def large_outbox(db):
    """Fill the outbox with much sent mail and a little that is due tomorrow."""
    now = timezone.now()
    Mail.objects.bulk_create(
        MailFactory.build_batch(SENT, state="sent", sent_at=now)
        + MailFactory.build_batch(100, due_at=now + timedelta(days=1))
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_an_idle_round_reads_none_of_the_mails_that_were_sent(large_outbox):
    asked = [statement for statement in idle_round() if "lms_mail" in statement]

    assert len(asked) >= 3, "due mail, mail of this worker, mail of dead ones"
    assert [scans_of(statement, small=WAITING) for statement in asked] == [[]] * len(asked)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite keeps no plan")
def test_nor_does_the_plan_that_postgresql_keeps_for_what_is_asked_again_and_again(large_outbox):
    idle_round()  # runs nightly and periodic jobs first
    before = walks_through_the_outbox()
    for _ in range(12):
        idle_round()
    assert walks_through_the_outbox() == before


def walks_through_the_outbox():
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'lms_mail'")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_a_plan_that_walks_through_the_outbox_is_seen():
    """Control: an older statement, which did not restrict claims to queued mail."""
    Mail.objects.bulk_create(MailFactory.build_batch(1000, state="sent"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert scans_of("UPDATE lms_mail SET claimed_by = '' WHERE claimed_by = 'worker'")


def test_what_a_round_lost_with_its_database_is_taken_up_at_the_next(own_database, mailoutbox):
    at_work, letter = new_worker(), MailFactory()
    while at_work._round():
        pass
    letter = MailFactory()
    Mail.objects.claim(letter, "worker")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE lms_chore RENAME TO away")
        assert not at_work._round()
        cursor.execute("ALTER TABLE away RENAME TO lms_chore")

    at_work._round()

    assert letter.subject in [message.subject for message in mailoutbox]


def test_a_beat_of_a_dead_worker_is_forgotten(db):
    worker.beat("dead")
    WorkerBeat.objects.update(beat_at=timezone.now() - worker.DEAD_AFTER)
    worker.requeue_orphaned()
    assert not WorkerBeat.objects.exists()
