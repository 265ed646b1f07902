"""Make the fixture of `test_upgrade`: a small board as stored by the release of a commit.

It checks nothing out. To make the fixture again, run it in a worktree of that commit:

    git worktree add ../before 90adb9c
    cp -r tests/upgrades ../before/tests/
    cd ../before && make check  # prepares .venv, node_modules and .cache
    export PYTHONHASHSEED=0
    .venv/bin/python -m tests.upgrades.make_fixture
    bin/with-postgresql .venv/bin/python -m tests.upgrades.make_fixture

and copy `tests/upgrades/fixtures` back. Time is fixed and randomness seeded, so the same is
made each time, but for the order in which Wagtail makes the sizes of a picture. It prints the
tables that stay empty.
"""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import time_machine

SEED = 90
ADDRESS = "https://training.board.example.org"


def main():
    with tempfile.TemporaryDirectory() as work:
        data_folder = Path(work, "data")
        data_folder.mkdir()
        set_up(work, data_folder)
        fill()
        keep(work, data_folder)


def set_up(work, data_folder):
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{work}/lms.sqlite3")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "lms.settings.test",
        "DATA_DIR": str(data_folder),
        "SITE_URL": ADDRESS,
        "CACHE_URL": "dbcache://cache",
        "MAIL_DELIVERY_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    }
    import django

    django.setup()


def fill():
    from django.core.management import call_command

    from tests.upgrades import board

    import_all()
    seed_chance()
    with time_machine.travel(board.at(6), tick=False):
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
    board.make()


def import_all():
    """Import all modules first, so that names drawn at random on import do not use the seed."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018


def seed_chance():
    """Seed all sources of randomness in this process, so that ids, codes and tokens are stable."""
    chance = random.Random(SEED)
    random.seed(SEED)
    os.urandom = random._urandom = chance.randbytes
    os.getpid = lambda: SEED


def keep(work, data_folder):
    from django.db import connection

    from tests.upgrades import archives, snapshots

    tables = snapshots.tables_in(connection)
    empty = sorted(name for name, table in tables.items() if not table.rows)
    database = whole(connection, work)
    connection.close()
    archives.pack(connection.vendor, database, data_folder)
    print("Empty tables:", *empty, sep="\n  ")
    print(sum(len(table.rows) for table in tables.values()), "rows in", len(tables), "tables")
    for path in (archives.database_of(connection.vendor), archives.files_of(connection.vendor)):
        print(f"{path.stat().st_size:>8} bytes in {path.name}")


def whole(connection, work):
    if connection.vendor == "sqlite":
        copy = Path(work, "copy.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM INTO '{copy}'")
        return copy.read_bytes()
    where = connection.settings_dict
    command = ["pg_dump", "--no-owner", "--no-privileges", "--rows-per-insert=200"]
    command += ["--host", where["HOST"], "--username", where["USER"], "--dbname", where["NAME"]]
    dump = subprocess.run(command, check=True, capture_output=True).stdout
    # Commands of psql alone, with a token that changes each time.
    lines = (b"\\restrict", b"\\unrestrict")
    return b"".join(line for line in dump.splitlines(True) if not line.startswith(lines))


if __name__ == "__main__":
    sys.exit(main())
