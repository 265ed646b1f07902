"""Measure searches over 600 protocols that all contain the word, and 5,000 indicators."""

import datetime as dt
import random
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.load import get, press
from benchmarks.thresholds import arrangement
from home import search, search_keeping
from home.search_models import Findable, KnownWord
from protocols.models import Edition, Indicator, ProtocolPage
from tests.factories import ProtocolPageFactory
from tests.servers import ServedSite

PROTOCOLS, EDITIONS, INDICATORS = 600, 3, 5000
WORDS, VOCABULARY, SAID = 4000, 12_000, 30
MOST_MS, MOST_QUERIES, TIMES = 200, 15, 30
SYLLABLES = [
    "ba", "ce", "di", "fo", "gu", "ha", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu",
    "child", "fam", "help", "need", "care",
]  # fmt: skip
ASKED = {
    "a term in every page": {"q": "safeguard"},
    "the same, indicators alone": {"q": "safeguard", "kind": "indicator"},
    "the same, its last page": {"q": "safeguarding", "page": "280"},
    "three terms in every page": {"q": "safeguards childr families"},
    "a beginning of many words": {"q": "chi"},
    "one title": {"q": "protocol 599"},
    "a slip": {"q": "safegaurding"},
    "nothing at all": {"q": "xylophone quartz"},
}


def measure(database_url, folder):
    yield f"## Search ({PROTOCOLS} protocols of {EDITIONS} versions, {INDICATORS:,} indicators)"
    yield ""
    yield from made()
    with ServedSite(database_url, folder).serving() as site:
        for name, query in ASKED.items():
            yield f"- {name} `{urlencode(query)}`: {cost_of(site, query)}"
    yield f"- Goal: at most {MOST_MS} ms at the median, {MOST_QUERIES} queries"
    yield ""


def made():
    began = perf_counter()
    with transaction.atomic():
        make_protocols(random.Random(1))
        make_indicators(random.Random(2))
    yield f"- Made in {perf_counter() - began:.0f} s, {WORDS:,} words a version"
    began = perf_counter()
    search_keeping.sync(seconds=float("inf"))
    things = f"{Findable.objects.count():,} things and {KnownWord.objects.count():,} words"
    yield f"- {things} made findable in {perf_counter() - began:.0f} s"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    spent = [seconds_of(search_keeping.sync) for _ in range(5)]
    yield f"- Each minute, where nothing has changed: {1000 * median(spent):.0f} ms"


def seconds_of(what):
    began = perf_counter()
    what()
    return perf_counter() - began


def make_protocols(chance):
    vocabulary = sorted({"".join(chance.choices(SYLLABLES, k=3)) for _ in range(VOCABULARY)})
    first = ProtocolPageFactory(title="Protocol 1").editions.get()
    for number in range(2, PROTOCOLS + 1):
        ProtocolPageFactory(title=f"Protocol {number}", edition=None)
    Edition.objects.bulk_create(
        (
            edition_of(page, number, first, text_of(vocabulary, chance))
            for page in ProtocolPage.objects.filter(title__startswith="Protocol ").order_by("pk")
            for number in range(2, EDITIONS + 2)
        ),
        batch_size=100,
    )


def edition_of(page, number, like, text):
    return Edition(
        page=page,
        number=number,
        title=page.title,
        summary="What agencies do.",
        reason=f"Version {number}.",
        in_force_from=page.in_force_from,
        owners=like.owners,
        data=like.data,
        html=text,
        sha256="0" * 64,
    )


def text_of(vocabulary, chance):
    words = chance.choices(vocabulary, k=WORDS) + ["safeguarding children and families"] * SAID
    chance.shuffle(words)
    parts = [" ".join(words[start : start + 50]) for start in range(0, len(words), 50)]
    return "".join(f"<h3>{part[:30]}</h3><p>{part}.</p>" for part in parts)


def make_indicators(chance):
    tiers, domains, _ = arrangement()
    Indicator.objects.bulk_create(
        (
            Indicator(
                tier=chance.choice(tiers),
                domain=chance.choice(domains),
                text=f"Safeguarding children and families, sign {number}",
                starts_on=dt.date(2025, 4, 1),
            )
            for number in range(INDICATORS)
        ),
        batch_size=500,
    )


def cost_of(site, query):
    """Measure a query by one client of the served site, and count its SQL queries."""
    address = f"/search/?{urlencode(query)}"
    press(site, [get(address)] * 5, 1)
    load = press(site, [get(address)] * TIMES, 1)
    with CaptureQueriesContext(connection) as queries:
        Client().get(address)
    found = search.look_for(query["q"]).total
    return f"{found:,} found, {load}, {len(queries)} queries"
