"""How fast are the pages that most people open, with 100,000 bookings in the database?"""

from benchmarks.load import get, press
from tests.servers import ServedSite

PAGES = {
    "Catalogue": "/courses/",
    "Catalogue, a search with filters": "/courses/?q=child&format=classroom",
    "Course": "/courses/supervision/",
    "Protocol": "/protocols/early-help/",
    "Home": "/",
}
REQUESTS, CLIENTS = 400, 4


def measure(database_url, folder):
    yield f"## Pages ({REQUESTS} requests by {CLIENTS} clients, gunicorn: 2 processes, 4 threads)"
    yield ""
    site = ServedSite(database_url, folder)
    try:
        site.start()
        for name, path in PAGES.items():
            press(site, [get(path)] * 20, CLIENTS)
            yield f"- {name} `{path}`: {press(site, [get(path)] * REQUESTS, CLIENTS)}"
    finally:
        site.stop()
    yield "- Goal for the catalogue: at most 30 ms CPU a request, at least 60 requests/s"
    yield ""
