"""How does Wagtail keep the index of its back office, when two write of one thing at once?"""

from django.db import connection, transaction
from modelsearch.backends import database


def SearchBackend(params):
    """The database's own. On SQLite, it looks for a row and writes it in one turn.

    Wagtail writes the row of a picture that is uploaded, and leaves a task that does the same,
    which the worker may begin at that moment: one of them met the other's row, and failed.
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
