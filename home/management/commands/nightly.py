"""How are the nightly checks run by hand?"""

from django.core.management.base import BaseCommand

from lms.nightly import run_checks


class Command(BaseCommand):
    help = "Runs every check of settings.NIGHTLY now. The worker does so each night by itself."

    def handle(self, **options):
        run_checks.call()
        if options["verbosity"]:
            self.stdout.write("Every nightly check was run.")
