"""Make a backup while the site runs.

Order: the files, then the database as it is at one moment, with those files that its rows name and
that are new or have changed. A file is written before its row, so whatever a row of that moment
names is there by then. Should it be deleted before it is copied, a later moment is taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from lms.backups import databases, stored_files
from lms.backups.manifest import A_PIECE, BackupRefused, Manifest, digest

TRIES = 10


def make(folder: Path) -> Manifest:
    """Copy the database and the files into an empty folder; return what was copied.

    Raises BackupRefused. The manifest is written last: without it a folder is no backup.
    """
    database = databases.of_the_settings()
    if databases.is_unmigrated():
        raise BackupRefused("The database is not migrated: run manage.py migrate first.")
    versions = database.versions()
    _empty(folder)
    files, missing = FileCopies(folder), None
    files.copy_all()
    for turn in range(1, TRIES + 1):
        made_at = timezone.now()
        with database.snapshot():
            named = stored_files.named_by_rows()
            files.copy(named)
            before, missing = missing, named - files.copied.keys()
            # If twice, it was missing long before; if not, it was deleted in this moment.
            if missing and missing != before and turn < TRIES:
                continue
            rows = database.count_rows()
            database.dump(folder / database.file)
            break
    return _finish(folder, database, files, made_at, rows, versions, sorted(missing or ()))


def _empty(folder: Path) -> None:
    """Make the folder, for its owner alone; refuse one that has something in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupRefused(f"{folder} is not empty: name a new folder for each backup.")
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be used: {error.strerror}.") from None


class FileCopies:
    """The files of all storages in a backup's folder, below `files/<alias of the storage>/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # What was copied, as it was then: size and moment of its last change.
        self.copied: dict[tuple[str, str], tuple[int, datetime]] = {}

    def path(self, alias: str, name: str) -> Path:
        return self.folder / "files" / alias / name

    def copy_all(self) -> None:
        for alias in stored_files.aliases():
            self.copy((alias, name) for name in stored_files.names_in(storages[alias]))

    def copy(self, files: Iterable[tuple[str, str]]) -> None:
        """Copy each of these files that is not there yet, or has changed since."""
        for alias, name in files:
            self._copy_one(alias, name)

    def _copy_one(self, alias: str, name: str) -> None:
        storage, path = storages[alias], self.path(alias, name)
        try:
            state = storage.size(name), storage.get_modified_time(name)
            if self.copied.get((alias, name)) == state:
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            with storage.open(name) as source, path.open("wb") as target:
                while piece := source.read(A_PIECE):
                    target.write(piece)
        except FileNotFoundError:  # It was deleted since it was listed.
            return
        self.copied[alias, name] = state


def _finish(folder, database, files, made_at, rows, versions, missing) -> Manifest:
    paths = [folder / database.file, *(files.path(*each) for each in sorted(files.copied))]
    digests = {}
    for path in paths:
        with path.open("rb") as opened:
            digests[str(path.relative_to(folder))] = digest(opened)
    done = Manifest(
        made_at=made_at.isoformat(),
        site=settings.SITE_URL,
        vendor=database.vendor,
        database=database.file,
        versions=versions,
        migrations=migrations(),
        rows=rows,
        files=digests,
        missing=[f"{alias}/{name}" for alias, name in missing],
    )
    os.sync()
    done.write(folder)
    return done


def migrations() -> list[str]:
    """List the migrations of the database, as "app.name"."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)
