"""Pytest fixtures: the earlier release's data, loaded and migrated by today's code."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import override_settings

from tests import databases
from tests.servers import storages_in
from tests.upgrades import archives, snapshots

# Twenty minutes after the fixture was made, which is dated 30 November 2026.
NOW = datetime(2026, 11, 30, 12, 5, tzinfo=UTC)


@dataclass
class Kept:
    """Snapshot of all rows by table and all files by path."""

    tables: dict
    files: dict

    @classmethod
    def now(cls, folder):
        return cls(snapshots.tables_in(connection), snapshots.files_in(folder))

    def lost_in(self, after):
        rows = snapshots.lost_rows(self.tables, after.tables)
        return [*rows, *snapshots.lost_files(self.files, after.files)]


@dataclass
class Upgrade:
    folder: Path
    before: Kept
    after: Kept

    def losses_now(self):
        """List what of the fixture is missing now."""
        return self.before.lost_in(Kept.now(self.folder))


@pytest.fixture(scope="module")
def upgrade(django_db_blocker, database_server, worker_id, tmp_path_factory):
    """Load and migrate the fixture once for a module, whose tests share it in their order."""
    folder = tmp_path_factory.mktemp("upgraded")
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False):
        dump = archives.database(connection.vendor)
        archives.unpack_files(connection.vendor, folder)
        database = database_server.load(f"upgraded_{worker_id}_{os.getpid()}", dump)
        with databases.in_use(database), override_settings(**storages_in(folder)):
            before = Kept.now(folder)
            connection.close()
            databases.migrate(database_server.url(database), DATA_DIR=str(folder))
            yield Upgrade(folder, before, Kept.now(folder))
        database_server.drop(database)
