"""Copy files from a data folder into the object store: `manage.py copy_files FOLDER`."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from lms.storage import moving
from lms.storage.content_store import Unavailable


class Command(BaseCommand):
    help = "Copies the files of a DATA_DIR to where LMS_FILES_URL says; may be run again."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="The DATA_DIR that has the files.")

    def handle(self, *, folder, **options):
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        try:
            done = moving.copy_all(folder)
        except (moving.NotAsItWas, Unavailable) as stopped:
            raise CommandError(f"{stopped} Put that right and run this again.") from None
        self.stdout.write(f"Copied: {done.new} files. Already there: {done.there}.")
