"""Renames and value changes that migrations since the fixture declare.

A migration that renames a table, a column or a value declares it here, and `test_upgrade` follows
the rename instead of reporting a loss. Nothing here can excuse a loss: every row and column of the
fixture must still be there, under its old name or its new one.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

from lms.jobs.renamed import TASKS

# Old table: new table.
TABLES: dict[str, str] = {}

# (Old table, old column): new column.
COLUMNS: dict[tuple[str, str], str] = {}

# (Old table, old column): {old value: new value}, such as the dotted paths in ("lms_chore", "path")
# and ("django_tasks_database_dbtaskresult", "task_path"); or, where a migration works a value out,
# a function of the old row.
VALUES: dict[tuple[str, str], Mapping | Callable] = {
    ("lms_chore", "path"): import_module("lms.migrations.0011_jobs_by_process").JOBS,
    ("courses_course", "format"): {"virtual": "online", "briefing": ""},
    ("django_tasks_database_dbtaskresult", "task_path"): TASKS,
}


def old_name(table: str) -> str:
    """Return the fixture's name for a table of today."""
    return next((old for old, new in TABLES.items() if new == table), table)
