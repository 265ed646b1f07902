"""Start a worker that sends the mail and runs the tasks: `manage.py worker`."""

import logging

from django.core.management.base import BaseCommand
from django.utils.crypto import get_random_string

from lms.jobs.worker import Worker, beating
from lms.management.starting import refuse_to_start


class Command(BaseCommand):
    help = "Sends mail, runs tasks and asks for the nightly checks, until it is stopped."

    def add_arguments(self, parser):
        parser.add_argument(
            "--batch",
            action="store_true",
            help="Send what is due, run what is ready, and stop. Leaves the nightly checks alone.",
        )
        parser.add_argument(
            "--interval", type=float, default=1, help="Seconds to wait when there is nothing to do."
        )

    def handle(self, *, batch, interval, **options):
        if not batch:
            refuse_to_start()
        # Log failures only, not each poll of the queue.
        logging.getLogger("django_tasks").setLevel(logging.WARNING)
        worker = Worker(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )
        if not batch:
            worker.configure_signals()
        with beating(worker.worker_id, from_a_thread=not batch):
            worker.run()
