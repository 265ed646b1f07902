"""Tests that the site is looked up once a minute, and at once after a change."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from lms.web import sites

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(sites, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def found(rf):
    def ask():
        with CaptureQueriesContext(connection) as queries:
            site, root = sites.site_and_root(rf.get("/courses/"))
        return site.site_name, root.pk, len(queries) > 0

    return ask


def test_it_is_asked_once_a_minute(clock, found):
    name, root, asked = found()
    assert asked
    clock[0] += 59
    assert found() == (name, root, False)
    clock[0] += 1
    assert found() == (name, root, True)


def test_a_change_is_seen_at_once(clock, found):
    found()
    site = Site.objects.get()
    site.site_name = "Another board"
    site.save()
    assert found()[0] == "Another board"
    assert found()[2] is False
    site.delete()
    assert not sites.known
