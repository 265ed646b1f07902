"""Run things beside a test: many threads at once, or the site as it is served."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, connections, transaction

from lms.management.as_one import die_with_parent
from tests.clock import SharedClock
from tests.databases import ROOT


def at_once(many, do):
    """Return what `do(0)`, `do(1)`, ... return, in threads that are let go at the same moment.

    An exception stands in the place of an answer. Needs committed data: the fixture `own_database`.
    """
    gate = threading.Barrier(many)

    def run(number):
        try:
            gate.wait(60)
            return do(number)
        except Exception as raised:
            return raised
        finally:
            connections.close_all()

    with ThreadPoolExecutor(many) as threads:
        return list(threads.map(run, range(many)))


def while_locked(lock, first, then):
    """Return what `then` does, which asks for a lock while `lock` has it, and has it after `first`.

    Needs committed data: the fixture `own_database`.
    """
    asks = threading.Event()

    def announce(execute, sql, *args):
        if sql.startswith("BEGIN") or "FOR UPDATE" in sql or "FOR NO KEY UPDATE" in sql:
            asks.set()
        return execute(sql, *args)

    def announced():
        try:
            with connection.execute_wrapper(announce):
                return then()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            lock()
            waits = thread.submit(announced)
            assert asks.wait(30), "It did not ask for the lock."
            first()
        return waits.result(30)


def wait_until(true, seconds=180):
    """Wait for what another process is to bring about in the database."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "It did not come true."
        time.sleep(0.02)


class ServedSite:
    """The site under gunicorn (2 processes, 4 threads each) on a database that the test shares."""

    def __init__(self, database_url, data_folder, *, threads=4, **environment):
        self.threads = str(threads)
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(256)
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.content_listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.content_listener.bind(("127.0.0.1", 0))
        self.content_listener.listen(256)
        # A host of its own, as in production: a port alone shares cookies.
        self.content_origin = f"http://modules.localhost:{self.content_listener.getsockname()[1]}"
        self.log = (data_folder / "served-site.log").open("a+")
        self.web, self.processes = None, []
        clock_file = data_folder / f"clock-{self.listener.getsockname()[1]}"
        self.clock = SharedClock(clock_file)
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "lms.settings.test",
            "DATABASE_URL": database_url,
            "DATA_DIR": str(data_folder),
            "LMS_TEST_CLOCK_FILE": str(clock_file),
            "SITE_URL": self.address,
            "CONTENT_ORIGIN": self.content_origin,
            "CACHE_URL": "dbcache://cache",
            "WHITENOISE_AUTOREFRESH": "false",
        }
        self.environment |= environment

    def start(self):
        """Start the site unless it stands already, and wait until it answers."""
        if not self.stands():
            bind = f"fd://{self.listener.fileno()}"
            options = [
                "--workers",
                "2",
                "--threads",
                self.threads,
                "--preload",
                "--log-level",
                "warning",
            ]
            self.web = self._run(["-m", "gunicorn", "lms.wsgi", "--bind", bind, *options])
        self.wait_until_healthy()

    @contextmanager
    def serving(self):
        """Serve the site within the block."""
        try:
            self.start()
            yield self
        finally:
            self.stop()

    def stands(self):
        return self.web is not None and self.web.poll() is None

    def renew(self):
        """Ready for another database: whatever knows the old one is gone, as after a restart.

        gunicorn forks its two processes anew, from what it loaded before it had any database.
        """
        workers = (process for process in self.processes if process is not self.web)
        self._end(*workers, by=signal.SIGKILL)
        old = self.web_processes() if self.stands() else []
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}").exists() for pid in old):
            time.sleep(0.01)

    def web_processes(self):
        """Return the process ids of gunicorn's workers."""
        master = self.web.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [int(pid) for pid in children.split()]

    def wait_until_healthy(self, seconds=180):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.web.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=seconds) as answer:
                    assert answer.status == 200
                    return
            except ConnectionError:
                time.sleep(0.1)
        raise AssertionError(f"The site did not start:\n{self.said()}")

    @contextmanager
    def content_host(self):
        """Serve packages within the block, on a listener of their own: `content_origin`."""
        bind = f"fd://{self.content_listener.fileno()}"
        options = ["--workers", "1", "--threads", "8", "--log-level", "warning"]
        process = self._run(["-m", "gunicorn", "lms.content_wsgi", "--bind", bind, *options])
        try:
            yield
        finally:
            # Not by a kill, which would leave the process that it forked.
            self._end(process, by=signal.SIGTERM)

    def worker(self, *arguments, **environment):
        """Start a worker beside the site; it ends with the test, or is killed by its pid."""
        return self._run(["manage.py", "worker", *arguments], **environment)

    def url(self, path):
        return self.address + path

    def said(self):
        """Return what the processes wrote so far."""
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def _run(self, arguments, **environment):
        parent = os.getpid()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            pass_fds=[self.listener.fileno(), self.content_listener.fileno()],
            preexec_fn=lambda: die_with_parent(parent),
        )
        self.processes.append(process)
        return process

    def stop(self):
        self._end(*self.processes, by=signal.SIGTERM)
        self.listener.close()
        self.content_listener.close()
        self.log.close()

    def _end(self, *processes, by):
        for process in processes:
            self.processes.remove(process)
            process.send_signal(by)
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


PRIVATE = ("certificates", "editions", "evidence", "materials", "packages")


def storages_in(folder):
    """Return the settings that put what is uploaded or issued into this folder."""
    return {
        "DATA_DIR": folder,
        "MEDIA_ROOT": folder / "media",
        "STORAGES": settings.STORAGES | {name: storage_in(folder, name) for name in PRIVATE},
    }


def storage_in(folder, name):
    storage = settings.STORAGES[name]
    return storage | {"OPTIONS": storage["OPTIONS"] | {"location": folder / name}}
