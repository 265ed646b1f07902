"""Copy a database as it is at one moment, and load such a copy, with each vendor's own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.executor import MigrationExecutor

from lms.backups.manifest import BackupRefused


def of_the_settings() -> SQLite | PostgreSQL:
    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


def is_unmigrated() -> bool:
    """Return whether the code has a migration that the database lacks."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


class Database:
    """The database of the settings."""

    vendor = ""
    file = ""

    def table_names(self) -> list[str]:
        return sorted(connection.introspection.table_names())

    def count_rows(self) -> dict[str, int]:
        """Count the rows of each table."""
        counted = {}
        with connection.cursor() as cursor:
            for name in self.table_names():
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
                [counted[name]] = cursor.fetchone()
        return counted


class SQLite(Database):
    """A file, copied by SQLite's own online backup while others read and write."""

    vendor, file = "sqlite", "database.sqlite3"

    def versions(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    def table_names(self) -> list[str]:
        # A shadow table is how SQLite stores a virtual one, whose rows are counted instead.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type != 'shadow'"
            )
            names = [name for (name,) in cursor.fetchall()]
        return sorted(name for name in names if not name.startswith("sqlite_"))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See the database as it is now until the block ends, without a lock on those who write."""
        connection.ensure_connection()
        connection.connection.execute("BEGIN DEFERRED")
        try:
            connection.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield
        finally:
            connection.connection.execute("ROLLBACK")

    def dump(self, path: Path) -> None:
        try:
            with closing(sqlite3.connect(path)) as copy:
                connection.connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
                [said] = copy.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.Error as error:
            raise BackupRefused(f"SQLite could not copy the database: {error}.") from None
        if said != "ok":
            raise BackupRefused(f"The database is damaged: {said}.")

    def load(self, path: Path, also: list[str]) -> None:
        """Load a copy and run the statements `also`, both or neither."""
        connection.ensure_connection()
        target = Path(connection.settings_dict["NAME"])
        work = target.with_name(f"{target.name}.restoring")
        try:
            shutil.copyfile(path, work)
            with closing(sqlite3.connect(work, isolation_level=None)) as copy:
                for statement in also:
                    copy.execute(statement)
                copy.backup(connection.connection)
        except sqlite3.Error as error:
            raise BackupRefused(f"SQLite could not load the database: {error}.") from None
        finally:
            work.unlink(missing_ok=True)


class PostgreSQL(Database):
    """A database of a server, copied by pg_dump and loaded by pg_restore and psql."""

    vendor, file = "postgresql", "database.pgdump"

    def versions(self) -> str:
        """Return the versions of server and tools; refuse tools that are older than the server."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            server = int(cursor.fetchone()[0]) // 10_000
        said = self._run("pg_dump", "--version").decode().split()[2]
        if int(said.split(".")[0]) < server:
            raise BackupRefused(
                f"pg_dump is of PostgreSQL {said} and the server is of {server}: install the "
                f"package postgresql-client-{server}."
            )
        return f"PostgreSQL {server}, by pg_dump {said}"

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See the database as it is now until the block ends, and let pg_dump see the same."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            [self.exported] = cursor.fetchone()
            yield

    def dump(self, path: Path) -> None:
        self._run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
            f"--snapshot={self.exported}", f"--file={path}", *self._where(),
        )  # fmt: skip

    def load(self, path: Path, also: list[str]) -> None:
        """Load a copy and run the statements `also`, in one transaction."""
        restore = ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(path)]
        psql = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        with (  # Both are waited for, whichever fails.
            self._start(restore, stdout=subprocess.PIPE) as reading,
            self._start(
                [*psql, *self._where()], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            ) as loading,
        ):
            with suppress(BrokenPipeError):
                shutil.copyfileobj(reading.stdout, loading.stdin)
                if reading.wait():
                    loading.kill()
                for statement in ["RESET search_path", *also]:
                    loading.stdin.write(f"{statement};\n".encode())
            with suppress(BrokenPipeError):
                loading.stdin.close()
            reading.stdout.close()
            for tool, process in (("pg_restore", reading), ("psql", loading)):
                if process.wait():
                    raise BackupRefused(f"{tool} could not load the database: {_reason(process)}")

    def _where(self) -> list[str]:
        """Return the arguments that name the server and the database."""
        who = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])[0][1:]
        *others, name = who
        return [*others, "--no-password", f"--dbname={name}"]

    def _environment(self) -> dict[str, str]:
        given = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])[1] or {}
        return os.environ | given

    def _start(self, command: list[str], **pipes: Any) -> subprocess.Popen:
        try:
            return subprocess.Popen(  # noqa: S603
                command, env=self._environment(), stderr=subprocess.PIPE, **pipes
            )
        except FileNotFoundError:
            raise BackupRefused(
                f"{command[0]} is not on this machine: install the package postgresql-client."
            ) from None

    def _run(self, *command: str) -> bytes:
        process = self._start(list(command), stdout=subprocess.PIPE)
        out, err = process.communicate()
        if process.returncode:
            raise BackupRefused(f"{command[0]} failed: {_last_line(err)}")
        return out


def _reason(process: subprocess.Popen) -> str:
    return _last_line(process.stderr.read())


def _last_line(said: bytes) -> str:
    return (said.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[0]
