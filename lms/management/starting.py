"""Refuse to start, in one sentence, where the site could not work."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.core.files.storage import FileSystemStorage, storages
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection

from lms.backups.databases import is_unmigrated
from lms.backups.stored_files import aliases
from lms.management.one_line import first_line

UNMIGRATED = "The database is not migrated: run manage.py migrate first."


def refuse_to_start() -> None:
    """Raise CommandError if the database or the folders of the settings cannot be used."""
    _refuse_database_away()
    if is_unmigrated():
        raise CommandError(UNMIGRATED)
    _refuse_missing_cache()
    _refuse_read_only()


def _refuse_database_away() -> None:
    """Connect once without the pool, which would wait long and not say why."""
    direct = connection.copy(DEFAULT_DB_ALIAS)
    options = direct.settings_dict["OPTIONS"]
    direct.settings_dict["OPTIONS"] = {n: each for n, each in options.items() if n != "pool"}
    try:
        direct.ensure_connection()
    except (DatabaseError, InterfaceError) as error:
        raise CommandError(f"The database does not answer: {first_line(error)}") from error
    finally:
        direct.close()


def _refuse_missing_cache() -> None:
    cache = caches["default"]
    table = getattr(cache, "_table", None)
    if isinstance(cache, BaseDatabaseCache) and table not in connection.introspection.table_names():
        raise CommandError("There is no table of the cache: run manage.py createcachetable.")


def _refuse_read_only() -> None:
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}.") from error
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("ROLLBACK")
            else:
                cursor.execute("SHOW transaction_read_only")
                if cursor.fetchone() == ("on",):
                    raise CommandError("The database is read-only.")
    except DatabaseError as error:
        raise CommandError(f"The database cannot be written: {first_line(error)}") from error


def _folders() -> list[Path]:
    kept = [storages[alias] for alias in aliases()]
    places = [Path(each.location) for each in kept if isinstance(each, FileSystemStorage)]
    return [Path(settings.DATA_DIR), *places]
