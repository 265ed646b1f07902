"""Measure the time, CPU, queries and size of one page, in-process and as served."""

import gzip
from statistics import median
from time import perf_counter, process_time

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from benchmarks.load import get, press
from tests.browser.conftest import session_of

TIMES = 25
MOST_MS, MOST_QUERIES, MOST_KB = 300, 15, 120
GOAL = f"- Goal: at most {MOST_MS} ms at the median, {MOST_QUERIES} queries"


def cost_of(site, person, address):
    """Describe a page's cost; `person` is None for an anonymous visitor."""
    return f"{alone(person, address)}; served: {served(site, person, address)}"


def alone(person, address):
    """Measure in this process, template rendering included."""
    client = Client()
    if person:
        client.force_login(person)
    with override_settings(LMS_SECOND_FACTOR_REQUIRED=False):
        answer = client.get(address)
        assert answer.status_code == 200, address
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked, kb = len(queries), len(gzip.compress(answer.content)) / 1000
        spent = sorted(seconds(client, address) for _ in range(TIMES))
    middle, cpu = (1000 * median(each) for each in zip(*spent, strict=True))
    slow = 1000 * spent[int(0.95 * TIMES)][0]
    return (
        f"{middle:.0f} ms ({slow:.0f} ms at the 95th), {cpu:.0f} ms CPU, {asked} queries, "
        f"{kb:.0f} kB gzipped"
    )


def seconds(client, address):
    began, cpu_began = perf_counter(), process_time()
    client.get(address)
    return perf_counter() - began, process_time() - cpu_began


def served(site, person, address):
    """Measure under gunicorn, with one client and with four at once."""
    headers = {"Cookie": cookie_of(person)} if person else {}
    request = get(address, headers)
    press(site, [request] * 8, 4)
    loads = [press(site, [request] * TIMES * clients, clients) for clients in (1, 4)]
    assert {status for load in loads for status in load.statuses} == {200}, address
    one, four = (load.percentile(50) for load in loads)
    return f"{one:.0f} ms to one client, {four:.0f} ms to each of four, at the median"


cookies = {}


def cookie_of(person):
    """Return the cookie of the person's one session, cached for later requests."""
    if person.pk not in cookies:
        kept = session_of(person, settings.SITE_URL)
        cookies[person.pk] = f"{kept['name']}={kept['value']}"
    return cookies[person.pk]
