"""Say of a request that failed what is so: not saved, may not have been saved, or broken.

A database that is locked, full, read-only or away answers 503 (`is_busy`), as does a file store
that is away; a file that is missing or damaged answers 404, and any other fault 500.
"""

from __future__ import annotations

import errno
import logging
import sys
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.template import loader
from django.utils.cache import add_never_cache_headers

from lms.storage.content_store import Unavailable, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

logger = logging.getLogger(__name__)

TRY_AGAIN_AFTER = "120"  # Seconds, for whoever is a program.
READS = ("GET", "HEAD", "OPTIONS", "TRACE")
# SQLite's primary result codes: busy, locked, read-only, disk I/O, full, cannot open.
SQLITE_CODES = {5, 6, 8, 10, 13, 14}
# PostgreSQL's classes of errors: connection, resources, intervention, system; and single errors:
# read-only, serialisation, deadlock, lock not available.
SQLSTATES = ("08", "53", "57", "58", "25006", "40001", "40P01", "55P03")
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def is_busy(error: BaseException | None) -> bool:
    """Return whether the database, or the disk, could not save: busy, full, read-only or away.

    SQLite undoes a whole transaction when the disk is full, and then knows no savepoint of it: the
    first error of the chain counts.
    """
    while error is not None:
        if _is_busy(error):
            return True
        error = error.__context__ if isinstance(error, DatabaseError | InterfaceError) else None
    return False


def _is_busy(error: BaseException) -> bool:
    if isinstance(error, Unavailable):
        return True
    if isinstance(error, OSError):
        return error.errno in FULL
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    cause = error.__cause__
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in SQLITE_CODES
    if state := getattr(cause, "sqlstate", None):
        return state.startswith(SQLSTATES)
    # Without a code no statement was answered: the connection or the pool failed.
    return isinstance(error, OperationalError | InterfaceError) and hasattr(cause, "sqlstate")


def is_undone(error: BaseException | None) -> bool:
    """Return whether it is certain that the transaction was undone.

    Not if the connection was lost: the database may have saved before.
    """
    cause = error.__cause__ if error else None
    return not hasattr(cause, "sqlstate") or bool(getattr(cause, "sqlstate", None))


class FaultMiddleware:
    """Note that it was the page itself that failed, and nothing after it had saved.

    A stored file that cannot be read is no fault of the page: it says so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        request.failed_in_its_view = True  # type: ignore[attr-defined]
        return file_unreadable(exception) if isinstance(exception, Unreadable) else None


def file_unreadable(why: Unreadable) -> HttpResponse:
    """Answer with a page that says whom to ask, and leave to the log which file it is."""
    logger.error("%s", why)
    answer = HttpResponse(loader.get_template("file_unreadable.html").render(), status=404)
    add_never_cache_headers(answer)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed; Django calls it while the exception is handled."""
    error = sys.exc_info()[1]
    busy, certain = is_busy(error), getattr(request, "failed_in_its_view", False)
    context = {
        "was_sent": request.method not in READS,
        "is_unsaved": busy and certain and is_undone(error),
    }
    page = loader.get_template("503.html" if busy else "500.html").render(context)
    answer = HttpResponse(page, status=503 if busy else 500)
    if busy:
        answer["Retry-After"] = TRY_AGAIN_AFTER
    add_never_cache_headers(answer)
    return answer
