"""Prevent write races in the Wagtail admin's search index on SQLite."""

from django.db import connection, transaction
from modelsearch.backends import database


def SearchBackend(params):
    """Build Wagtail's database backend; on SQLite, with atomic reads and writes of index rows.

    Wagtail indexes an uploaded picture at once and also by a task. A worker may run the task at
    the same moment: one of the two then met the other's row, and failed.
    """
    backend = database.SearchBackend(params)
    if connection.vendor == "sqlite":
        backend.index_class = in_one_turn(backend.index_class)
    return backend


def in_one_turn(index_class):
    class InOneTurn(index_class):
        @transaction.atomic
        def add_items(self, model, objs):
            super().add_items(model, objs)

    return InOneTurn
