"""Measure speed and size of the pages on indicators of need, with 5,000 in force."""

import datetime as dt
import random
from collections import defaultdict

from django.db import connection, transaction

from benchmarks.asked import GOAL, MOST_KB, cost_of
from home.demonstration.content_thresholds import DOMAINS
from protocols.models import Indicator
from tests.factories import (
    AgeGroupFactory,
    AssessmentDomainFactory,
    ProtocolPageFactory,
    TierFactory,
    body_of,
)
from tests.servers import ServedSite

INDICATORS = 5000


def measure(database_url, folder):
    yield f"## Indicators of need ({INDICATORS:,} in force)"
    yield ""
    with transaction.atomic():
        one, page = make()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    table = "/protocols/thresholds/"
    last = INDICATORS // 500
    asked = {
        "The table, its first page": table,
        "its last page": f"{table}?page={last}",
        "of one domain": f"{table}?domain={one.domain.slug}",
        "of one age": f"{table}?age={one.age_group.slug}",
        "with two words": f"{table}?q=child+school",
        "with all three": f"{table}?domain={one.domain.slug}&age={one.age_group.slug}&q=child",
        "One indicator": one.get_absolute_url(),
        "Describe your concern": f"{table}describe/",
        "A protocol that shows a domain in two tiers": page.path_of_page,
    }
    with ServedSite(database_url, folder).serving() as site:
        for name, address in asked.items():
            yield f"- {name}: {cost_of(site, None, address)}"
    yield f"{GOAL}, {MOST_KB} kB gzipped"
    yield ""


def make():
    """Make exactly 5,000 indicators in force, and a protocol that shows some of them."""
    Indicator.objects.filter(ends_on=None).update(ends_on=dt.date(2025, 4, 2))
    chance = random.Random(2)
    tiers, domains, ages = arrangement()
    made = Indicator.objects.bulk_create(
        (
            Indicator(
                tier=chance.choice(tiers),
                domain=chance.choice(domains),
                age_group=chance.choice([None, None, *ages]),
                text=text,
                starts_on=dt.date(2025, 4, 1),
            )
            for text in texts(chance)
        ),
        batch_size=500,
    )
    block = {"heading": "What to look for", "introduction": "", "age_group": ""}
    block |= {"domains": [domains[0].slug], "tiers": [tier.slug for tier in tiers[:2]]}
    page = ProtocolPageFactory(title="With indicators", body=body_of(("indicators", block)))
    return next(one for one in made if one.age_group_id), page


def arrangement():
    """Return the existing tiers, domains and age groups, or create the usual number."""
    return [
        list(factory._meta.model.objects.all()) or factory.create_batch(many)
        for factory, many in ((TierFactory, 4), (AssessmentDomainFactory, 4), (AgeGroupFactory, 3))
    ]


def texts(chance):
    """Generate texts like the demonstration's with a Markov chain, for realistic compression."""
    after = defaultdict(list)
    for said in (text for domain in DOMAINS.values() for tier in domain for text in tier):
        words = (said if isinstance(said, str) else said[0]).split()
        for word, following in zip([None, *words], [*words, None], strict=True):
            after[word].append(following)
    made = set()
    while len(made) < INDICATORS:
        text, word = [], chance.choice(after[None])
        while word:
            text.append(word)
            word = chance.choice(after[word])
        made.add(" ".join(text)[:380])
    return sorted(made, key=lambda text: chance.random())
