"""Run `make bench`: print the figures and write benchmarks/results/<database>.md.

`python -m benchmarks bookings clock` runs only those, without the demonstration data, and writes
nothing.
"""

import os
import platform
import sys
import tempfile
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
SIZE = {"people": 20_000, "runs": 1000, "bookings": 100_000, "seed": 1}
PARTS = [
    "pages", "bookings", "register", "certificates", "clock", "search", "thresholds", "protocols",
]  # fmt: skip
RESULTS = Path(__file__).parent / "results"


def main():
    django.setup()
    from django.db import connection
    from django.test import override_settings

    from tests import databases
    from tests.servers import storages_in

    chosen = [import_module(f"benchmarks.{name}") for name in sys.argv[1:] or PARTS]
    is_all = not sys.argv[1:]

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        server = databases.kind(folder)
        database = server.create("benchmark")
        with override_settings(**storages_in(folder)), databases.in_use(database):
            lines = [*machine(connection), *(board() if is_all else [""])]
            print("\n".join(lines), flush=True)
            for part in chosen:
                for line in part.measure(server.url(database), folder):
                    print(line, flush=True)
                    lines.append(line)
        server.drop(database)
    if is_all:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{connection.vendor}.md").write_text("\n".join(lines) + "\n")


def machine(connection):
    names = ("django", "wagtail", "gunicorn", "xhtml2pdf", "reportlab", "psycopg")
    with connection.cursor() as cursor:
        ask = "select sqlite_version()" if connection.vendor == "sqlite" else "show server_version"
        cursor.execute(ask)
        database = f"{connection.vendor} {cursor.fetchone()[0]}"
    yield f"# Measured on {date.today():%-d %B %Y}, {database}"
    yield ""
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    yield f"- Load of the machine before it began: {load} (1, 5, 15 minutes); CPU figures tell more"
    yield f"- {os.cpu_count()} cores ({processor()}), {platform.system()} {platform.release()}"
    yield f"- Python {platform.python_version()}, " + ", ".join(f"{n} {version(n)}" for n in names)


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def board():
    from time import perf_counter

    from django.core.management import call_command

    began = perf_counter()
    call_command("demo", verbosity=0, **SIZE)
    size = ", ".join(f"{number:,} {name}" for name, number in SIZE.items() if name != "seed")
    yield f"- A made-up board of {size}, made in {perf_counter() - began:.0f} s"
    yield ""


main()
