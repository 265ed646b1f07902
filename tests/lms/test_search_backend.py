"""Tests that concurrent writes to Wagtail's search index both succeed."""

import pytest
from wagtail.documents import get_document_model
from wagtail.search.backends import get_search_backend
from wagtail.search.models import IndexEntry

from tests.servers import at_once


@pytest.mark.race
def test_two_who_write_of_one_document_do_not_fail(own_database, rounds):
    document = get_document_model().objects.create(title="Referral form", file="form.pdf")
    for _ in range(rounds):
        IndexEntry.objects.all().delete()
        met = at_once(8, lambda number: get_search_backend().add(document))
        assert met == [None] * 8
        assert IndexEntry.objects.count() == 1
    assert list(get_search_backend().search("referral", type(document))) == [document]
