"""Test that every test follows the rules of docs/testing.md."""

import re
from types import SimpleNamespace

import pytest

from tests.databases import ROOT
from tests.tiers import FILES, ONLY_ON_SQLITE, slow_tests

RAW = re.compile(r"\.cursor\(|\bvendor\b|transaction=True")


def test_each_file_that_runs_on_sqlite_alone_exists_and_is_listed_once():
    names = " ".join(ONLY_ON_SQLITE.values()).split()
    assert [name for name in names if not (ROOT / "tests" / f"{name}.py").exists()] == []
    assert len(names) == len(FILES)


def test_no_file_that_runs_on_sqlite_alone_contains_raw_sql_or_depends_on_the_vendor():
    sources = {name: (ROOT / "tests" / f"{name}.py").read_text() for name in FILES}
    assert [name for name, text in sources.items() if RAW.search(text)] == []


def test_every_race_runs_on_both_databases(request):
    races = [item for item in request.session.items if item.get_closest_marker("race")]
    assert [item.nodeid for item in races if not item.get_closest_marker("databases")] == []


def test_every_long_test_gives_a_reason(request):
    marks = {item: item.get_closest_marker("long") for item in request.session.items}
    assert [
        item.nodeid for item, mark in marks.items() if mark and not mark.kwargs.get("reason")
    ] == []


def test_a_slow_test_without_a_reason_is_reported():
    def took(name, seconds, when="call", **keywords):
        return pytest.TestReport(name, ("", 0, ""), keywords, "passed", None, when, (), seconds)

    passed = [
        took("slow", 21), took("quick", 19), took("its fixtures", 21, "setup"),
        took("with a reason", 99, long=True),
    ]  # fmt: skip
    assert slow_tests(SimpleNamespace(stats={"passed": passed})) == {"slow": 21}
