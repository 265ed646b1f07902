"""Record the SQL statements of each test, and choose what need not run on PostgreSQL for them.

`make statements` runs the tests of PostgreSQL's lane whole with this module as a plugin, and writes
COVERED: the functions whose statements other tests of the lane run too.
"""

import inspect
import json
import os
import re
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db.backends.utils import CursorWrapper

from tests.tiers import COVERED, RAW_SQL, function_of

RECORDS = Path(__file__).resolve().parents[1] / ".cache" / "statements"
SHARE = 0.99  # Of all statements, those that the lane still runs.
A_QUERY = 0.0003  # Seconds that the server needs for one.
# Values, and names that hold a number of the moment: savepoints, aliases, cursors.
VALUES = re.compile(r"'[^']*'|%s(, %s)+|\b\d+\b|\"?s\d+_x\d+\"?|\b[0-9a-f]{8,}\b")
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")

seen = defaultdict(lambda: {"seconds": 0.0, "statements": set(), "always": False})


@contextmanager
def recorded(statements):
    """Add each statement that is run within the block, without its values."""
    execute = CursorWrapper._execute_with_wrappers
    asked = 0

    def noted(self, sql, params, many, executor):
        nonlocal asked
        asked += 1
        if not (text := str(sql)).startswith(CONTROL):
            statements.add(VALUES.sub("?", text))
        return execute(self, sql, params, many, executor)

    CursorWrapper._execute_with_wrappers = noted
    try:
        yield lambda: asked
    finally:
        CursorWrapper._execute_with_wrappers = execute


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    found, began = seen[function_of(item)], sum(os.times()[:4])
    with recorded(found["statements"]) as asked:
        yield
    found["seconds"] += sum(os.times()[:4]) - began + asked() * A_QUERY
    raw = RAW_SQL.search(inspect.getsource(item.function))
    is_race = item.get_closest_marker("race") is not None
    found["always"] |= "own_database" in item.fixturenames or bool(raw) or is_race


def pytest_sessionfinish():
    RECORDS.mkdir(parents=True, exist_ok=True)
    found = {
        name: entry | {"statements": sorted(entry["statements"])} for name, entry in seen.items()
    }
    (RECORDS / f"{os.getpid()}.json").write_text(json.dumps(found))


def covered(found):
    """Return the functions to leave out, so that the others run SHARE of the statements.

    Takes those first that add most statements for their seconds.
    """
    run = set().union(*(entry["statements"] for entry in found.values() if entry["always"]))
    goal = SHARE * len(set().union(*(entry["statements"] for entry in found.values())))
    left = {name: entry for name, entry in found.items() if not entry["always"]}

    def gain(name):
        return len(left[name]["statements"] - run) / (left[name]["seconds"] + 0.01)

    while left and len(run) < goal:
        run |= left.pop(max(left, key=gain))["statements"]
    return sorted(left)


def main():
    found = {}
    for path in RECORDS.glob("*.json"):
        for name, entry in json.loads(path.read_text()).items():
            known = found.setdefault(name, {"seconds": 0, "statements": set(), "always": False})
            known["seconds"] += entry["seconds"]
            known["statements"] |= set(entry["statements"])
            known["always"] |= entry["always"]
    if not found:
        sys.exit("Nothing was recorded.")
    names = covered(found)
    COVERED.write_text("".join(f"{name}\n" for name in names))
    print(f"{len(names)} of {len(found)} functions need not run on PostgreSQL.")


if __name__ == "__main__":
    main()
