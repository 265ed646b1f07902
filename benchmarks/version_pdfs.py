"""Measure the catalogue while 12 clients download a long protocol's PDF."""

import io
from threading import Thread
from time import perf_counter

from pypdf import PdfReader

from benchmarks.load import get, press
from protocols.editions import pdfs
from tests.factories import CourseFactory, ProtocolPageFactory, RunFactory, body_of
from tests.servers import ServedSite

CLIENTS, DOWNLOADS, LOOKS, MOST_MS = 12, 600, 200, 300


def measure(database_url, folder):
    page = ProtocolPageFactory(body=body_of(*(part(number) for number in range(90))))
    for _ in range(20):
        RunFactory(course=CourseFactory())
    edition = page.editions.get()
    began = perf_counter()
    pdfs.make()
    took = perf_counter() - began
    sheets = len(PdfReader(io.BytesIO(pdfs.read(edition))).pages)
    yield f"## A version's PDF ({sheets} pages, made once in {took:.1f} s)"
    yield ""
    address = f"{edition.get_absolute_url()}pdf/"
    with ServedSite(database_url, folder).serving() as site:
        press(site, [get("/courses/")] * 20, 4)
        alone = press(site, [get("/courses/")] * LOOKS, 2)
        downloads = []
        thread = Thread(
            target=lambda: downloads.append(press(site, [get(address)] * DOWNLOADS, CLIENTS))
        )
        thread.start()
        looks = []
        while thread.is_alive():
            looks.append(press(site, [get("/courses/")] * 20, 2))
        thread.join()
    yield f"- Catalogue alone: {alone}"
    for number, load in enumerate(looks):
        yield f"- Catalogue, while {CLIENTS} clients download, part {number + 1}: {load}"
    yield f"- The PDF itself: {downloads[0]}"
    yield f"- Goal: the 95th of the catalogue under {MOST_MS} ms"
    yield ""


def part(number):
    text = "<p>What to do, by whom, and how soon, in words enough for a page.</p>" * 40
    return ("section", {"heading": f"Part {number}", "text": text})
