"""Run the web server and the worker together: when either ends, so does the other."""

import ctypes
import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import wait

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections
from gunicorn.app.base import BaseApplication

from home.demonstration import sign_ins
from lms.backups.databases import is_unmigrated
from lms.management.one_line import in_one_line
from lms.management.starting import refuse_to_start
from lms.settings.environment import Environment

env = Environment()
PR_SET_PDEATHSIG = 1
SECONDS_TO_END = 12


class Command(BaseCommand):
    help = "Serves the site and works off its tasks, until either stops or you press Ctrl+C."

    def add_arguments(self, parser):
        parser.add_argument("--host", default=env("HOST", default="127.0.0.1"))
        parser.add_argument("--port", type=int, default=env.number("PORT", default=8000, least=1))
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="First migrate and, in development, fill an empty database.",
        )

    def handle(self, *, host, port, prepare, **options):
        if prepare:
            self.prepare()
        refuse_to_start()
        size = {
            "workers": env.number("WEB_PROCESSES", default=2, least=1),
            "threads": env.number("WEB_THREADS", default=8, least=1),
        }
        self.greet(host, port)
        # Processes are forked below: no connection may be shared between them.
        for each in connections.all(initialized_only=True):
            each.close()
            if hasattr(each, "close_pool"):
                each.close_pool()
        sys.exit(run_as_one({"web": lambda: serve_web(host, port, size), "worker": work}))

    def prepare(self):
        if is_unmigrated():
            call_command("migrate", verbosity=0)
        if isinstance(caches["default"], BaseDatabaseCache):
            call_command("createcachetable", verbosity=0)
        if settings.LMS_DEMONSTRATION_LOGINS:
            call_command("demo", if_empty=True)

    def greet(self, host, port):
        self.stdout.write(f"\nServing at http://{host}:{port}/   (Ctrl+C ends it)\n")
        if settings.LMS_DEMONSTRATION_LOGINS:
            self.stdout.write("\n".join(f"  {line}" for line in sign_ins()))
        self.stdout.flush()


def run_as_one(jobs) -> int:
    """Run each job in its own process; return the exit code once all have ended.

    0 if we were asked to stop, else that of the first to end, and never 0 then: a server that
    stops by itself has failed.
    """
    fork = multiprocessing.get_context("fork")
    asked = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: asked.append(number))
    wakeup, alarm = os.pipe()
    os.set_blocking(alarm, False)
    signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)

    supervisor = os.getpid()
    processes = [
        fork.Process(target=child, args=(job, supervisor), name=name) for name, job in jobs.items()
    ]
    for process in processes:
        process.start()
    ready = wait([wakeup, *(process.sentinel for process in processes)])

    for process in processes:
        process.terminate()
    for process in processes:
        process.join(SECONDS_TO_END)
        if process.is_alive():
            process.kill()
            process.join()
    if asked:
        return 0
    first = next(process for process in processes if process.sentinel in ready)
    print(f"The {first.name} process ended by itself ({first.exitcode}).", file=sys.stderr)
    return abs(first.exitcode) or 1


def child(job, supervisor):
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ctrl+C reaches the whole process group; the supervisor alone passes it on, as SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(supervisor)
    job()


def die_with_parent(parent: int):
    """Make Linux end this process when its parent dies, even if that was killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


class Web(BaseApplication):
    """gunicorn configured by code rather than by a command line."""

    def __init__(self, **wanted):
        self.wanted = wanted
        super().__init__()

    def load_config(self):
        for name, value in self.wanted.items():
            self.cfg.set(name, value)

    def load(self):
        from lms.wsgi import application

        return application


def serve_web(host, port, size):
    Web(
        bind=f"{host}:{port}",
        **size,
        preload_app=True,
        graceful_timeout=SECONDS_TO_END - 4,
        loglevel="warning",
        forwarded_allow_ips=env("FORWARDED_ALLOW_IPS", default="127.0.0.1"),
    ).run()


def work():
    in_one_line(lambda: call_command("worker"))
