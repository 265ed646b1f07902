"""Test the home page and standard pages, also on an empty site."""

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.urls import get_resolver
from wagtail.models import Site

from home.models import HomePage
from lms.web.reserved_slugs import RESERVED
from tests.factories import (
    CoursePageFactory,
    ProtocolPageFactory,
    RunFactory,
    StandardPageFactory,
    VenueFactory,
    body_of,
)

pytestmark = pytest.mark.django_db


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def test_a_new_site_has_its_pages_at_their_addresses(client):
    assert Site.objects.get(is_default_site=True).root_page.specific == HomePage.objects.get()
    addresses = ["/", "/protocols/", "/accessibility/", "/privacy/"]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )


def test_the_front_door_leads_to_what_people_come_for(client):
    page = read(client, "/")
    tasks = {words(link): link["href"] for link in page.select(".needs a")}
    assert tasks == {
        "Find a course": "/courses/",
        "Read a protocol": "/protocols/",
        "My learning": "/my/",
        "Check a certificate": "/certificates/verify/",
    }


def test_the_front_door_shows_the_next_dates_that_can_be_booked(client):
    page = CoursePageFactory(course__title="Supervision")
    RunFactory(course=page.course, venue=VenueFactory(name="Civic Room"))
    RunFactory(
        course=CoursePageFactory(course__title="Not offered", course__is_offered=False).course
    )
    shown = read(client, "/")
    assert [words(item.h3) for item in shown.select(".dates__item")] == ["Supervision"]
    assert shown.select_one(".dates__item a")["href"] == page.url
    assert "Civic Room" in words(shown.select_one(".dates__facts"))


def test_the_front_door_shows_protocols_that_changed_last(client):
    ProtocolPageFactory(title="Early Help Protocol")
    shown = read(client, "/")
    assert [words(item) for item in shown.select(".latest__item")] == [
        "Early Help Protocol Version 1, from 1 April 2026"
    ]


def test_a_standard_page_shows_its_parts(client):
    StandardPageFactory(
        title="Contact us",
        introduction="Write or ring.",
        body=body_of(
            (
                "contacts",
                {
                    "heading": "Who to ask",
                    "contacts": [
                        {
                            "name": "The office",
                            "about": "",
                            "telephone": "01632 960100",
                            "email": "office@example.org",
                        }
                    ],
                },
            )
        ),
    )
    page = read(client, "/contact-us/")
    links = [link["href"] for link in page.select(".contacts a")]
    assert links == ["tel:01632960100", "mailto:office@example.org"]


@pytest.mark.parametrize("slug", ["my", "cms", "certificates", "search"])
def test_a_page_that_would_shadow_an_address_is_refused(slug):
    before = HomePage.objects.get().get_children().count()
    with pytest.raises(ValidationError) as refused:
        StandardPageFactory(slug=slug)
    assert refused.value.message_dict == {
        "slug": [f"‘{slug}’ is the address of another part of this site: choose another."]
    }
    assert HomePage.objects.get().get_children().count() == before


def test_every_address_of_the_system_is_reserved():
    patterns = [str(pattern.pattern) for pattern in get_resolver().url_patterns]
    included = [
        str(inner.pattern)
        for pattern in get_resolver().url_patterns
        if not str(pattern.pattern)
        for inner in pattern.url_patterns
    ]
    first = {route.lstrip("^").split("/")[0] for route in patterns + included}
    words_only = {word for word in first if word.isidentifier() and word[0] != "_"}
    # The list of protocols is itself a page, so no sibling can take its slug.
    assert words_only - RESERVED == {"protocols"}
