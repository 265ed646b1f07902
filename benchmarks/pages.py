"""Measure the most visited pages, with 100,000 bookings in the database."""

from benchmarks.load import get, press
from search import indexer
from tests.servers import ServedSite

PAGES = {
    "Catalogue": "/courses/",
    "Catalogue, a search with filters": "/courses/?q=child&format=classroom",
    "Course": "/courses/supervision/",
    "Protocol": "/protocols/early-help/",
    "Home": "/",
}
REQUESTS, CLIENTS, ROUNDS = 250, 4, 3


def measure(database_url, folder):
    yield (
        f"## Pages ({REQUESTS} requests by {CLIENTS} clients, the middle of {ROUNDS} rounds;"
        " gunicorn: 2 processes, 4 threads)"
    )
    yield ""
    indexer.sync(seconds=float("inf"))
    with ServedSite(database_url, folder).serving() as site:
        for name, path in PAGES.items():
            press(site, [get(path)] * 20, CLIENTS)
            rounds = [press(site, [get(path)] * REQUESTS, CLIENTS) for _ in range(ROUNDS)]
            middle = sorted(rounds, key=lambda load: load.cpu_ms)[ROUNDS // 2]
            yield f"- {name} `{path}`: {middle}"
    yield "- Goal for the catalogue: at most 30 ms CPU a request, at least 60 requests/s"
    yield ""
