"""Test that a room lets its own things be found by one class, and what meets in the index."""

import pytest
from django.db import connection
from django.db.models import Q

from lms.models import JobFailure
from search import backend, indexer, queries
from search.models import SearchDocument
from search.sources import Kind, Source, search_sources
from tests.factories import AgencyFactory, StandardPageFactory
from tests.servers import at_once


class Agencies(Source):
    """Made-up source, of a kind of its own."""

    name = "agency"
    kind = Kind(9, "agency", "Agency", "Agencies", "blue")

    def __init__(self, *agencies):
        self.agencies = {agency.pk: agency for agency in agencies}
        self.closed = []

    def stamps(self):
        return [(pk, agency.name) for pk, agency in self.agencies.items()]

    def records(self, pks):
        return [self.agencies[pk] for pk in pks]

    def documents(self, agency):
        yield SearchDocument(address=f"/agencies/{agency.pk}/", title=agency.name)

    def public(self):
        return ~Q(record__in=self.closed)


@pytest.fixture
def agencies(db):
    source = Agencies(*(AgencyFactory(name=f"{bank} Bank Trust") for bank in ("East", "West")))
    search_sources.register(source)
    indexer.sync()
    yield source
    search_sources.unregister("agency")


def found(words="bank"):
    return [result.document.title for result in queries.look_for(words).results]


def test_what_a_source_says_is_found_and_shown_with_its_kind(agencies, client):
    assert found() == ["East Bank Trust", "West Bank Trust"]
    shown = client.get("/search/", {"q": "bank", "kind": "agency"}).content.decode()
    assert "Agency" in shown
    assert "/agencies/" in shown


def test_what_its_source_says_is_not_public_is_not_found_from_that_moment(agencies):
    agencies.closed = [pk for pk, agency in agencies.agencies.items() if "East" in agency.name]
    assert found() == ["West Bank Trust"]


def test_rows_of_a_source_that_is_gone_are_not_shown_and_then_deleted(agencies):
    search_sources.unregister("agency")
    assert found() == []
    indexer.sync()
    search_sources.register(agencies)
    assert not SearchDocument.objects.filter(source="agency").exists()


def sync_at_once(rounds):
    indexer.sync()
    for number in range(rounds):
        # One alone: of a batch that collides, each would be tried again by itself.
        StandardPageFactory(title=f"Hedgehogs {number}")
        at_once(4, lambda number: indexer.sync())


@pytest.mark.race
def test_those_who_index_at_once_take_turns(own_database, rounds):
    sync_at_once(rounds)
    assert not JobFailure.objects.exists()
    assert len(found("hedgehogs")) == rounds


@pytest.mark.race
def test_without_the_lock_they_collide(own_database, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("One transaction at a time writes.")
    monkeypatch.setattr(backend, "lock", lambda: None)
    sync_at_once(5)
    assert JobFailure.objects.exists()
