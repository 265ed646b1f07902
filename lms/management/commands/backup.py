"""Make a backup, or check one: `manage.py backup FOLDER`."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from lms.backups import copying, manifest
from lms.backups.manifest import BackupRefused


class Command(BaseCommand):
    help = "Copies the database and all files into an empty folder while the site runs."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--check", action="store_true", help="Only compare a backup with its digests."
        )

    def handle(self, *, folder, check, **options):
        try:
            done = manifest.check(folder) if check else copying.make(folder)
        except BackupRefused as refused:
            raise CommandError(str(refused)) from None
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}.") from None
        for name in done.missing:
            self.stderr.write(f"Missing: the database names {name}, which is nowhere.")
        size = sum(size for size, _ in done.files.values())
        self.stdout.write(
            f"{'Undamaged' if check else 'Copied'}: {len(done.files)} files, {size:,} bytes, "
            f"{sum(done.rows.values()):,} rows ({done.versions}), as of {done.made_at}."
        )
