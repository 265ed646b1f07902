"""Test that every test follows the rules of docs/testing.md."""

import ast
from types import SimpleNamespace

import pytest

from tests.databases import ROOT
from tests.statements import covered
from tests.tiers import COVERED, FILES, ONLY_ON_SQLITE, RAW_SQL, slow_tests


def test_each_file_that_runs_on_sqlite_alone_exists_and_is_listed_once():
    names = " ".join(ONLY_ON_SQLITE.values()).split()
    assert [name for name in names if not (ROOT / "tests" / f"{name}.py").exists()] == []
    assert len(names) == len(FILES)


def test_no_file_that_runs_on_sqlite_alone_contains_raw_sql_or_depends_on_the_vendor():
    sources = {name: (ROOT / "tests" / f"{name}.py").read_text() for name in FILES}
    assert [name for name, text in sources.items() if RAW_SQL.search(text)] == []


def test_each_function_that_is_covered_exists_and_depends_on_no_vendor():
    known, names = {}, COVERED.read_text().split()
    for module in {name.partition("::")[0] for name in names}:
        text = (ROOT / "tests" / f"{module}.py").read_text()
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
                known[f"{module}::{node.name}"] = "\n".join(lines)
    assert [name for name in names if name not in known or RAW_SQL.search(known[name])] == []


def test_tests_are_left_out_as_long_as_others_run_their_statements():
    def took(seconds, statements, always=False):
        return {"seconds": seconds, "statements": set(statements), "always": always}

    found = {
        "races": took(9, "ab", always=True), "the same and no more": took(1, "ab"),
        "slow": took(9, "cd"), "quick": took(1, "cd"), "the last of all": took(5, "e"),
    }  # fmt: skip
    assert covered(found) == ["slow", "the same and no more"]


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
