"""Restore a backup into an empty database and empty folders, with its email held back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.core.files import File
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from lms.backups import databases, stored_files
from lms.backups.manifest import BackupRefused, Manifest, check, digest
from lms.models import MailHold, MailOutage

REASON = "This is a restored copy, whose email is held back."


def restore(folder: Path) -> Manifest:
    """Restore a backup and verify it; raise BackupRefused, before anything is written if it can.

    The files come first, then the database with the row that holds its email back, all at once: no
    row lacks its file, and no worker sees the queued email without that row.
    """
    kept = check(folder)
    database = databases.of_the_settings()
    _refuse_other_versions(kept, database)
    _refuse_what_is_not_empty(database)
    for path, alias, name in kept.stored_files():
        _save(folder / path, alias, name, kept.files[path])
    database.load(folder / kept.database, _statements(kept))
    _compare(kept.rows, database.count_rows())
    return kept


def _refuse_other_versions(kept: Manifest, database: databases.Database) -> None:
    if kept.vendor != database.vendor:
        raise BackupRefused(
            f"This backup is of {kept.versions}, and DATABASE_URL names a database of "
            f"{database.versions()}."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(kept.migrations) - known):
        raise BackupRefused(
            f"This backup is of a newer version of the site, with the migration {newer[0]}: "
            "restore it with that version."
        )
    if unknown := sorted(
        {alias for _, alias, _ in kept.stored_files()} - {*stored_files.aliases()}
    ):
        raise BackupRefused(f"The settings name no storage for the files of: {unknown[0]}.")


def _refuse_what_is_not_empty(database: databases.Database) -> None:
    if database.table_names():
        name = connection.settings_dict["NAME"]
        raise BackupRefused(f"The database {name} is not empty: restore into an empty one.")
    for alias in stored_files.aliases():
        if name := next(stored_files.names_in(storages[alias]), None):
            raise BackupRefused(
                f"There are files already, such as {alias}/{name}: restore into an empty DATA_DIR."
            )


def _save(path: Path, alias: str, name: str, expected: tuple[int, str]) -> None:
    storage = storages[alias]
    with path.open("rb") as opened:
        saved = storage.save(name, File(opened))
    with storage.open(saved) as opened:
        if saved != name or digest(opened) != expected:
            raise BackupRefused(f"{alias}/{name} could not be written as it was.")


def _statements(kept: Manifest) -> list[str]:
    """Return the SQL that holds the email back, and lets no offer and no request run out."""
    copied_at = datetime.fromisoformat(kept.made_at)
    now, then = _literal(timezone.now()), _literal(copied_at)
    hold, outage = MailHold._meta.db_table, MailOutage._meta.db_table
    return [
        f"UPDATE {hold} SET ended_at = {now} WHERE ended_at IS NULL",  # noqa: S608
        f"INSERT INTO {hold} (restored_at, copied_at) VALUES ({now}, {then})",  # noqa: S608
        f"INSERT INTO {outage} (began_at, last_try_at, last_error)"  # noqa: S608
        f" SELECT {then}, {now}, '{REASON}'"
        f" WHERE NOT EXISTS (SELECT 1 FROM {outage} WHERE ended_at IS NULL)",
    ]


def _literal(moment: datetime) -> str:
    """Write a moment as both databases read it back: PostgreSQL needs the zone, SQLite none."""
    zone = "+00" if connection.vendor == "postgresql" else ""
    return (
        f"CAST('{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{zone}' AS {TYPES[connection.vendor]})"
    )


TYPES = {"sqlite": "TEXT", "postgresql": "timestamptz"}


def _compare(before: dict[str, int], now: dict[str, int]) -> None:
    changed = {MailHold._meta.db_table, MailOutage._meta.db_table}
    other = [name for name in before.keys() | now.keys() if before.get(name) != now.get(name)]
    if wrong := sorted(set(other) - changed):
        name = wrong[0]
        raise BackupRefused(
            f"The table {name} has {now.get(name, 0)} rows, and had {before.get(name, 0)}."
        )
