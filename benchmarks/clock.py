"""Measure a worker with 10,000 lapsing offers and 10,000 reminders, and pages meanwhile."""

import datetime as dt
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

from django.utils import timezone

from agencies.models import Agency, Person
from benchmarks.load import Load, cpu_of, get
from courses.models import Booking, Reminder
from lms.models import ActionLink
from tests.factories import AgencyFactory, CoursePageFactory, RunFactory, in_days
from tests.servers import ServedSite

MANY, OF_A_DATE, WAITING, PEOPLE = 10_000, 30, 3, 400
CLIENTS, PAUSE = 2, 0.25
MOST_SECONDS, MOST_MS, PATIENCE = 60, 500, 900


def measure(database_url, folder):
    dates = MANY // OF_A_DATE + 1
    yield (
        f"## The clock ({MANY:,} offers on {dates} dates lapse, {WAITING} wait for each date;"
        f" {MANY:,} reminders; one worker, mail handed to nobody; {CLIENTS} readers of the"
        " catalogue meanwhile)"
    )
    yield ""
    course, people, agency = CoursePageFactory().course, crowd(), AgencyFactory()
    offers(course, people, agency, dates)
    places(course, people, agency, dates)
    with ServedSite(
        database_url,
        folder,
        LMS_MAIL_DELIVERY_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    ).serving() as site:
        yield from worked_off(site)
    yield f"- Goals: {MOST_SECONDS} s for both, pages under {MOST_MS} ms at the 95th"
    yield ""


def worked_off(site):
    done = threading.Event()
    seconds, statuses = [], []
    readers = [
        threading.Thread(target=keep_reading, args=(site, done, seconds, statuses))
        for _ in range(CLIENTS)
    ]
    web_before, began = cpu_of(site.web.pid), time.perf_counter()
    worker = site.worker("--interval", "0.5")
    for reader in readers:
        reader.start()
    lapsed = reminded = None
    try:
        while not (lapsed and reminded) and time.perf_counter() - began < PATIENCE:
            time.sleep(0.5)
            now = time.perf_counter() - began
            if not lapsed and not overdue().exists():
                lapsed = now
            if not reminded and Reminder.objects.count() >= MANY:
                reminded = now
    finally:
        done.set()
        spent = cpu_of(worker.pid)
        for reader in readers:
            reader.join()
    lasted = time.perf_counter() - began
    pages = Load(seconds, statuses, lasted, cpu_of(site.web.pid) - web_before)
    left = overdue().count(), MANY - Reminder.objects.count()
    yield (
        f"- Lapsed after {in_seconds(lapsed)}, reminded after {in_seconds(reminded)};"
        f" {spent:.0f} s CPU of the worker, mail that it sent between included; left {left}"
    )
    yield f"- The catalogue meanwhile: {pages}"


def in_seconds(seconds):
    return f"{seconds:.0f} s" if seconds else "never"


def overdue():
    return Booking.objects.filter(state="offered", offered_until__lte=timezone.now())


def keep_reading(site, done, seconds, statuses):
    host = urlsplit(site.address)
    connection, ask = HTTPConnection(host.hostname, host.port, timeout=60), get("/courses/")
    while not done.is_set():
        began = time.perf_counter()
        statuses.append(ask(connection))
        seconds.append(time.perf_counter() - began)
        done.wait(PAUSE)
    connection.close()


def crowd():
    return Person.objects.bulk_create(
        Person(name=f"Reader {n}", email=f"reader{n}@benchmark.example.org", password="!")
        for n in range(PEOPLE)
    )


def offers(course, people, agency: Agency, dates):
    """Make dates whose places are all offered and have expired, with people waiting."""
    over, asked = timezone.now() - dt.timedelta(minutes=1), in_days(-5)
    for number in range(dates):
        run = RunFactory(course=course, places=OF_A_DATE, freed_places="offer", taken=OF_A_DATE)
        made = Booking.objects.bulk_create(
            Booking(
                run=run,
                person=people[(number + n) % PEOPLE],
                agency=agency,
                queued_at=asked,
                **(
                    {"state": "offered", "holds_place": True, "offered_until": over}
                    if n < OF_A_DATE
                    else {"state": "waiting"}
                ),
            )
            for n in range(OF_A_DATE + WAITING)
        )
        ActionLink.objects.bulk_create(
            ActionLink(
                token_hash=f"benchmark-{one.pk}",
                purpose="offer",
                about_type="courses.booking",
                about_id=one.pk,
                sent_to=people[0].email,
                expires_at=over,
            )
            for one in made[:OF_A_DATE]
        )


def places(course, people, agency, dates):
    """Make dates nine days ahead, so that everybody's first reminder is due."""
    long_ago = in_days(-20)
    for number in range(dates):
        number_here = min(OF_A_DATE, MANY - number * OF_A_DATE)
        run = RunFactory(course=course, places=OF_A_DATE, taken=number_here, starts_at=in_days(9))
        Booking.objects.bulk_create(
            Booking(
                run=run,
                person=people[(number + n) % PEOPLE],
                agency=agency,
                state="confirmed",
                holds_place=True,
                queued_at=long_ago,
                confirmed_at=long_ago,
            )
            for n in range(number_here)
        )
