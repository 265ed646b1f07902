"""Measure an idle worker's CPU beside a large outbox, and the delay of a concurrent writer.

`python -m benchmarks outbox` measures. `python -m benchmarks.outbox <seconds>` is the writer
process that it starts.
"""

import datetime as dt
import json
import os
import random
import string
import subprocess
import sys
import time
from statistics import quantiles

import django
from django.db import connection, transaction

MAILS, WAITING, FINISHED_TASKS = 200_000, 100, 2_000
# Longer than a minute, so that each of settings.LMS_PERIODIC_JOBS runs meanwhile.
SECONDS, STARTS_WITHIN, PAUSE = 65, 180, 0.02
MOST_CPU_MS, MOST_WAIT_MS = 10, 20

# Works on both databases. Parts of one long text stand for 3 kB of words that PostgreSQL cannot
# compress much. The first few mails are due tomorrow.
FILL = """
WITH RECURSIVE numbered (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbered WHERE n < %s)
INSERT INTO lms_mail (
    message_id, sender, "to", cc, subject, text, html, attachments, headers, template,
    about_type, about_id, created_at, state, due_at, claimed_by, tries, last_error,
    reached, to_is_answered, refused, sent_at
)
SELECT
    '<' || n || '@benchmark>', 'training@board.example.org',
    'reader' || (n %% 20000) || '@benchmark.example.org', '[]', 'Your place on a course, ' || n,
    substr(%s, 1 + (n * 61) %% 5000, 1000), substr(%s, 1 + (n * 97) %% 5000, 2000),
    '[]', '{}', 'booked', 'courses.booking', '' || n,
    CURRENT_TIMESTAMP, CASE WHEN n <= %s THEN 'queued' ELSE 'sent' END,
    CASE WHEN n <= %s THEN %s ELSE CURRENT_TIMESTAMP END, '', 1, '', '[]', n > %s, '{}',
    CURRENT_TIMESTAMP
FROM numbered
"""


def measure(database_url, folder):
    from tests.servers import ServedSite

    began = time.perf_counter()
    fill()
    yield (
        f"## The outbox at rest ({MAILS:,} mails of 3 kB, {WAITING} of them for tomorrow, made in"
        f" {time.perf_counter() - began:.0f} s; {FINISHED_TASKS:,} finished tasks)"
    )
    yield ""
    site = ServedSite(database_url, folder)
    try:
        alone = waits_of(writer(site))
        worker = site.worker()
        wait_for_a_beat(worker)
        yield f"- An idle worker: {spent(worker.pid)} (goal: {MOST_CPU_MS} at most together)"
        yield f"- Beside it, {waits_of(writer(site))} (goal: {MOST_WAIT_MS} at the 95th)"
        yield f"- Without it, {alone}"
    finally:
        site.stop()
    yield ""


def fill():
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    words = "".join(random.Random(1).choices(string.ascii_letters + " ", k=7_000))
    now = timezone.now()
    tomorrow = connection.ops.adapt_datetimefield_value(now + dt.timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(FILL, [MAILS, words, words, WAITING, WAITING, tomorrow, WAITING])
    DBTaskResult.objects.bulk_create(
        DBTaskResult(
            status="SUCCESSFUL",
            args_kwargs={"args": [], "kwargs": {}},
            task_path="courses.completion.awarding.award_certificates",
            backend_name="default",
            run_after=now,
            finished_at=now,
        )
        for _ in range(FINISHED_TASKS)
    )
    settle = "VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint"
    with connection.cursor() as cursor:
        cursor.execute(settle)


def wait_for_a_beat(worker):
    """Wait until the worker has started and run its periodic jobs once."""
    from lms.models import PeriodicJob, WorkerBeat

    ends = time.monotonic() + STARTS_WITHIN
    while not WorkerBeat.objects.exists() or not PeriodicJob.objects.exists():
        assert worker.poll() is None and time.monotonic() < ends, "The worker did not start."
        time.sleep(0.2)
    time.sleep(5)


def spent(pid):
    """Measure CPU per second of an idle worker and of its PostgreSQL connections."""
    processes = {"of the worker": [pid], "of PostgreSQL": backends()}
    before = {name: cpu(pids) for name, pids in processes.items()}
    time.sleep(SECONDS)
    ms = {name: (cpu(pids) - before[name]) * 1000 / SECONDS for name, pids in processes.items()}
    each = ", ".join(f"{each:.1f} {name}" for name, each in ms.items() if processes[name])
    return f"{sum(ms.values()):.1f} ms CPU a second for {SECONDS} s ({each})"


def cpu(pids):
    from benchmarks.load import cpu_of

    return sum(cpu_of(pid) for pid in pids)


def backends():
    """List PostgreSQL's client processes on this database except this one's."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


def writer(site):
    """Run the writer process; return the milliseconds that each small transaction took."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.outbox", str(SECONDS)],
        env=site.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def waits_of(ms):
    at = quantiles(ms, n=100)
    return (
        f"each of {len(ms):,} small transactions took a writer {at[49]:.1f} ms at the median,"
        f" {at[94]:.1f} at the 95th, {max(ms):.0f} at most"
    )


def write(seconds):
    """Write small transactions one after another; return the milliseconds of each."""
    import history
    from lms.models import NightlyRun

    took, ends = [], time.monotonic() + seconds
    night = NightlyRun(pk=1, day=dt.date(2000, 1, 1))
    while time.monotonic() < ends:
        began = time.perf_counter()
        with transaction.atomic():
            history.record("benchmark.tried", night, by="BENCHMARK")
        took.append(1000 * (time.perf_counter() - began))
        time.sleep(PAUSE)
    return took


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
    django.setup()
    print(json.dumps(write(float(sys.argv[1]))))
