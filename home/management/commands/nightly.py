"""Run the nightly checks by hand."""

from django.core.management.base import BaseCommand, CommandError

from lms.jobs import nightly


class Command(BaseCommand):
    help = "Runs all of settings.LMS_NIGHTLY_JOBS now. The worker does so each night by itself."

    def handle(self, **options):
        nightly.run_checks.call()
        if failed := sorted(set(nightly.failures().values_list("job", flat=True))):
            raise CommandError(f"These failed; the log and This week say why: {', '.join(failed)}.")
        if options["verbosity"]:
            self.stdout.write("Every nightly check was run.")
