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
COLUMNS: dict[tuple[str, str], str] = {
    ("home_findable", "origin"): "source",
    ("home_findable", "edition"): "record",
    ("home_findable", "indicator"): "record",
    ("courses_bookingpolicy", "offer_hours"): "offer_days",
}


def app_of_model(row):
    return "search" if row["model"] in ("findable", "knownword") else row["app_label"]


def record_found(row):
    """Return the record of a search document, which the fixture names in `origin` too."""
    return int(row["origin"].partition(":")[2])


def current_job(names):
    """Follow a job's path through each later renaming."""
    moved = import_module("search.migrations.0001_initial").JOBS
    return {old: moved.get(new, new) for old, new in (moved | names).items()}


MODELS: dict[str, str] = {
    **import_module("courses.migrations.0017_rename_models").MODELS,
    **import_module("lms.migrations.0012_rename_models").MODELS,
    **import_module("protocols.migrations.0016_rename_models").MODELS,
    **import_module("search.migrations.0001_initial").MODELS,
}
ACTIONS = ("add", "change", "delete", "view")


def _joined(old: str, new: str, action: str = "") -> tuple[str, str]:
    return action + old.replace(" ", ""), action + new.replace(" ", "")


# (Old table, old column): {old value: new value}, such as the dotted paths in ("lms_chore", "path")
# and ("django_tasks_database_dbtaskresult", "task_path"); or, where a migration works a value out,
# a function of the old row.
VALUES: dict[tuple[str, str], Mapping | Callable] = {
    ("lms_chore", "path"): current_job(import_module("lms.migrations.0011_jobs_by_process").JOBS),
    ("courses_course", "format"): {"virtual": "online", "briefing": ""},
    ("django_tasks_database_dbtaskresult", "task_path"): TASKS,
    ("django_content_type", "app_label"): app_of_model,
    ("django_content_type", "model"): dict(_joined(*pair) for pair in MODELS.items()),
    ("auth_permission", "codename"): dict(
        _joined(*pair, f"{action}_") for pair in MODELS.items() for action in ACTIONS
    ),
    ("auth_permission", "name"): {
        f"Can {action} {old}": f"Can {action} {new}"
        for old, new in MODELS.items()
        for action in ACTIONS
    },
    ("courses_bookingpolicy", "offer_hours"): lambda row: max(1, (row["offer_hours"] + 23) // 24),
    ("courses_bookingpolicy", "minimum_days"): {10: 15},
    ("protocols_protocolpolicy", "answer_days"): {14: 20},
    ("home_findable", "origin"): lambda row: row["origin"].partition(":")[0],
    ("home_findable", "edition"): record_found,
    ("home_findable", "indicator"): record_found,
}


def old_name(table: str) -> str:
    """Return the fixture's name for a table of today."""
    return next((old for old, new in TABLES.items() if new == table), table)
