"""Tests of acknowledgements, and of who must read again."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail.models import PageViewRestriction

from history.models import Event
from protocols.editions import editions
from protocols.models import Acknowledgement
from protocols.readers import acknowledgements
from protocols.readers.acknowledgements import ReadingRefused, WrongAnswer
from tests.factories import (
    APPROVED,
    AcknowledgementFactory,
    AgencyFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    body_of,
)

pytestmark = pytest.mark.django_db


def next_edition(page, *, is_major):
    number = page.editions.count()
    page.reason, page.is_major = f"Change {number}.", is_major
    page.in_force_from = dt.date(2026, 4, 1) + dt.timedelta(days=number)
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def asking(**fields):
    """Create a protocol with a check question, which its second part answers."""
    page = ProtocolPageFactory(
        edition=None,
        check_question="Within how many days does the first meeting take place?",
        body=body_of(
            ("section", {"heading": "Why we have this", "text": "<p>Babies need us.</p>"}),
            (
                "section",
                {"heading": "First meeting", "text": "<p>It is held within fifteen days.</p>"},
            ),
        ),
        **fields,
    )
    page.check_answers.create(text="Within fifteen days", is_right=True)
    page.check_answers.create(text="Within thirty days", is_right=False)
    return editions.issue_edition(page, by="TEST", approved_by=APPROVED)


def test_who_has_read_it_is_kept_once_with_where_they_worked():
    edition, post = ProtocolPageFactory().edition_in_force, PostFactory()
    read = acknowledgements.acknowledge(edition, by=post.person)
    assert acknowledgements.acknowledge(edition, by=post.person) == read
    assert (read.person, read.edition, read.agency) == (post.person, edition, post.agency)
    event = Event.objects.get(action="edition.acknowledged")
    assert (event.by_person, event.thing_id) == (post.person.pk, str(edition.pk))


def test_what_is_not_in_force_is_not_acknowledged():
    page = ProtocolPageFactory()
    first = page.edition_in_force
    next_edition(page, is_major=False)
    with pytest.raises(ReadingRefused, match="not in force"):
        acknowledgements.acknowledge(first, by=PersonFactory())


def test_a_wrong_answer_points_to_the_part_and_leaves_nothing():
    edition, person = asking(), PersonFactory()
    with pytest.raises(WrongAnswer) as wrong:
        acknowledgements.acknowledge(edition, by=person, answer="Within thirty days")
    assert wrong.value.part["heading"] == "First meeting"
    with pytest.raises(WrongAnswer):
        acknowledgements.acknowledge(edition, by=person)
    assert not Acknowledgement.objects.exists()
    assert not Event.objects.filter(by_person=person.pk).exists()
    acknowledgements.acknowledge(edition, by=person, answer="Within fifteen days")
    assert Acknowledgement.objects.get().person == person


def test_a_minor_edition_leaves_it_standing_and_a_major_one_asks_again():
    page, person = ProtocolPageFactory(), PersonFactory()
    first = page.edition_in_force
    assert acknowledgements.reading_status(person, first) == acknowledgements.ReadingStatus(
        None, False
    )
    read = acknowledgements.acknowledge(first, by=person)
    assert acknowledgements.reading_status(person, first).holds
    minor = next_edition(page, is_major=False)
    assert acknowledgements.reading_status(person, minor) == acknowledgements.ReadingStatus(
        read, True
    )
    assert Acknowledgement.objects.valid().get() == read
    major = next_edition(page, is_major=True)
    assert acknowledgements.reading_status(person, major).is_to_read_again
    assert not Acknowledgement.objects.valid().exists()
    acknowledgements.acknowledge(major, by=person)
    assert acknowledgements.reading_status(person, next_edition(page, is_major=False)).holds


def test_a_protocol_that_began_with_a_minor_edition_is_read_all_the_same():
    page, person = ProtocolPageFactory(is_major=False), PersonFactory()
    acknowledgements.acknowledge(page.edition_in_force, by=person)
    assert acknowledgements.reading_status(person, page.edition_in_force).holds
    assert Acknowledgement.objects.valid().count() == 1


def test_who_sees_that_somebody_has_read():
    agency = AgencyFactory()
    read = AcknowledgementFactory(person=PostFactory(agency=agency).person)
    lead = PostFactory(agency=agency, is_lead=True).person
    seen = Acknowledgement.objects.visible_to
    assert list(seen(read.person)) == list(seen(lead)) == [read]
    assert not seen(PostFactory(is_lead=True).person).exists()
    assert not seen(PostFactory(agency=agency).person).exists()


def words(response):
    page = BeautifulSoup(response.content, "html.parser")
    return " ".join(page.main.get_text(" ").split())


def test_the_page_of_a_protocol_says_where_somebody_stands(client):
    page = ProtocolPageFactory(slug="unborn")
    assert "sign in and confirm that you’ve read it" in words(client.get("/protocols/unborn/"))
    person = PersonFactory()
    client.force_login(person)
    assert "When you confirm that you’ve read it" in words(client.get("/protocols/unborn/"))
    address = reverse("protocols:read", args=[page.edition_in_force.pk])
    assert client.get(address).status_code == 200
    assert not Acknowledgement.objects.exists()
    client.post(address)
    assert "Read and understood You confirmed" in words(client.get("/protocols/unborn/"))
    next_edition(page, is_major=False)
    assert "Only small changes were made since" in words(client.get("/protocols/unborn/"))
    next_edition(page, is_major=True)
    assert "Please read again You read version 1" in words(client.get("/protocols/unborn/"))


def test_a_wrong_answer_is_said_kindly_with_the_way_to_the_part(client):
    edition = asking(slug="unborn")
    client.force_login(PersonFactory())
    address = reverse("protocols:read", args=[edition.pk])
    answer = client.post(address, {"answer": "Within thirty days"})
    page = BeautifulSoup(answer.content, "html.parser")
    assert "not quite what it says" in page.main.get_text()
    assert page.main.find("a", string="First meeting")["href"] == "/protocols/unborn/#first-meeting"
    assert client.post(address, {"answer": "Within fifteen days"}).status_code == 302
    assert Acknowledgement.objects.count() == 1


def test_a_protocol_that_an_editor_keeps_from_somebody_is_not_read_by_another_door(client):
    page = ProtocolPageFactory()
    PageViewRestriction.objects.create(page=page, restriction_type="groups")
    client.force_login(PersonFactory())
    address = reverse("protocols:read", args=[page.edition_in_force.pk])
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
