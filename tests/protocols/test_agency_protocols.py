"""Tests that leads can read, pass on and confirm their own agency's cascades only."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lms.models import Mail
from protocols.cascade import dissemination
from protocols.cascade.dissemination import Account
from protocols.models import Receipt
from tests.factories import (
    AgencyFactory,
    DisseminationFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/agency/protocols/"


@pytest.fixture
def agency():
    return AgencyFactory(name="Surgery")


@pytest.fixture
def lead(client, agency):
    person = PostFactory(agency=agency, is_lead=True, person__name="Lea Lead").person
    client.force_login(person)
    return person


def to(agency, **more):
    return DisseminationFactory(
        edition=ProtocolPageFactory(title="Unborn Baby Protocol").edition_in_force,
        agency=agency,
        message="Please bring it up on Monday.",
        **more,
    )


def today():
    return timezone.localdate()


def answer(**fields):
    return {"cascaded_on": today().isoformat(), "how": ["mail"], "reached": "", "of": ""} | fields


def address(sent, page="protocol"):
    return reverse(f"protocols:agency_{page}", args=[sent.pk])


def test_a_lead_reads_passes_on_and_confirms(client, agency, lead):
    sent = to(agency)
    PostFactory(agency=agency)
    assert "Unborn Baby Protocol, version 1" in client.get(LIST).content.decode()
    page = client.get(address(sent)).content.decode()
    for words in ("Please bring it up on Monday.", "The first version.", "Email my staff",
                  "0 of the 2 people"):  # fmt: skip
        assert words in page
    assert client.post(address(sent, "mail")).status_code == 302
    assert Mail.objects.filter(template="protocol_cascaded").count() == 2
    given = answer(reached="2", of="3", cascaded_by="The practice manager")
    assert client.post(address(sent, "confirm"), given).url == LIST
    receipt = Receipt.objects.get()
    assert (receipt.reached, receipt.of, receipt.given_by) == (2, 3, lead)
    assert "2 of 3 who need it" in client.get(LIST).content.decode()
    assert "The practice manager" in client.get(address(sent)).content.decode()


def test_what_is_not_known_is_said_to_be_unknown(client, agency, lead):
    sent = to(agency)
    client.post(address(sent, "confirm"), answer())
    receipt = Receipt.objects.get()
    assert (receipt.reached, receipt.of) == (None, None)
    for page in (LIST, address(sent)):
        assert "reach not known" in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reached": "4", "of": "3"}, "not more than those who need it"),
        ({"how": []}, "Choose at least one way"),
        ({"reached": "many"}, "whole number"),
        ({"note": "It was 943 476 5919."}, "NHS number"),
        ({"cascaded_on": "2999-01-01"}, "to today"),
    ],
)
def test_what_cannot_be_is_asked_again(client, agency, lead, wrong, words):
    sent = to(agency)
    given = client.post(address(sent, "confirm"), answer(**wrong))
    assert words in given.content.decode()
    assert not Receipt.objects.exists()


def test_confirmed_by_two_who_did_not_know_of_each_other_the_first_stands(client, agency, lead):
    sent, other = to(agency), PostFactory(agency=agency, is_lead=True).person
    said = Account(today(), ["meeting"], 5, 9)
    dissemination.confirm(sent, said, by=other)
    given = client.post(address(sent, "confirm"), answer(reached="1", of="9"))
    assert "has confirmed this already" in given.content.decode()
    assert Receipt.objects.get().reached == 5
    corrected = answer(reached="8", of="9", correcting=str(Receipt.objects.get().pk))
    client.post(address(sent, "confirm"), corrected)
    assert (Receipt.objects.get().reached, Receipt.objects.get().given_by) == (8, lead)


def test_a_parents_lead_confirms_for_its_practices(client, agency, lead):
    own = to(agency)
    practice = AgencyFactory(name="Old Town Surgery", parent=agency)
    its = DisseminationFactory(edition=own.edition, agency=practice)
    page = client.get(address(own, "confirm")).content.decode()
    assert "Whose people are in these numbers too?" in page and "Old Town Surgery" in page
    client.post(address(own, "confirm"), answer(reached="9", of="9", also_for=[str(its.pk)]))
    assert its.receipt.counted_in == own.receipt
    assert "counted in another’s numbers" in client.get(address(its)).content.decode()
    assert client.get(address(its, "confirm")).url == address(its)


def test_of_another_agency_nothing_exists(client, agency, lead):
    foreign = to(AgencyFactory(name="Foreign Agency", parent=AgencyFactory()))
    theirs = to(AgencyFactory())
    dissemination.confirm(theirs, Account(today(), ["mail"]), by=PersonFactory())
    for sent in (foreign, theirs):
        assert client.get(address(sent)).status_code == 404
        assert client.get(address(sent, "confirm")).status_code == 404
        assert client.post(address(sent, "confirm"), answer()).status_code == 404
        assert client.post(address(sent, "mail")).status_code == 404
    assert "Foreign" not in client.get(LIST).content.decode()
    own = to(agency)
    client.post(address(own, "confirm"), answer(also_for=[str(foreign.pk)]))
    assert not Receipt.objects.filter(dissemination=foreign).exists()
    assert not Mail.objects.exists()


def test_who_is_named_answers_without_leading(client, agency):
    nurse = PostFactory(agency=agency).person
    client.force_login(nurse)
    assert client.get(LIST).status_code == 404
    sent = to(agency, contact=nurse)
    assert client.get(LIST).status_code == 200
    assert client.post(address(sent, "confirm"), answer()).url == LIST
    assert Receipt.objects.get().given_by == nurse


def test_of_a_merged_agency_the_history_is_there(client, agency, lead):
    old = AgencyFactory(name="Harbour Practice", merged_into=agency, merged_on=today())
    sent = to(old)
    dissemination.confirm(sent, Account(today(), ["mail"], 3, 4), by=PersonFactory())
    page = client.get(LIST).content.decode()
    assert "Harbour Practice" in page and "now part of Surgery" in page and "3 of 4" in page


def test_the_list_takes_as_many_queries_for_three_as_for_one(client, agency, lead):
    def queries():
        client.get(LIST)  # Wagtail looks up page URLs again after one was created.
        with CaptureQueriesContext(connection) as asked:
            assert client.get(LIST).status_code == 200
        return len(asked)

    to(agency)
    dissemination.confirm(to(agency), Account(today(), ["mail"]), by=lead)
    few = queries()
    for _ in range(2):
        to(agency, deadline_on=today() - dt.timedelta(days=1))
        dissemination.confirm(to(agency), Account(today(), ["mail"]), by=lead)
    assert queries() == few
