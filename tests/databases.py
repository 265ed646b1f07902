"""Copies of one migrated database for each vendor, which is built once."""

import fcntl
import gc
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import environ
import psycopg
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

ROOT = Path(__file__).resolve().parents[1]
# Every checkout of this user shares them: the key says what they were made of.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
TEMPLATES = CACHE / "lms-test-databases"
# Last migrations of the release before certificates had designs; other apps are at their latest.
EARLIER_RELEASE = {
    "agencies": "0003_what_a_certificates_number_begins_with",
    "certificates": "0001_initial",
    "courses": "0006_waits_for_approval",
    "lms": "0006_to_is_answered",
}
ADDED_SINCE = {"search"}
# Where bin/with-pgbouncer is between, PostgreSQL itself: for races and served sites.
DIRECT = os.environ.get("LMS_DIRECT_DATABASE_URL", "")
MIGRATE = "from tests import databases; databases.build()"


def build():
    """Migrate an empty database, in a process of its own.

    EARLIER_COPY in the environment names where to keep a copy (SQLite) of the earlier release:
    to migrate there separately would take as long as all of it.
    """
    import django

    django.setup()
    # Migrations create millions of objects, and each collection would visit all that was loaded.
    gc.freeze()
    if copy := os.environ.get("EARLIER_COPY"):
        migrate_to_earlier_release()
        shutil.copyfile(connection.settings_dict["NAME"], copy)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", "cache", verbosity=0)
    connection.close()


def migrate_to_earlier_release():
    executor = MigrationExecutor(connection)
    executor.migrate(earlier_release(executor.loader))
    connection.close()


def earlier_release(loader):
    """Return the targets of the earlier release, as MigrationExecutor takes them."""
    leaves = [leaf for leaf in loader.graph.leaf_nodes() if leaf[0] not in ADDED_SINCE]
    return [(app, EARLIER_RELEASE.get(app, name)) for app, name in leaves]


@cache
def key():
    """Return a key that changes with whatever may change the migrated database."""
    made_of = hashlib.sha256(Path(__file__).read_bytes())
    rooms = [path for path in ROOT.iterdir() if (path / "apps.py").exists()]
    for path in sorted(
        [path for room in rooms for path in room.glob("migrations/*.py")]
        + [*ROOT.glob("*/apps.py"), *ROOT.glob("lms/settings/*.py")]
        + [ROOT / "constraints.txt", ROOT / "history" / "append_only.py"]
        + [ROOT / "agencies" / "board_groups.py", ROOT / "home" / "page_roles.py"]
        + [ROOT / "protocols" / "approval" / "workflow_steps.py"]
    ):
        made_of.update(path.read_bytes())
    return made_of.hexdigest()[:16]


class SQLite:
    """A database is a file."""

    def __init__(self, folder):
        self.folder = folder
        # Asked once by each process: another checkout may be building its own for a minute.
        self.template = cache(self.template)

    def template(self, suffix=""):
        """Return the path of the migrated database, or with "-earlier" of the earlier release's."""
        path, earlier = TEMPLATES / f"{key()}.sqlite3", TEMPLATES / f"{key()}-earlier.sqlite3"
        with alone("sqlite"):
            if not path.exists():
                forget_old_ones()
                building = path.with_suffix(".building")
                building.unlink(missing_ok=True)
                migrate(f"sqlite:///{building}", EARLIER_COPY=str(earlier))
                building.rename(path)
            path.touch()
        return TEMPLATES / f"{key()}{suffix}.sqlite3"

    def create(self, name):
        path = self.named(name)
        shutil.copyfile(self.template(), path)
        return path

    def create_empty(self, name):
        """Name a file that is not there yet: whoever connects first makes it."""
        self.drop(self.named(name))
        return self.named(name)

    def load(self, name, content):
        """Create a database that is this file."""
        path = self.named(name)
        Path(path).write_bytes(content)
        return path

    def named(self, name):
        return str(self.folder / f"{name}.sqlite3")

    def drop(self, path):
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)

    def url(self, path):
        return f"sqlite:///{path}"


class PostgreSQL:
    """A database is a copy that the server makes."""

    def __init__(self, settings):
        self.host, self.user, self.port = settings["HOST"], settings["USER"], settings["PORT"]
        self.password = settings["PASSWORD"]
        self.template = cache(self.template)

    def tell(self, statement, *parameters, database="postgres"):
        with psycopg.connect(
            host=self.host,
            user=self.user,
            port=self.port or None,
            password=self.password or None,
            dbname=database,
            autocommit=True,
        ) as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchone() if cursor.description else None

    def template(self):
        name = f"template_{key()}"
        with alone("postgresql"):
            if not self.tell("SELECT 1 FROM pg_database WHERE datname = %s", name):
                self.tell(f"DROP DATABASE IF EXISTS {name}_building")
                self.tell(f"CREATE DATABASE {name}_building")
                self.fill(f"{name}_building")
                self.tell(f"ALTER DATABASE {name}_building RENAME TO {name}")
        return name

    def fill(self, name):
        """Restore the dump of an earlier run on the same version of PostgreSQL, else migrate."""
        [version] = self.tell("SHOW server_version_num")
        dump = TEMPLATES / f"{key()}.postgresql-{version}"
        if dump.exists() and shutil.which("pg_restore"):
            self.run("pg_restore", name, "--exit-on-error", str(dump))
            dump.touch()
        else:
            migrate(self.url(name))
            self.keep(name, dump)

    def keep(self, name, dump):
        if shutil.which("pg_dump"):
            building = dump.with_suffix(".building")
            self.run("pg_dump", name, "--format=custom", f"--file={building}")
            building.rename(dump)

    def run(self, tool, name, *arguments):
        who = ["--host", self.host, "--port", str(self.port or 5432), "--username", self.user]
        password = {"PGPASSWORD": self.password} if self.password else {}
        subprocess.run(
            [tool, *who, "--dbname", name, *arguments], check=True, env=os.environ | password
        )

    def create(self, name):
        name, template = self.named(name), self.template()
        self.drop(name)
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def create_empty(self, name):
        name = self.named(name)
        self.drop(name)
        self.tell(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def load(self, name, dump):
        """Create a database from a plain dump, which consists of statements only."""
        name = self.create_empty(name)
        self.tell(dump, database=name)
        return name

    def named(self, name):
        return f"test_{name}"

    def drop(self, name):
        self.tell(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name):
        who = f"{self.user}:{self.password}" if self.password else self.user
        if self.host.startswith("/"):
            return f"postgres://{who}@/{self.host}/{name}"
        return f"postgres://{who}@{self.host}:{self.port or 5432}/{name}"


def kind(folder):
    """Return the server that DATABASE_URL asks for: SQLite if it is not set."""
    settings = directly(connections.settings["default"])
    if settings["ENGINE"].endswith("sqlite3"):
        return SQLite(folder)
    return PostgreSQL(settings)


def forget_old_ones():
    """Remove what no run has used for a day; another run may be copying the others."""
    for path in [*TEMPLATES.glob("*.sqlite3*"), *TEMPLATES.glob("*.postgresql-*")]:
        if path.stat().st_mtime < time.time() - 24 * 3600:
            path.unlink()


def migrate(url, **environment):
    subprocess.run(
        [sys.executable, "-c", MIGRATE],
        check=True,
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "lms.settings.test"}
        | environment,
    )


@contextmanager
def alone(name):
    """One process at a time, of those that share these files."""
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    with (TEMPLATES / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def directly(settings):
    """Return the settings that lead round the pooler of bin/with-pgbouncer, if there is one."""
    if not DIRECT:
        return settings
    options = settings["OPTIONS"] | {"prepare_threshold": 2}
    host = environ.Env.db_url_config(DIRECT)["HOST"]
    return settings | {"HOST": host, "OPTIONS": options, "DISABLE_SERVER_SIDE_CURSORS": False}


@contextmanager
def in_use(database, *, through_a_pooler=False):
    """Connect to this database within the block, here and in threads."""
    before, connection = connections.settings["default"], connections["default"]
    now = before if through_a_pooler else directly(before)
    # No pool within the tests: it would hold on to a database that is to be dropped.
    options = {name: value for name, value in now["OPTIONS"].items() if name != "pool"}
    connections.settings["default"] = now | {"NAME": database, "OPTIONS": options}
    connections["default"] = connections.create_connection("default")
    forget_content_types()
    try:
        yield
    finally:
        forget_content_types()
        connections["default"].close()
        connections.settings["default"] = before
        connections["default"] = connection


def forget_content_types():
    """Read them anew: each database numbers them by itself, and Django remembers those of one."""
    from django.contrib.contenttypes.models import ContentType

    ContentType.objects.clear_cache()
