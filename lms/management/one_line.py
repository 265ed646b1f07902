"""End a command with one line where a setting is wrong or the database fails."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError


def in_one_line(start: Callable[[], None]) -> None:
    """Call `start`; a wrong setting or a database that fails ends it with one line.

    With --traceback the whole error is shown.
    """
    try:
        start()
    except (ImproperlyConfigured, DatabaseError, InterfaceError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"{type(error).__name__}: {first_line(error)}")


def first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), "it said nothing")
