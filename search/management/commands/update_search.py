"""Update the search index by hand."""

from django.core.management.base import BaseCommand

from search import indexer
from search.models import SearchDocument


class Command(BaseCommand):
    help = (
        "Brings what can be found up to date with what is public. The worker does so each minute."
    )

    def add_arguments(self, parser):
        parser.add_argument("--afresh", action="store_true", help="make all of it again")

    def handle(self, *, afresh, **options):
        if afresh:
            indexer.rebuild()
        else:
            indexer.sync(seconds=float("inf"))
        if options["verbosity"]:
            self.stdout.write(f"{SearchDocument.objects.count():,} things can be found.")
