"""Measure the board's, an agency's and the report pages of a fully sent cascade."""

import datetime as dt
import random
from time import perf_counter

from django.db import connection, transaction
from django.utils import timezone

from agencies.access import PROTOCOL_EDITORS
from agencies.models import Person, Post
from benchmarks.asked import GOAL, cost_of
from protocols.models import Acknowledgement, Dissemination, Edition, ProtocolPage, Receipt
from tests.factories import (
    AgencyFactory,
    CourseFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
)
from tests.servers import ServedSite

PROTOCOLS, EDITIONS, AGENCIES, PEOPLE = 600, 3, 200, 20_000


def measure(database_url, folder):
    sent = PROTOCOLS * EDITIONS * AGENCIES
    yield (
        f"## Cascade ({PROTOCOLS} protocols of {EDITIONS} versions, each sent to {AGENCIES} "
        f"agencies: {sent:,}; {PEOPLE:,} people)"
    )
    yield ""
    began = perf_counter()
    with transaction.atomic():
        editor, lead, page = make()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    yield f"- Made in {perf_counter() - began:.0f} s"
    asked = {
        "the board's screen": (editor, "/cms/cascade/"),
        "the same, of one protocol": (editor, f"/cms/cascade/?protocol={page.pk}"),
        "the same, its last versions and agencies": (editor, "/cms/cascade/?editions=450&page=4"),
        "one version, all agencies": (editor, f"/cms/cascade/{page.edition_in_force.pk}/"),
        "an agency's list": (lead, "/agency/protocols/"),
        "topics in training": (editor, "/cms/reports/topics-in-training/"),
        "behind its protocol": (editor, "/cms/reports/behind-its-protocol/"),
        "a protocol, by one who has read it": (lead, page.path_of_page),
    }
    with ServedSite(database_url, folder).serving() as site:
        for name, (person, address) in asked.items():
            yield f"- {name}: {cost_of(site, person, address)}"
    yield GOAL
    yield ""


def make():
    chance = random.Random(1)
    agencies = AgencyFactory.create_batch(AGENCIES)
    people = Person.objects.bulk_create(
        (
            Person(name=f"Reader {n}", email=f"read{n}@benchmark.example.org", password="!")
            for n in range(PEOPLE)
        ),
        batch_size=2000,
    )
    Post.objects.bulk_create(
        (
            Post(person=p, agency=chance.choice(agencies), title="T", confirmed_at=timezone.now())
            for p in people
        ),
        batch_size=2000,
    )
    leads = [PostFactory(agency=agency, is_lead=True).person for agency in agencies]
    page = make_editions(agencies[0])
    make_cascade(agencies, leads, chance)
    make_readers(people, page)
    return PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS]), leads[0], page


def make_editions(owner):
    pages = [ProtocolPageFactory(title="Sent 1", owners=[owner])]
    first = pages[0].editions.get()
    for number in range(2, PROTOCOLS + 1):
        pages.append(ProtocolPageFactory(title=f"Sent {number}", owners=[owner], edition=None))
    Edition.objects.bulk_create(
        (
            edition_of(page, number, first)
            for page in pages
            for number in range(1, EDITIONS + 1)
            if (page, number) != (pages[0], 1)
        ),
        batch_size=200,
    )
    for number in range(60):
        CourseFactory().protocols_taught.set(pages[number * 5 : number * 5 + 5])
    return pages[0]


def edition_of(page, number, first):
    kept = ("is_major", "summary", "in_force_from", "next_review_on", "owners", "html", "data")
    facts = {name: getattr(first, name) for name in kept}
    issued = timezone.now() - dt.timedelta(days=30 * (EDITIONS - number))
    return Edition(
        page=page,
        number=number,
        title=page.title,
        reason=f"Change {number}.",
        issued_at=issued,
        sha256=f"{page.pk:032x}{number:032x}",
        **facts,
    )


def make_cascade(agencies, leads, chance):
    today = timezone.localdate()
    pages = ProtocolPage.objects.filter(title__startswith="Sent ").values("pk")
    sent = Dissemination.objects.bulk_create(
        (
            Dissemination(
                edition_id=edition,
                agency=agency,
                deadline_on=today + dt.timedelta(days=chance.randint(-20, 20)),
            )
            for edition in Edition.objects.filter(page__in=pages).values_list("pk", flat=True)
            for agency in agencies
        ),
        batch_size=2000,
    )
    Receipt.objects.bulk_create(
        (
            Receipt(
                dissemination=one,
                given_by=leads[0],
                cascaded_on=today,
                how=["mail"],
                reached=40 if number % 3 else None,
                of=60 if number % 3 else None,
            )
            for number, one in enumerate(sent)
            if number % 5
        ),
        batch_size=2000,
    )


def make_readers(people, page):
    edition = page.edition_in_force
    Acknowledgement.objects.bulk_create(
        (Acknowledgement(person=person, edition=edition) for person in people), batch_size=2000
    )
