"""Measure certificates per CPU second, by stage, and the cost of a batch."""

import cProfile
import pstats
from contextlib import suppress
from pathlib import Path
from time import process_time, sleep

from benchmarks.load import cpu_of
from certificates import bulk_download
from certificates.models import Certificate
from certificates.printing import rendering
from courses.completion import awarding
from courses.models import Completion
from tests.factories import BookingFactory, CompletionFactory, RunFactory, in_days
from tests.servers import ServedSite

NUMBER, BATCH, MOST_KIB, MOST_MIB = 60, 500, 110, 200
# Stages by their functions: end of the file's path, and name.
PARTS = {
    "reading the page (HTML and CSS)": [("xhtml2pdf/parser.py", "pisaParser")],
    "laying it out and drawing": [("reportlab/platypus/doctemplate.py", "build")],
    "the QR code": [("certificates/printing/rendering.py", "qr")],
    "fitting texts": [("certificates/printing/rendering.py", "frames")],
    "filling the template": [("django/template/loader.py", "render_to_string")],
    "looking whether it is one page": [("pypdf/_reader.py", "__init__")],
}


def measure(database_url, folder):
    run = completed_run(NUMBER + 1 + BATCH)
    completions = list(
        Completion.objects.filter(booking__run=run)
        .order_by("pk")
        .select_related("person", "course", "agency", "booking__run")[: NUMBER + 1]
    )
    awarding.award_certificate(completions.pop(), by="BENCHMARK")
    began = process_time()
    made = [awarding.award_certificate(each, by="BENCHMARK") for each in completions]
    spent = process_time() - began
    began = process_time()
    for certificate in made:
        rendering.render(certificate)
    drawing = process_time() - began
    largest = max(certificate.size for certificate in made) / 1024
    yield f"## Certificates ({len(made)}, one after the other, each with its QR)"
    yield ""
    yield f"- {len(made) / drawing:.1f} drawn a CPU second; the largest has {largest:.0f} KiB"
    yield f"- {len(made) / spent:.1f} numbered, drawn, stored, recorded and mailed a CPU second"
    yield f"- Goal: at least 16 a CPU second, each under {MOST_KIB} KiB"
    yield from where_it_goes(made)
    yield from a_batch(run, database_url, folder)
    yield from a_print_file(run, 100)


def completed_run(many):
    run = RunFactory(places=None, starts_at=in_days(-9), closed_at=in_days(-8))
    for _ in range(many):
        booking = BookingFactory(run=run)
        CompletionFactory(person=booking.person, booking=booking)
    return run


def where_it_goes(made):
    """Profile the stages. Profiling slows many small calls: these are shares, not times."""
    profile = cProfile.Profile()
    profile.runcall(lambda: [rendering.render(certificate) for certificate in made])
    stats = pstats.Stats(profile)
    shares = [
        f"{name} {sum(cumulative(stats, *each) for each in of) / stats.total_tt:.0%}"
        for name, of in PARTS.items()
    ]
    yield f"- Where the time goes: {', '.join(shares)}"


def cumulative(stats, file, function):
    return max(
        (
            row[3]
            for (path, _, name), row in stats.stats.items()
            if path.endswith(file) and name == function
        ),
        default=0,
    )


def a_batch(run, database_url, folder):
    """Measure a fresh worker that starts, issues a batch, queues the mails and ends."""
    there = Certificate.objects.count()
    awarding.award_certificates.enqueue(run.pk)
    site = ServedSite(database_url, folder)
    worker, spent, peak = site.worker("--batch"), 0, 0
    while worker.poll() is None:
        with suppress(FileNotFoundError, IndexError):  # The process has just ended.
            spent, peak = cpu_of(worker.pid), highest(worker.pid)
        sleep(0.1)
    made = Certificate.objects.count() - there
    site.stop()
    yield (
        f"- A batch of {BATCH} by a worker: {made} made, in {spent:.0f} CPU seconds with its start "
        f"and {made} mails; {peak:.0f} MiB of memory at most (goal: {MOST_MIB} at most)"
    )


def a_print_file(run, many):
    awards = run.bookings.values("completions__award")
    chosen = Certificate.objects.filter(award__in=awards).order_by("name", "pk")[:many]
    Path("/proc/self/clear_refs").write_text("5")
    before = highest("self")
    began = process_time()
    size = bulk_download.print_file(chosen, title="Print file").seek(0, 2)
    spent, peak = process_time() - began, highest("self")
    yield (
        f"- A print file of {many}: {spent:.1f} CPU seconds, {size / 1024**2:.1f} MiB; memory "
        f"{peak - before:.0f} MiB more at most"
    )
    yield ""


def highest(pid):
    """Return the peak memory of a process in MiB, since it began or its peak was reset."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
