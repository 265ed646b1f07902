"""Test the demonstration pages: working links, invented contacts, created once."""

import re

import pytest
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command
from wagtail.models import Page

from agencies.models import Agency, Person
from certificates.models import Certificate
from courses.completion import materials
from courses.models import Completion, Material
from home.demonstration.content import FOUR_BOARDS, make_pages
from lms.storage.content_store import digest
from protocols.models import Dissemination, ProtocolPage

pytestmark = pytest.mark.django_db


def test_the_pages_open_lead_where_they_say_and_name_nobody_real(client):
    make_pages()
    for page in Page.objects.live().filter(depth__gt=1):
        response = client.get(page.url)
        assert response.status_code == 200, page.url
        shown = BeautifulSoup(response.content, "html.parser")
        ids = [element["id"] for element in shown.select("[id]")]
        links = [link["href"][1:] for link in shown.select('main a[href^="#"]')]
        assert sorted(set(ids)) == sorted(ids), page.url
        assert set(links) - set(ids) == set(), page.url
        assert real_contacts(shown.get_text(" ")) == [], page.url


def test_made_up_people_are_never_made_outside_development(settings):
    settings.LMS_DEVELOPMENT = False
    with pytest.raises(CommandError, match="not a development site"):
        call_command("demo", people=1, runs=1, bookings=0, verbosity=0)
    assert not Person.objects.exists()


def real_contacts(text):
    """List telephone numbers outside Ofcom's fictional range and addresses not at example.org."""
    numbers = re.findall(r"\b0\d{3,4} ?\d{3} ?\d{3,4}\b", text)
    addresses = re.findall(r"[\w.]+@[\w.]+\w", text)
    return [n for n in numbers if not n.startswith("01632 960")] + [
        a for a in addresses if not a.endswith("example.org")
    ]


def test_it_is_made_once_with_the_owners_of_the_source_and_changes_nothing_afterwards():
    make_pages()
    protocol = ProtocolPage.objects.get(slug="unborn-baby")
    assert [owner.agency.name for owner in protocol.owners.all()] == FOUR_BOARDS
    assert "concealed-pregnancy" in [part.value.get("anchor") for part in protocol.body]
    before = (Page.objects.count(), Agency.objects.count())
    early_help = ProtocolPage.objects.get(slug="early-help")
    early_help.summary = "Changed by hand."
    early_help.save()
    make_pages()
    assert (Page.objects.count(), Agency.objects.count()) == before
    assert ProtocolPage.objects.get(slug="early-help").summary == "Changed by hand."


@pytest.mark.long(reason="makes a small board, which books, attends, reads and confirms")
def test_a_whole_demonstration_is_made():
    call_command("demo", people=60, runs=12, bookings=120, verbosity=0)
    assert Dissemination.objects.exclude(chased_on=None).exists()
    assert Completion.objects.valid().exists() and Certificate.objects.exists()
    for handout in Material.objects.all():
        with materials.download(handout) as file:
            assert digest(file.read()) == handout.sha256
    assert Material.objects.exists()
