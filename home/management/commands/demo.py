"""Fill an empty database with a believable board of any size, reproducibly."""

import datetime as dt

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies.models import Person
from home.demonstration.making import make


class Command(BaseCommand):
    help = "Fills an empty database with a made-up board: its agencies, people, courses and year."

    def add_arguments(self, parser):
        parser.add_argument("--people", type=int, default=420)
        parser.add_argument("--runs", type=int, default=90, help="course dates in the year")
        parser.add_argument("--bookings", type=int, default=1500)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--today", type=dt.date.fromisoformat, help="YYYY-MM-DD, if not the day that it is"
        )
        parser.add_argument("--if-empty", action="store_true", help="else do nothing, quietly")

    def handle(self, *, people, runs, bookings, seed, today, if_empty, **options):
        if not settings.LMS_DEVELOPMENT:
            raise CommandError(
                "This is not a development site: made-up people and certificates have no place"
                " among true ones."
            )
        if Person.objects.exists():
            if if_empty:
                return
            raise CommandError(
                "There are people in this database. The demonstration is only ever made in an"
                " empty one: choose another DATA_DIR."
            )
        if min(people, runs) < 1 or bookings < 0:
            raise CommandError("Ask for at least one person and one course date.")
        if options["verbosity"]:
            self.stdout.write("Making the demonstration…")
        make(
            people=people,
            runs=runs,
            bookings=bookings,
            seed=seed,
            today=today or timezone.localdate(),
        )
