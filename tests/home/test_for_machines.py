"""Tests of what search engines and researchers read: the site map and security.txt."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from agencies.models import Board
from tests.factories import CourseFactory, ProtocolPageFactory

pytestmark = pytest.mark.django_db


def addresses(client):
    answer = client.get("/sitemap.xml")
    assert answer["Content-Type"].startswith("application/xml")
    return re.findall(r"<loc>https?://[^/]+(.*?)</loc>", answer.text)


def test_the_site_map_has_what_anybody_may_read_and_every_address_answers(client):
    shown = ProtocolPageFactory(slug="shown")
    ProtocolPageFactory(slug="never", edition=None)
    secret = ProtocolPageFactory(slug="secret")
    PageViewRestriction.objects.create(page=secret, restriction_type="login")
    found = addresses(client)
    assert shown.path_of_page in found
    assert {"/", "/courses/", "/protocols/"} <= set(found)
    assert not [each for each in found if "never" in each or "secret" in each]
    assert {client.get(each).status_code for each in found} == {200}


def test_the_site_map_costs_as_many_queries_for_3_pages_as_for_30(client):
    def cost(many):
        for _ in range(many):
            ProtocolPageFactory()
            CourseFactory()
        with CaptureQueriesContext(connection) as queries:
            client.get("/sitemap.xml")
        return len(queries)

    cost(1)
    assert cost(3) == cost(30)


def test_robots_txt_names_the_site_map(client, settings):
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in client.get("/robots.txt").text


def test_security_txt_names_the_boards_address_and_a_day_within_a_year(client):
    board = Board.load()
    board.email = "safe@board.example.org"
    board.save()
    text = client.get("/.well-known/security.txt").text
    assert "Contact: mailto:safe@board.example.org\n" in text
    ends = dt.datetime.fromisoformat(re.search(r"Expires: (\S+)", text)[1])
    assert dt.timedelta(days=30) < ends - timezone.now() < dt.timedelta(days=365)


def test_without_an_address_there_is_no_security_txt(client):
    Board.load()
    Board.objects.update(email="")
    assert client.get("/.well-known/security.txt").status_code == 404
