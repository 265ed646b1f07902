"""Test what a spreadsheet export says of its filters, and its words for yes and no."""

import pytest

from tests.factories import AgencyFactory, ChargeFactory, PostFactory
from tests.sheets import read_csv, read_xlsx

pytestmark = pytest.mark.django_db
READERS = {"csv": read_csv, "xlsx": read_xlsx}


@pytest.mark.parametrize("kind", READERS)
def test_a_file_of_a_list_says_its_days_its_filters_and_the_words_sought(client, office, kind):
    agency = AgencyFactory(name="Harbour Women’s Refuge")
    kept = ChargeFactory(agency=agency, cost_code="PO 7")
    ChargeFactory()
    query = f"state=owed&agency={agency.pk}&since=2020-04-01&q=PO 7"
    file = READERS[kind](client.get(f"/cms/charge/?export={kind}&{query}"))
    assert file.title == "Charges"
    assert file.about["Period"] == "Recorded from: 1 April 2020"
    filters = "Search: PO 7; State: Owed: not waived; Agency: Harbour Women’s Refuge"
    assert file.about["Filters"] == filters
    [row] = file.by_heading()
    assert row["Person"] == kept.booking.person.name
    assert float(row["Amount, £"]) == 80


def test_a_wrong_filter_narrows_nothing_and_is_not_named(client, office):
    ChargeFactory()
    file = read_csv(client.get("/cms/charge/?export=csv&state=waived&since=yesterday"))
    assert file.about["Filters"] == "None"
    assert len(file.rows) == 1


def test_yes_and_no_are_words_in_what_was_chosen_and_in_the_cells(client, office):
    file = read_csv(client.get("/cms/users/?export=csv&is_staff=true"))
    assert file.about["Filters"] == "Works for the board: Yes"
    [row] = file.rows
    assert row[3:5] == ["Yes", "Yes"]


def test_a_lead_takes_away_the_staff_of_their_agencies(client):
    lead = PostFactory(agency__name="Harbour Women’s Refuge", is_lead=True, title="=1+1")
    client.force_login(lead.person)
    file = read_csv(client.get("/agency/staff.csv"))
    assert file.title == "Staff of Harbour Women’s Refuge"
    assert file.about["Filters"] == "None"
    [row] = file.by_heading()
    assert (row["Name"], row["Job title"]) == (lead.person.name, "'=1+1")
    assert row["From"] == lead.starts_on.isoformat()
