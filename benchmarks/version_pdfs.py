"""Measure the catalogue while 12 clients download a long protocol's PDF."""

import io
import os
from statistics import median, quantiles
from time import perf_counter, sleep
from urllib.parse import urlsplit

from pypdf import PdfReader

from benchmarks.hammer import hammering
from benchmarks.load import cpu_of, get, press
from protocols.editions import pdfs
from tests.factories import CourseFactory, ProtocolPageFactory, RunFactory, body_of
from tests.servers import ServedSite

CLIENTS, BURSTS, LOOKS, MOST_MS = 12, 15, 200, 300
SECONDS, ROUNDS = 8, 3
# As `manage.py serve` has them.
THREADS = 8


def measure(database_url, folder):
    page = ProtocolPageFactory(body=body_of(*(part(number) for number in range(57))))
    for _ in range(20):
        RunFactory(course=CourseFactory())
    edition = page.editions.get()
    began = perf_counter()
    pdfs.make()
    took = perf_counter() - began
    kept = pdfs.kept_of(edition)
    sheets = len(PdfReader(io.BytesIO(pdfs.content_of(kept))).pages)
    yield f"## A version's PDF ({sheets} pages, {kept.size:,} bytes, made once in {took:.1f} s)"
    yield ""
    address = f"{edition.get_absolute_url()}pdf/"
    with ServedSite(database_url, folder, threads=THREADS).serving() as site:
        press(site, [get("/courses/")] * 20, 4)
        yield f"- Catalogue alone: {press(site, [get('/courses/')] * LOOKS, 1)}"
        known = {"If-None-Match": f'"{kept.sha256}"'}
        yield f"- The PDF alone: {press(site, [get(address)] * LOOKS, 1)}"
        yield f"- The PDF alone, of who has it: {press(site, [get(address, known)] * LOOKS, 1)}"
        bursts = []
        for _ in range(BURSTS):
            bursts.append(press(site, [get(address)] * CLIENTS, CLIENTS))
            sleep(0.2)
        slowest = max(each for load in bursts for each in load.seconds)
        yield f"- {CLIENTS} downloads at once, {BURSTS} times: {1000 * slowest:.0f} ms at most"
        header = f"If-None-Match: {known['If-None-Match']}"
        for words, more in {"download": "", "that have it ask": header}.items():
            for _ in range(ROUNDS):
                yield f"- {CLIENTS} clients {words} without a pause: {beside(site, address, more)}"
    yield f"- Goal: the 95th of the catalogue under {MOST_MS} ms"
    yield ""


def beside(site, address, header):
    """Look at the catalogue, one request after the other, while all clients ask."""
    looks, before, end = [], cpu_of(site.web.pid), perf_counter() + SECONDS
    port = urlsplit(site.address).port
    with hammering(port, address, CLIENTS, SECONDS + 1, header) as seen:
        sleep(0.5)
        while perf_counter() < end:
            looks += press(site, [get("/courses/")] * 10, 1).seconds
        said = seen()
    cpu = cpu_of(site.web.pid) - before
    return (
        f"catalogue median {1000 * median(looks):.0f} ms, 95th"
        f" {1000 * quantiles(looks, n=20)[-1]:.0f} ms, {len(looks)} requests;"
        f" {sum(said['statuses'].values()) / said['lasted']:.0f} answers/s"
        f" ({', '.join(said['statuses'])}), median {1000 * median(said['times']):.0f} ms, 95th"
        f" {1000 * quantiles(said['times'], n=20)[-1]:.0f} ms; of {os.cpu_count()} cores the site"
        f" took {cpu / said['lasted']:.2f}, the clients {said['cpu'] / said['lasted']:.2f};"
        f" load {os.getloadavg()[0]:.1f}"
    )


def part(number):
    text = "<p>What to do, by whom, and how soon, in words enough for a page.</p>" * 40
    return ("section", {"heading": f"Part {number}", "text": text})
