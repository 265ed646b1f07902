"""Tests of spreadsheets that we write: titles, periods, filters, types and no formulas."""

import datetime as dt
from decimal import Decimal

import pytest

from lms.spreadsheets.writing import About, as_cell, csv_response, xlsx_response
from tests.sheets import read_csv, read_xlsx

MADE_AT = dt.datetime(2026, 11, 30, 9, 30, tzinfo=dt.UTC)
WAYS = [(csv_response, read_csv), (xlsx_response, read_xlsx)]


def file_of(way, rows=(), **about):
    respond, read = way
    said = About(**{"title": "Places: 2026/27", "made_at": MADE_AT} | about)
    return read(respond("places", said, ["Name", "Number"], rows))


@pytest.mark.parametrize("way", WAYS)
def test_a_file_says_its_title_period_filters_and_moment(way):
    file = file_of(way, period="1 April 2026 to 31 March 2027", filters=["Sector: A", "State: B"])
    assert file.title == "Places: 2026/27"
    assert file.about == {
        "Period": "1 April 2026 to 31 March 2027",
        "Filters": "Sector: A; State: B",
        "Made": "30 November 2026 at 9:30am",
    }
    assert file.headings == ["Name", "Number"]


@pytest.mark.parametrize("way", WAYS)
def test_a_list_without_days_or_filters_says_so(way):
    file = file_of(way)
    assert (file.about["Period"], file.about["Filters"]) == ("As at 30 November 2026", "None")


def test_numbers_and_days_are_those_of_a_spreadsheet():
    day = dt.date(2026, 4, 1)
    row = [Decimal("2000.00"), 12.5, 7, day, dt.datetime(2026, 7, 1, 8, 30, 0, 7, tzinfo=dt.UTC)]
    [got] = file_of(WAYS[1], [row]).rows
    assert got[:3] == [2000, 12.5, 7]
    assert [value.isoformat() for value in got[3:]] == [
        "2026-04-01T00:00:00",
        "2026-07-01T09:30:00",
    ]


@pytest.mark.parametrize("way", WAYS)
def test_names_are_shown_as_they_are_written(way):
    [[name, _]] = file_of(way, [["Harbour Women’s Refuge, Łódź 😀", 1]]).rows
    assert name == "Harbour Women’s Refuge, Łódź 😀"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff20"])
def test_nothing_is_calculated_wherever_it_stands(way, sign):
    file = file_of(way, [[f"{sign}1+1", 1]], title=f"{sign}T", filters=[f"{sign}F"])
    assert file.rows[0][0] == f"'{sign}1+1"
    assert file.about["Filters"] == f"'{sign}F"
    assert file.title == f"'{sign}T"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "before", [" ", "\u00a0", "\x0b", "\x00\x1f", "\u200f", "\ufeff\u202e", "\u200b\x0b"]
)
def test_nothing_is_calculated_behind_a_sign_that_nobody_sees(way, before):
    [[cell, _]] = file_of(way, [[f"{before}=1+1", 1]]).rows
    assert cell.startswith("'") and cell.endswith("=1+1")


@pytest.mark.parametrize("way", WAYS)
def test_a_name_from_right_to_left_is_written_as_it_is(way):
    [[cell, _]] = file_of(way, [["\u200fעֵדֶן-לי", 1]]).rows
    assert cell == "\u200fעֵדֶן-לי"


def test_signs_that_a_workbook_cannot_hold_are_left_out():
    [[name, _]] = file_of(WAYS[1], [["Ver\x0btical", 1]]).rows
    assert name == "Vertical"


@pytest.mark.parametrize(("value", "cell"), [(True, "Yes"), (False, "No"), (None, ""), (0, 0)])
def test_yes_no_and_nothing_are_words(value, cell):
    assert as_cell(value) == cell
