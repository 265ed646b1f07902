"""Measure the catalogue while 12 clients download a long protocol's PDF."""

import io
from statistics import median, quantiles
from threading import Thread
from time import perf_counter, sleep

from pypdf import PdfReader

from benchmarks.load import get, press
from protocols.editions import pdfs
from tests.factories import CourseFactory, ProtocolPageFactory, RunFactory, body_of
from tests.servers import ServedSite

CLIENTS, BURSTS, LOOKS, MOST_MS, SUSTAINED = 12, 15, 200, 300, 1000


def measure(database_url, folder):
    page = ProtocolPageFactory(body=body_of(*(part(number) for number in range(57))))
    for _ in range(20):
        RunFactory(course=CourseFactory())
    edition = page.editions.get()
    began = perf_counter()
    pdfs.make()
    took = perf_counter() - began
    sheets = len(PdfReader(io.BytesIO(pdfs.content_of(pdfs.kept_of(edition)))).pages)
    yield f"## A version's PDF ({sheets} pages, made once in {took:.1f} s)"
    yield ""
    address = f"{edition.get_absolute_url()}pdf/"
    with ServedSite(database_url, folder).serving() as site:
        press(site, [get("/courses/")] * 20, 4)
        alone = press(site, [get("/courses/")] * LOOKS, 2)
        bursts, again = [], []
        known = {"If-None-Match": f'"{pdfs.kept_of(edition).sha256}"'}
        yield f"- Catalogue alone: {alone}"
        for words, ask in {
            f"download at once, {BURSTS} times": lambda: download(site, address, bursts),
            "download without a pause": lambda: again.append(
                press(site, [get(address)] * SUSTAINED, CLIENTS)
            ),
            "that have it ask without a pause": lambda: again.append(
                press(site, [get(address, known)] * SUSTAINED, CLIENTS)
            ),
        }.items():
            seconds = looked_at(site, ask)
            yield (
                f"- Catalogue, while {CLIENTS} clients {words}: median"
                f" {1000 * median(seconds):.0f} ms, 95th"
                f" {1000 * quantiles(seconds, n=20)[-1]:.0f} ms, {len(seconds)} requests"
            )
        for load in again:
            yield f"- Without a pause, {set(load.statuses)}: {load}"
    slowest = max(each for load in bursts for each in load.seconds)
    yield f"- The PDF itself: {1000 * slowest:.0f} ms at most, of {CLIENTS * BURSTS} downloads"
    yield f"- Goal: the 95th of the catalogue under {MOST_MS} ms"
    yield ""


def looked_at(site, ask):
    """Return the seconds of each request for the catalogue while others ask."""
    looks, thread = [], Thread(target=ask)
    thread.start()
    while thread.is_alive():
        looks.append(press(site, [get("/courses/")] * 20, 1))
    thread.join()
    return [each for load in looks for each in load.seconds]


def download(site, address, bursts):
    """Let all clients ask at the same moment, several times with a second between."""
    for _ in range(BURSTS):
        bursts.append(press(site, [get(address)] * CLIENTS, CLIENTS))
        sleep(1)


def part(number):
    text = "<p>What to do, by whom, and how soon, in words enough for a page.</p>" * 40
    return ("section", {"heading": f"Part {number}", "text": text})
