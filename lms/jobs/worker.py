"""Run the worker: send mail, run periodic jobs and tasks, requeue the claims of dead workers."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks_db.compat import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from lms import jobs
from lms.jobs import nightly, periodic
from lms.jobs.clock import database_now
from lms.jobs.renamed import current_path
from lms.mail import holding, outbox
from lms.models import Mail, PeriodicJob, WorkerBeat

logger = logging.getLogger(__name__)

BEATS_EVERY = timedelta(seconds=10)
DEAD_AFTER = timedelta(seconds=60)
# Pauses before successive retries of a failed task; after the last it stays failed.
PAUSES = [timedelta(minutes=m) for m in (1, 5, 30, 120)]
SERVER_PAUSES = [timedelta(seconds=s) for s in (5, 15, 60, 300)]
# Seconds between checks for dead workers, failed tasks and the nightly run. Due mail, periodic
# jobs and tasks are checked in each round.
RECOVERS_EVERY = 5.0


def beat(worker_id: str) -> None:
    now = database_now()
    WorkerBeat.objects.update_or_create(worker_id=worker_id, defaults={"beat_at": now})


@contextmanager
def beating(worker_id: str, *, from_a_thread: bool = True) -> Iterator[None]:
    """Keep the worker's heartbeat until the block ends.

    Without a thread, the worker must call `beat` itself between its jobs.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_keep_beating, args=(worker_id, stop), daemon=True)
    beat(worker_id)
    if from_a_thread:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if from_a_thread:
            thread.join(5)
        WorkerBeat.objects.filter(worker_id=worker_id).delete()


def _keep_beating(worker_id: str, stop: threading.Event) -> None:
    while not stop.wait(BEATS_EVERY.total_seconds()):
        try:
            beat(worker_id)
        except DatabaseError:
            logger.exception("Could not say that the worker is alive")
        finally:
            connection.close()


@jobs.in_words("Take up again what a worker that died had in hand")
def requeue_orphaned() -> None:
    """Requeue mail, periodic jobs and tasks claimed by workers without a heartbeat for 60 s.

    A requeued task counts as an attempt. Reads first, so takes no write lock when no worker has
    died. Idempotent.
    """
    silent = database_now() - DEAD_AFTER
    dead = WorkerBeat.objects.filter(beat_at__lt=silent)
    if dead.exists():
        dead.delete()
    alive = set(WorkerBeat.objects.values_list("worker_id", flat=True))
    release_claims(Q(claimed_at__lt=silent) & ~Q(claimed_by__in=alive))
    running = DBTaskResult.objects.running()
    _each(requeue_orphaned, running, lambda tasks: _put_back(tasks[0], alive))


def release_claims(held: Q) -> None:
    """Requeue the mail and the periodic jobs whose claim matches `held`."""
    for kind in (Mail, PeriodicJob):
        claimed = kind.objects.claimed().filter(held)
        if claimed.exists():
            claimed.update(claimed_by="")


def _put_back(task: DBTaskResult, alive: set[str]) -> None:
    if task.worker_ids[-1:] and task.worker_ids[-1] in alive:
        return
    if len(task.worker_ids) <= len(PAUSES):
        _try_again(task, timezone.now())
    else:
        task.set_failed(RuntimeError("Its worker died each time that it was tried."))


@jobs.in_words("Try again a task that failed")
def retry_failed() -> None:
    """Requeue failed tasks for up to four more attempts, after growing pauses."""
    lately = timezone.now() - timedelta(days=1)
    failed = DBTaskResult.objects.failed().filter(finished_at__gt=lately)
    _each(retry_failed, failed, lambda tasks: _retry(tasks[0]))


def _retry(task: DBTaskResult) -> None:
    tries = len(task.worker_ids)
    if tries <= len(PAUSES) and task.finished_at:
        _try_again(task, task.finished_at + PAUSES[tries - 1])


def _each(
    job: Callable[[], None],
    tasks: Iterable[DBTaskResult],
    do: Callable[[list[DBTaskResult]], object],
) -> None:
    """Call `do` with each task; a malformed row does not hold up the others."""
    this, tasks = jobs.Round(job), list(tasks)
    paused = this.paused() if tasks else set()
    for task in tasks:
        if jobs.about_of(task) not in paused:
            this.work([task], do)
    this.finish()


def _try_again(task: DBTaskResult, moment: datetime) -> None:
    """Requeue a task unless another worker has changed it since it was read."""
    DBTaskResult.objects.filter(pk=task.pk, status=task.status, started_at=task.started_at).update(
        status=TaskResultStatus.READY, run_after=moment, finished_at=None
    )


class Worker(TaskWorker):
    """Worker that runs tasks and, between them, sends mail and runs periodic and nightly jobs."""

    mail_waits_until = 0.0
    server_failures = 0
    recovers_at = 0.0

    def configure_signals(self) -> None:
        """Stop after the job in hand on a signal; keep ignoring Ctrl+C under a supervisor."""
        for number in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.shutdown)

    def run(self) -> None:
        """Run rounds until told to stop; in batch mode, until nothing is due."""
        while self.running:
            if not self.batch:
                close_old_connections()
            self.running_task = True
            worked = self._round()
            self.running_task = False
            if self.batch and not worked:
                return
            if self.running and not worked:
                time.sleep(self.interval)

    def _round(self) -> bool:
        """Run one round; return whether there was work. Waits out a database that is down."""
        try:
            if self.batch:
                beat(self.worker_id)
            if time.monotonic() >= self.recovers_at:
                self._recover()
            # At most one periodic job and one task before mail is sent again, so none waits long.
            worked = self._send_mail()
            if self.running and not self.batch and not holding.current():
                worked |= periodic.run_next(self.worker_id)
            return self._run_next_task() or worked
        except DatabaseError:
            if self.batch:
                raise
            logger.exception("The database did not answer; trying again")
            self.recovers_at = 0.0
            return False

    def _recover(self) -> None:
        """Recover claims and failed tasks, and enqueue the nightly run if it is due."""
        # Between rounds this worker holds no work: a claim still in its name was lost to an error.
        release_claims(Q(claimed_by=self.worker_id))
        requeue_orphaned()
        retry_failed()
        if not self.batch and not holding.current():
            nightly.ask_if_due()
        self.recovers_at = time.monotonic() + RECOVERS_EVERY

    def _send_mail(self) -> bool:
        if time.monotonic() < self.mail_waits_until:
            return False
        done = outbox.deliver_due(worker=self.worker_id, go_on=lambda: self.running)
        if done.server_down:
            pause = SERVER_PAUSES[min(self.server_failures, len(SERVER_PAUSES) - 1)]
            self.server_failures += 1
            self.mail_waits_until = time.monotonic() + pause.total_seconds()
            logger.warning("Mail waits %s: %s", pause, done.server_down)
        else:
            self.server_failures = 0
        return bool(done.sent or done.failed or done.later)

    def _run_next_task(self) -> bool:
        tasks = DBTaskResult.objects.ready().filter(backend_name=self.backend_name)
        if not self.running or not tasks.exists():
            return False
        with exclusive_transaction(tasks.db):
            task = tasks.get_locked()
            is_ours = task is not None and self._claims(task)
        if is_ours:
            self.run_task(task)
        return task is not None

    def _claims(self, task: DBTaskResult) -> bool:
        """Claim a task; fail one that cannot be claimed, so that it does not block the queue."""
        try:
            with transaction.atomic():
                task.task_path = current_path(task.task_path)
                task.save(update_fields=["task_path"])
                task.claim(self.worker_id)
        except jobs.DATABASE_IS_AWAY:
            raise
        except Exception as error:
            logger.exception("Task %s cannot be claimed", task.pk)
            task.set_failed(error)
            return False
        return True
