"""Test adding and changing agencies and their domains by verbs."""

import datetime as dt

import pytest

from agencies import partners
from agencies.models import Agency, Domain
from history.models import Event
from lms.refused import Refused
from tests.factories import AgencyFactory, SectorFactory

pytestmark = pytest.mark.django_db


def test_an_agency_is_added_with_its_domains():
    sector = SectorFactory(name="Health")
    agency = partners.add("Solent", sector, domains=["solent.example.org"], by="IMPORT")
    assert [domain.name for domain in agency.domains.all()] == ["solent.example.org"]
    event = Event.objects.about(agency).get()
    assert (event.action, event.was, event.now["domains"]) == (
        "agency.added", {}, ["solent.example.org"],
    )  # fmt: skip


def test_domains_that_are_given_replace_those_that_there_are():
    agency = partners.add(
        "Solent", SectorFactory(), domains=["a.example", "b.example"], by="IMPORT"
    )
    kept = agency.domains.get(name="b.example")
    partners.change(agency, domains=["b.example", "c.example"], by="IMPORT")
    assert set(agency.domains.values_list("name", flat=True)) == {"b.example", "c.example"}
    assert agency.domains.get(name="b.example") == kept
    partners.change(agency, name="Solent Trust", by="IMPORT")
    assert (Agency.objects.get().name, agency.domains.count()) == ("Solent Trust", 2)
    partners.change(agency, name="Solent Trust", by="IMPORT")
    assert Event.objects.about(agency).filter(action="agency.changed").count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"merged_into": "itself", "merged_on": dt.date(2026, 4, 1)}, "into itself"),
        ({"merged_into": "other"}, "Give both"),
        ({"parent": "itself"}, "already belongs to this agency"),
        ({"domains": ["taken.example"]}, "is the domain of"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(wrong, sentence):
    agency, other = AgencyFactory(name="Ours"), AgencyFactory(name="Other")
    Domain.objects.create(agency=other, name="taken.example")
    named = {"itself": agency, "other": other}
    details = {
        name: named.get(value, value) if isinstance(value, str) else value
        for name, value in wrong.items()
    }
    with pytest.raises(Refused, match=sentence):
        partners.change(agency, name="Another name", by="IMPORT", **details)
    assert Agency.objects.get(pk=agency.pk).name == "Ours"
    assert not Event.objects.exists()
