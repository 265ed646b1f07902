"""Does each test stand in the tier, and run on the databases, that docs/testing.md says?"""

import re
from types import SimpleNamespace

import pytest

from tests.databases import ROOT
from tests.tiers import FILES, ONLY_ON_SQLITE, slow_tests

TOUCHES_ITS_DATABASE = re.compile(r"\.cursor\(|\bvendor\b|transaction=True")


def test_each_file_that_runs_on_sqlite_alone_is_there_and_named_once():
    names = " ".join(ONLY_ON_SQLITE.values()).split()
    assert [name for name in names if not (ROOT / "tests" / f"{name}.py").exists()] == []
    assert len(names) == len(FILES)


def test_no_file_that_runs_on_sqlite_alone_speaks_to_the_database_itself():
    sources = {name: (ROOT / "tests" / f"{name}.py").read_text() for name in FILES}
    assert [name for name, text in sources.items() if TOUCHES_ITS_DATABASE.search(text)] == []


def test_what_meets_others_in_a_database_runs_on_both(request):
    """A race without a database of its own would be in a transaction, where nobody meets it."""
    races = [item for item in request.session.items if item.get_closest_marker("race")]
    assert [item.nodeid for item in races if not item.get_closest_marker("databases")] == []


def test_what_takes_long_says_why(request):
    marks = {item: item.get_closest_marker("long") for item in request.session.items}
    assert [
        item.nodeid for item, mark in marks.items() if mark and not mark.kwargs.get("reason")
    ] == []


def test_what_takes_long_without_a_reason_is_named():
    def took(name, seconds, when="call", **keywords):
        return pytest.TestReport(name, ("", 0, ""), keywords, "passed", None, when, (), seconds)

    passed = [
        took("slow", 21), took("quick", 19), took("its fixtures", 21, "setup"),
        took("with a reason", 99, long=True),
    ]  # fmt: skip
    assert slow_tests(SimpleNamespace(stats={"passed": passed})) == {"slow": 21}
