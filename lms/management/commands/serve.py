"""Run web server, worker and content host together: when one ends, so do the others."""

import socket
import sys

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections
from gunicorn.app.base import BaseApplication

from home.demonstration import sign_ins
from lms.backups.databases import is_unmigrated
from lms.management.as_one import SECONDS_TO_END, run_as_one
from lms.management.one_line import in_one_line
from lms.management.starting import refuse_to_start
from lms.settings.environment import Environment

env = Environment()


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
        jobs = {"web": lambda: serve_web(host, port, size), "worker": work}
        if settings.CONTENT_ORIGIN:
            jobs |= self.content_host(host)
        self.greet(host, port)
        # Processes are forked below: no connection may be shared between them.
        for each in connections.all(initialized_only=True):
            each.close()
            if hasattr(each, "close_pool"):
                each.close_pool()
        sys.exit(run_as_one(jobs))

    def prepare(self):
        if is_unmigrated():
            call_command("migrate", verbosity=0)
        if isinstance(caches["default"], BaseDatabaseCache):
            call_command("createcachetable", verbosity=0)
        if settings.LMS_DEMONSTRATION_LOGINS:
            call_command("demo", if_empty=True)

    def content_host(self, host):
        """Return the job of the content host; none, and packages are off, if its port is busy."""
        port = settings.CONTENT_PORT
        with socket.socket() as busy:
            busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                busy.bind((host, port))
            except OSError:
                self.stderr.write(
                    f"Port {port} is busy, so modules that were made elsewhere are off. Set "
                    "CONTENT_PORT to a free port."
                )
                settings.CONTENT_ORIGIN = ""
                return {}
        return {"content host": lambda: serve_content(host, port)}

    def greet(self, host, port):
        self.stdout.write(f"\nServing at http://{host}:{port}/   (Ctrl+C ends it)\n")
        if settings.LMS_DEMONSTRATION_LOGINS:
            self.stdout.write("\n".join(f"  {line}" for line in sign_ins()))
        self.stdout.flush()


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


class Content(Web):
    """gunicorn for the content host: slow readers of videos hold none of the site's threads."""

    def load(self):
        from lms.content_wsgi import application

        return application


def serve_content(host, port):
    Content(
        bind=f"{host}:{port}",
        workers=1,
        threads=8,
        graceful_timeout=SECONDS_TO_END - 4,
        loglevel="warning",
        forwarded_allow_ips=env("FORWARDED_ALLOW_IPS", default="127.0.0.1"),
    ).run()


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
