"""Measure the CPU of saving a register of thirty, by page form and by device sync."""

import datetime as dt
import json
import uuid
from statistics import median
from time import process_time
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.models import Mark
from tests.factories import BookingFactory, PersonFactory, RunFactory

PEOPLE, ROUNDS, MOST_MS = 30, 60, 30
KINDS = ("present", "apologies", "absent")


def measure(database_url, folder):
    yield f"## The register ({PEOPLE} people, marked {ROUNDS} times in one process)"
    yield ""
    client, run = Client(), going_on()
    client.force_login(run.trainers.get())
    yield f"- Saved from the page: {save(client, run, 'courses:register', form_of)}"
    yield f"- Sent by a device: {save(client, run, 'courses:sent_marks', message_of)}"
    yield f"- Goal: at most {MOST_MS} ms CPU at the least, each"
    yield ""


def going_on():
    starts_at = timezone.now() - dt.timedelta(hours=1)
    run = RunFactory(starts_at=starts_at, trainers=[PersonFactory()], places=PEOPLE)
    for _ in range(PEOPLE):
        BookingFactory(run=run)
    return run


def save(client, run, route, content_of):
    """Mark every person anew in each round, over the previous round's mark."""
    address, spent = reverse(route, args=[run.pk]), []
    for number in range(ROUNDS):
        kind = KINDS[number % len(KINDS)]
        content, content_type = content_of(run, kind)
        began = process_time()
        answer = client.post(address, content, content_type)
        spent.append(1000 * (process_time() - began))
        assert answer.status_code in (200, 302), answer.status_code
        kinds = Mark.objects.filter(booking__run=run).values_list("kind", flat=True)
        assert list(kinds) == [kind] * PEOPLE, kind
    return f"{min(spent):.0f} ms CPU at the least, {median(spent):.0f} ms at the median"


def form_of(run, kind):
    seen = marks(run)
    fields = {f"mark_{pk}": kind for pk in seen}
    fields |= {f"was_{pk}": was for pk, was in seen.items()}
    fields |= {f"minutes_{pk}": "" for pk in seen}
    return urlencode(fields), "application/x-www-form-urlencoded"


def message_of(run, kind):
    session, now = run.sessions.get(), timezone.now().isoformat()
    sent = [
        {
            "id": str(uuid.uuid4()), "session": session.pk, "booking": pk, "kind": kind,
            "minutes": 0, "saw": was, "marked_at": now, "with_rest": False,
        }
        for pk, was in marks(run).items()
    ]  # fmt: skip
    return json.dumps({"marks": sent}), "application/json"


def marks(run):
    """Map booking ids to their marks; empty where there is none yet."""
    return dict.fromkeys(run.bookings.values_list("pk", flat=True), "") | dict(
        Mark.objects.filter(booking__run=run).values_list("booking_id", "kind")
    )
