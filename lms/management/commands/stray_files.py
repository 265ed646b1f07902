"""Name stored files that no record names: `manage.py stray_files`, and `--delete` them."""

from django.core.management.base import BaseCommand, CommandError

from lms.formatting import many
from lms.storage import strays
from lms.storage.content_store import Unavailable


class Command(BaseCommand):
    help = (
        "Names the stored files, older than a day, that no record names, and the records whose "
        "file is missing. Deletes the former with --delete, and nothing without it."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--delete", action="store_true", help="Delete the files that no record names."
        )

    def handle(self, *, delete, **options):
        try:
            found = strays.find()
            for alias, name in found.missing:
                self.stdout.write(f"Missing: {alias}/{name}")
            for each in found.strays:
                self.stdout.write(f"No record: {each.alias}/{each.name} ({each.size:,} bytes)")
            self.stdout.write(
                f"{many(len(found.strays), 'file')} without a record "
                f"({found.stray_bytes:,} bytes), "
                f"{many(len(found.missing), 'record')} without a file."
            )
            if delete:
                self.stdout.write(f"Deleted: {many(strays.delete(found.strays), 'file')}.")
            strays.check_files()
        except Unavailable as away:
            raise CommandError(f"{away} Run this again when the store answers.") from None
