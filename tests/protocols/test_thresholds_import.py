"""Tests that a spreadsheet of indicators is previewed row by row and imported once."""

import csv
import datetime as dt
import io
import threading
import zipfile
from collections import Counter

import openpyxl
import pytest
import time_machine

from history.models import Event
from lms.spreadsheets import reading
from lms.spreadsheets.reading import TableRefused
from protocols.indicators import importing, sheet
from protocols.indicators.sheet import IndicatorRow
from protocols.models import Indicator, Tier
from tests.factories import (
    AgeGroupFactory,
    AssessmentDomainFactory,
    IndicatorFactory,
    TierFactory,
    TopicFactory,
)
from tests.lms.test_tables import workbook
from tests.servers import at_once

TODAY = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
HEADINGS = ["Tier", "Domain", "Age group", "Indicator", "Topics", "From", "Until"]
HUNGRY = ["Tier 2", "Family", "Under 5", "Is often hungry", "Neglect", "1/4/2026", ""]


@pytest.fixture
def arranged(db):
    """Create tiers, domains, age groups and topics; freeze time on 1 June."""
    TierFactory(name="Tier 1: universal", position=1)
    TierFactory(name="Tier 2: early help", position=2)
    AssessmentDomainFactory(name="Family")
    AgeGroupFactory(name="Under 5")
    TopicFactory(name="Neglect")
    TopicFactory(name="Poverty")
    with time_machine.travel(TODAY, tick=False):
        yield


def as_csv(*rows):
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def foreseen(*rows, headings=HEADINGS):
    brought = sheet.parse(as_csv(headings, *rows))
    return [
        (fate.kind, fate.row.line, fate.reason or fate.changes)
        for fate in importing.foresee(brought.rows)
    ]


def bring(*rows, headings=HEADINGS):
    brought = sheet.parse(as_csv(headings, *rows))
    return importing.bring_in(brought.rows, by="TEST")


def said(indicator):
    return (
        indicator.tier.name,
        indicator.domain.name,
        indicator.age_group and indicator.age_group.name,
        indicator.text,
        sorted(topic.name for topic in indicator.topics.all()),
        str(indicator.starts_on),
        indicator.ends_on and str(indicator.ends_on),
    )


# Reading


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_rows_are_read_by_their_headings_in_any_order_and_encoding(encoding):
    text = "Board’s table\n\nIndicator,LEVEL,Notes,Domain\n• Isn’t warm,2,x,Family\n,,,\n"
    brought = sheet.parse(text.encode(encoding))
    assert brought.rows == [IndicatorRow(4, tier="2", domain="Family", text="Isn’t warm")]


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_known_headings_tell_what_separates_the_columns(between, encoding):
    text = "Late; absent, or tired | hungry – or cold"
    lines = [["Tier*", "Domain:", "Indicator"], ["2", "Family", f'"{text}"']]
    content = "\r\n".join(between.join(cells) for cells in lines).encode(encoding)
    assert sheet.parse(content).rows == [IndicatorRow(2, tier="2", domain="Family", text=text)]


def test_headings_that_are_said_again_are_no_row():
    content = b"Tier,Domain,Indicator\n2,Family,Cold\n\nTIER,Domain,Indicator\n2,Family,Wet\n"
    assert [(row.line, row.text) for row in sheet.parse(content).rows] == [(2, "Cold"), (5, "Wet")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("content.xml", "an OpenDocument file, such as .ods"),
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a presentation"),
        ("Index/Document.iwa", "a Numbers spreadsheet"),
    ],
)
def test_another_packed_file_is_called_what_it_is(name, kind):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as packed:
        packed.writestr(name, "<x/>")
    with pytest.raises(TableRefused, match=f"This file is {kind}, not an Excel workbook"):
        sheet.parse(output.getvalue())


def test_the_sheet_with_the_headings_is_found_among_others():
    content = workbook(
        ("Cover", [["Thresholds", 2026]]),
        ("Indicators", [HEADINGS, [*HUNGRY[:5], dt.datetime(2026, 4, 1), 46478]]),
        ("Last year", [HEADINGS, HUNGRY]),
    )
    brought = sheet.parse(content)
    assert (brought.sheet, brought.unread) == ("Indicators", ["Last year"])
    assert brought.rows == [IndicatorRow(2, "", *HUNGRY[:5], "2026-04-01", "46478")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (workbook(("Cover", [["Hello"]]), ("Sheet2", [])), "None of the sheets ‘Cover’, ‘Sheet2’"),
        (b"Tier,Domain\n1,2\n", "This file has no row of headings with ‘Tier’, ‘Domain’ and"),
        (b"Tier,Domain,Indicator\n,,\n", "headings and nothing below them"),
        (b"Tier,Domain,Indicator\n" + b"1,2,3\n" * 5001, "more than 5,000 rows"),
    ],
    ids=range(4),
)
def test_a_wrong_sheet_is_said_in_a_sentence(content, sentence):
    with pytest.raises(TableRefused, match=sentence):
        sheet.parse(content)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-04-01", (2026, 4, 1)),
        ("1/4/2026", (2026, 4, 1)),
        ("01/04/26", (2026, 4, 1)),
        ("1 April 2026", (2026, 4, 1)),
        ("1 Apr 2026", (2026, 4, 1)),
        ("01.04.2026", (2026, 4, 1)),
        ("2026-04-01 00:00:00", (2026, 4, 1)),
        ("46113", (2026, 4, 1)),  # Excel's serial number
        ("1-Apr-26", (2026, 4, 1)),
        ("1-Apr-2026", (2026, 4, 1)),
        ("1 Apr 26", (2026, 4, 1)),
        ("01-April-2026", (2026, 4, 1)),
        ("1st April 2026", (2026, 4, 1)),
        ("Wednesday, 1 April 2026", (2026, 4, 1)),
        ("April 1, 2026", (2026, 4, 1)),
        ("1 Sept 2026", (2026, 9, 1)),
        ("22nd August 26", (2026, 8, 22)),
        ("2026/04/01", (2026, 4, 1)),
        ("01/04/2026 00:00", (2026, 4, 1)),
        ("2026-04-01T00:00:00Z", (2026, 4, 1)),
        ("1.4.26", (2026, 4, 1)),
        ("1\u2013Apr\u201326", (2026, 4, 1)),
        ("46113.0", (2026, 4, 1)),
        ("29/2/2028", (2028, 2, 29)),
    ],
)
def test_a_day_is_read_as_it_is_written_here(text, day):
    assert sheet.day(text) == dt.date(*day)


@pytest.mark.parametrize(
    "text",
    ["soon", "31/2/2026", "4/13/2026", "1/4/0026", "1/4/2226", "12", "29/2/2027", "Apr-26", "1-Apr",
     "1/4/2026 09:30", "1 April", "Sunday"],
)  # fmt: skip
def test_what_is_no_day_is_said(text):
    with pytest.raises(ValueError, match=f"‘{text}’ is not a day"):
        sheet.day(text)


# What becomes of each row


def test_a_new_row_is_added_with_all_that_it_says(arranged):
    assert foreseen(HUNGRY) == [("new", 2, [])]
    assert not Indicator.objects.exists()
    assert bring(HUNGRY) == Counter(new=1)
    assert said(Indicator.objects.get()) == (
        "Tier 2: early help", "Family", "Under 5", "Is often hungry", ["Neglect"], "2026-04-01",
        None,
    )  # fmt: skip
    [event] = Event.objects.filter(action="indicator.added")
    assert (event.by_process, event.now["text"]) == ("TEST", "Is often hungry")


def test_without_a_day_it_holds_from_today_and_without_an_age_for_every_one(arranged):
    bring(["2", "family", "", "Home is damp", "", "", ""])
    assert said(Indicator.objects.get())[2:] == (None, "Home is damp", [], "2026-06-01", None)


def test_brought_twice_it_is_there_once(arranged):
    ended = [*HUNGRY[:3], "Ends", "", "", "1/1/2027"]
    assert bring(HUNGRY, ended) == Counter(new=2)
    assert foreseen(HUNGRY, ended) == [("same", 2, []), ("same", 3, [])]
    assert bring(HUNGRY, ended) == Counter(same=2)
    assert Indicator.objects.count() == 2
    assert Event.objects.filter(action__startswith="indicator.").count() == 2


def test_what_differs_is_changed_and_what_is_empty_stays(arranged):
    bring(HUNGRY)
    row = ["Tier 2", "Family", "Under 5", "Is often hungry", "Poverty; Neglect", "", "31/12/2026"]
    assert foreseen(row) == [("changed", 2, ["Topics", "Until"])]
    assert Indicator.objects.get().ends_on is None
    assert bring(row) == Counter(changed=1)
    assert said(Indicator.objects.get())[4:] == (
        ["Neglect", "Poverty"],
        "2026-04-01",
        "2026-12-31",
    )
    [event] = Event.objects.filter(action="indicator.changed")
    assert (event.was["ends_on"], event.now["ends_on"]) == (None, "2026-12-31")


def test_with_its_number_all_of_it_can_be_changed(arranged):
    bring(HUNGRY)
    number = str(Indicator.objects.get().pk)
    headings = ["Number", "Tier", "Domain", "Indicator"]
    row = [number, "Tier 1", "Family", "Eats well"]
    assert foreseen(row, headings=headings) == [("changed", 2, ["Tier", "Indicator"])]
    bring(row, headings=headings)
    assert said(Indicator.objects.get())[:5] == (
        "Tier 1: universal", "Family", "Under 5", "Eats well", ["Neglect"],
    )  # fmt: skip


def test_what_has_ended_can_come_back_as_a_new_one(arranged):
    IndicatorFactory(
        tier=Tier.objects.get(position=2),
        domain=AssessmentDomainFactory(name="Family"),
        text="Home is damp",
        ends_on=dt.date(2026, 3, 31),
    )
    row = ["2", "Family", "", "Home is damp", "", "", ""]
    assert bring(row) == Counter(new=1)
    assert bring(row) == Counter(same=1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({0: ""}, "There is no tier on this line. Enter it on every line; cells that are merged"),
        ({0: "Tier 9"}, "There is no tier called ‘Tier 9’. It may be one of: Tier 1: universal, "),
        ({1: "Money"}, "There is no domain called ‘Money’. It may be one of: Family."),
        ({2: "Adults"}, "There is no age group called ‘Adults’."),
        ({3: ""}, "There is no indicator on this line. Write one, or leave the line out."),
        ({3: "x" * 401}, "Ensure this value has at most 400 characters (it has 401)."),
        ({3: "Seen with 943 476 5919"}, "This has an NHS number in it."),
        ({4: "Neglect; Ghosts"}, "There is no topic called ‘Ghosts’."),
        ({5: "soon"}, "‘soon’ is not a day that we can read."),
        ({6: "1/4/2026"}, "‘Until’ must come after ‘from’."),
    ],
    ids=range(10),
)
def test_a_bad_row_is_left_out_with_its_line_and_reason(arranged, change, reason):
    bad = [change.get(at, cell) for at, cell in enumerate(HUNGRY)]
    first, second = foreseen(["1", "Family", "", "Is well", "", "", ""], bad)
    assert first == ("new", 2, [])
    assert second[:2] == ("refused", 3)
    assert second[2].startswith(reason)
    assert bring(["1", "Family", "", "Is well", "", "", ""], bad) == Counter(new=1, refused=1)
    assert [one.text for one in Indicator.objects.all()] == ["Is well"]


def test_the_same_line_twice_and_an_unknown_number_are_left_out(arranged):
    twice = ("refused", 3, "This is the same as line 2: leave one of them out.")
    assert foreseen(HUNGRY, HUNGRY)[1] == twice
    headings = ["Number", "Tier", "Domain", "Indicator"]
    assert foreseen(["77", "1", "Family", "x"], headings=headings) == [
        ("refused", 2, "There is no indicator 77. Leave the number out to add one.")
    ]


def test_a_number_cannot_make_two_say_the_same(arranged):
    bring(HUNGRY, [*HUNGRY[:3], "Home is damp", "", "", ""])
    damp = Indicator.objects.get(text="Home is damp")
    headings = ["Number", "Tier", "Domain", "Indicator"]
    [(kind, _, reason)] = foreseen(
        [str(damp.pk), "2", "Family", "Is often hungry"], headings=headings
    )
    said = "says the same already: leave this line out."
    assert (kind, reason.split(" ", 2)[2]) == ("refused", said)


def test_a_long_list_asks_no_more_of_the_database(arranged, django_assert_max_num_queries):
    rows = [["2", "Family", "Under 5", f"Sign {n}", "Neglect", "", ""] for n in range(60)]
    with django_assert_max_num_queries(14):
        assert bring(*rows) == Counter(new=60)


# At once


def world():
    TierFactory(name="Tier 2: early help")
    AssessmentDomainFactory(name="Family")
    return [IndicatorRow(n, tier="2", domain="Family", text=f"Sign {n}") for n in range(20)]


@pytest.mark.race
def test_pressed_by_several_at_once_each_row_is_brought_in_once(own_database, rounds):
    rows = world()
    for _ in range(rounds):
        Indicator.objects.all().delete()
        outcomes = at_once(4, lambda number: importing.bring_in(rows, by="RACE"))
        assert [one for one in outcomes if isinstance(one, Exception)] == []
        assert sorted(outcome["new"] for outcome in outcomes) == [0, 0, 0, 20]
        assert Indicator.objects.count() == 20


@pytest.mark.race
def test_without_taking_turns_they_would_meet(own_database):
    """Control: without the lock, each evaluates before any has written, and all but one fail."""
    rows = world()
    gate = threading.Barrier(4)
    careless = importing.bring_in.__wrapped__
    foresee = importing.foresee

    def foreseen_by_all_first(rows):
        fates = foresee(rows)
        gate.wait(30)
        return fates

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "foresee", foreseen_by_all_first)
        patch.setattr(Tier.objects, "select_for_update", Tier.objects.all)
        outcomes = at_once(4, lambda number: careless(rows, by="RACE"))
    assert sum(isinstance(one, Exception) for one in outcomes) == 3
    assert Indicator.objects.count() == 20


MERGED = [
    ["Tier", "Domain", "Indicator"],
    ["Tier 1: universal", "Family", "Plays"],
    ["", "", "Sleeps"],
    ["Tier 2: early help", "", "Is hungry"],
    ["", "", "Is cold"],
]
FILLED = ["Tier 1: universal"] * 2 + ["Tier 2: early help"] * 2


def merged_workbook():
    """Make a workbook whose tiers and domain are one cell each for several rows."""
    book = openpyxl.Workbook()
    for row in MERGED:
        book.active.append([cell or None for cell in row])
    for cells in ("A2:A3", "A4:A5", "B2:B5"):
        book.active.merge_cells(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_tier_and_a_domain_merged_over_several_rows_are_filled_down(arranged):
    rows = sheet.parse(merged_workbook()).rows
    assert [row.tier for row in rows] == FILLED
    assert {row.domain for row in rows} == {"Family"}
    importing.bring_in(rows, by="TEST")
    assert [one.tier.name for one in Indicator.objects.order_by("pk")] == FILLED


def test_only_cells_that_are_merged_are_filled_in_a_workbook():
    book = openpyxl.Workbook()
    for row in (["Tier", "Age"], ["One", "Under 5"], [None, None], [None, "Over 5"]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    written = io.BytesIO()
    book.save(written)
    [read] = reading.read(written.getvalue())
    assert read.lines == [["Tier", "Age"], ["One", "Under 5"], ["", "Under 5"], ["", "Over 5"]]
