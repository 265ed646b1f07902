"""Rows that all tests of a file start from, made once for the file."""

from contextlib import contextmanager

from django.db import transaction


@contextmanager
def world(django_db_blocker):
    """Make rows for a whole file within this block, and take them back at its end.

    What a test itself writes is taken back after it, as everywhere. For a fixture of scope
    "module" that asks for `django_db_setup`, in a file whose tests all want its rows.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
