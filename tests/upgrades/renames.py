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
}


MODELS = {"findable": "searchdocument", "knownword": "term"}
WORDS = {"findable": "search document", "known word": "term"}
VERBS = ("add", "change", "delete", "view")


def app_of_model(row):
    return "search" if row["model"] in MODELS else row["app_label"]


def record_found(row):
    """Return the record of a search document, which the fixture names in `origin` too."""
    return int(row["origin"].partition(":")[2])


def current_job(names):
    """Follow a job's path through each later renaming."""
    moved = import_module("search.migrations.0001_initial").JOBS
    return {old: moved.get(new, new) for old, new in (moved | names).items()}


# (Old table, old column): {old value: new value}, such as the dotted paths in ("lms_chore", "path")
# and ("django_tasks_database_dbtaskresult", "task_path"); or, where a migration works a value out,
# a function of the old row.
VALUES: dict[tuple[str, str], Mapping | Callable] = {
    ("lms_chore", "path"): current_job(import_module("lms.migrations.0011_jobs_by_process").JOBS),
    ("django_tasks_database_dbtaskresult", "task_path"): TASKS,
    ("django_content_type", "model"): MODELS,
    ("django_content_type", "app_label"): app_of_model,
    ("auth_permission", "codename"): {
        f"{verb}_{old}": f"{verb}_{new}" for verb in VERBS for old, new in MODELS.items()
    },
    ("auth_permission", "name"): {
        f"Can {verb} {old}": f"Can {verb} {new}" for verb in VERBS for old, new in WORDS.items()
    },
    ("home_findable", "origin"): lambda row: row["origin"].partition(":")[0],
    ("home_findable", "edition"): record_found,
    ("home_findable", "indicator"): record_found,
}


def old_name(table: str) -> str:
    """Return the fixture's name for a table of today."""
    return next((old for old, new in TABLES.items() if new == table), table)
