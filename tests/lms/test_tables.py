"""Tests that uploaded tables are read correctly, whichever program saved them."""

import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from lms.spreadsheets import reading
from lms.spreadsheets.reading import TableRefused

ROWS = "Tier;Saying\r\nTier 2;Child’s café – £5\r\n"
READ = [["Tier", "Saying"], ["Tier 2", "Child’s café – £5"]]


def workbook(*sheets):
    """Return a workbook's bytes; each sheet is its title and its rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book):
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("between", [";", ",", "\t"])
def test_text_in_any_encoding_that_excel_saves(encoding, between):
    [sheet] = reading.read(ROWS.replace(";", between).encode(encoding))
    assert sheet.lines == READ


HEADINGS = frozenset({"tier", "domain", "indicator"})
WORDS = ["Misses appointments{0} checks{0} dental care{0} or eye tests", "Late{0} absent{0} tired"]


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("within", [",", ";", "\t"])
@pytest.mark.parametrize("above", ["", "Our list, of; 2026\t\n\n"])
@pytest.mark.parametrize("quote", [0, 1])
def test_the_headings_decide_what_separates_the_columns(between, within, above, quote):
    rows = [["Tier", "Domain", "Indicator"]]
    rows += [["Tier 2", "Health", words.format(within * 3)] for words in WORDS]
    written = io.StringIO()
    csv.writer(written, delimiter=between, quoting=quote).writerows(rows)
    [sheet] = reading.read((above + written.getvalue()).encode(), HEADINGS)
    assert sheet.lines[-3:] == [[" ".join(cell.split()) for cell in row] for row in rows]


HEADED = b"Tier,Domain,Indicator\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (HEADED + b'1,"Health,x\n', "line 2 has no end, because a quotation mark opens"),
        (HEADED + b'1,"Health" and so on,x\n', "line 2 has text after a closing quotation mark"),
        (HEADED + b"1,Health," + b"x" * 140_000, "a cell of the row that begins on line 2 is too"),
        (b'"a"^"b"\n"c"^"d"\n', "none of its lines is a row of headings that we know"),
    ],
)
def test_quotation_marks_are_blamed_only_where_they_are_wrong(content, sentence):
    with pytest.raises(TableRefused, match=sentence) as refused:
        reading.read(content, HEADINGS)
    assert ("quotation" in str(refused.value)) == ("quotation" in sentence)


def test_what_nobody_sees_is_taken_out():
    [sheet] = reading.read("a\u200bb\u202ec,\xa0d \x0b e\x07 \n".encode())
    assert sheet.lines == [["abc", "d e"]]


def test_a_cell_of_several_lines_is_one():
    [sheet] = reading.read(b'one,"two\r\nthree"\r\n\r\nfour,five\r\n')
    assert sheet.lines == [["one", "two three"], [], ["four", "five"]]


def test_a_workbook_gives_each_sheet_that_can_be_seen():
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Read me"])
    shown, hidden = book.create_sheet("Table"), book.create_sheet("Old")
    shown.append([1.0, 2.5, True, None, dt.datetime(2026, 4, 1, 9), dt.date(2026, 4, 2), " x\ty "])
    hidden.sheet_state = "hidden"
    assert [(sheet.name, sheet.lines) for sheet in reading.read(saved(book))] == [
        ("Cover", [["Read me"]]),
        ("Table", [["1", "2.5", "True", "", "2026-04-01", "2026-04-02", "x y"]]),
    ]


def test_a_formula_is_what_it_came_to_and_never_run():
    [sheet] = reading.read(workbook(("S", [["=1+1", "said"]])))
    assert sheet.lines == [["", "said"]]  # the formula has no cached value


def packed(**parts):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b" \r\n", "This file is empty."),
        (b"a" * (reading.MOST_BYTES + 1), "larger than 5 MB"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel workbook, or one with a password"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"a,b\0,c" + b"x" * 20, "not text"),
        (b'a,"b\nc,d\n', "broken near line"),
        (b"a\n" * (reading.MOST_LINES + 1), "more than 10,000 lines"),
        (b"PK\x03\x04" + bytes(100), "not an Excel workbook"),
        (packed(letter="words"), "not an Excel workbook"),
        (packed(big=bytes(reading.MOST_BYTES_UNPACKED + 1)), "far larger than a table of words"),
        (workbook(("S", [["x"]]))[:2000], "not an Excel workbook"),
    ],
    ids=range(11),
)
def test_what_is_no_table_is_said_in_a_sentence(content, sentence):
    with pytest.raises(TableRefused, match=sentence):
        reading.read(content)


def test_a_workbook_of_a_million_empty_rows_is_not_walked_through():
    book = openpyxl.Workbook()
    book.active.cell(1_000_000, 1).value = "far below"
    with pytest.raises(TableRefused, match="more than 10,000 lines"):
        reading.read(saved(book))
