"""Restore a backup into an empty place: `manage.py restore FOLDER`."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from lms.backups import restoring
from lms.backups.manifest import BackupRefused


class Command(BaseCommand):
    help = "Restores a backup into an empty database and DATA_DIR; its email is held back."
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options):
        try:
            done = restoring.restore(folder)
        except BackupRefused as refused:
            raise CommandError(str(refused)) from None
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}.") from None
        self.stdout.write(
            f"Restored: {len(done.files)} files, {sum(done.rows.values()):,} rows, as of "
            f"{done.made_at}. No email is sent until you run manage.py send_held_mail."
        )
