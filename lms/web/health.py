"""Find out for monitoring whether this site can save, without waiting long or saving anything."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from lms.mail import holding

if TYPE_CHECKING:
    from collections.abc import Iterator

# Milliseconds to wait for others who write, and seconds for which an answer is good: whoever asks
# often must not make the database write often.
PATIENCE = 5_000
# Seconds to wait for a connection: a load balancer asks again, and a pool waits for longer.
REACHED_WITHIN = 0.8
GOOD_FOR = 5.0
# A full disk refuses a row that needs new pages, not one that fits where another was.
ROW = 16_384

_answer: tuple[float, bool] = (0.0, False)
_is_held = False
_check: Check | None = None
_asking = threading.Lock()


def can_save() -> bool:
    """Return whether the database and the disk take what is written, asked in the last seconds.

    A database that is not reached within a second is one that does not.
    """
    global _check
    until, answer = _answer
    if monotonic() < until:
        return answer
    if connection.vendor != "postgresql" or connection.connection is not None:
        with _asking:
            return _answer[1] if monotonic() < _answer[0] else _ask()
    with _asking:
        if _check is None or not _check.is_alive():
            _check = Check(daemon=True)
            _check.start()
        check = _check
    return check.result()


class Check(threading.Thread):
    """One question to a server, which may take long to say no: nobody waits for all of it."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self.is_reached, self.answer = threading.Event(), False

    def run(self) -> None:
        try:
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self.is_reached.set()
            self.answer = _ask()
        except (DatabaseError, InterfaceError):
            self.is_reached.set()
        finally:
            connection.close()

    def result(self) -> bool:
        if not self.is_reached.wait(REACHED_WITHIN):
            return False
        self.join(2 * PATIENCE / 1000)
        return self.answer


def _ask() -> bool:
    global _answer, _is_held
    answer = _has_room() and _writes()
    _is_held = answer and holding.current() is not None
    _answer = (monotonic() + GOOD_FOR, answer)
    return answer


def is_held() -> bool:
    """Return whether this was a restored copy whose email is held back, when `can_save` asked."""
    return _is_held


def _has_room() -> bool:
    """Return whether the disk with the data has room for an hour's files."""
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return False
    return free >= settings.LMS_HEALTH_FREE_MB * 1024 * 1024


def _writes() -> bool:
    """Add a row and remove it, in one transaction that is committed."""
    try:
        with _patience(), transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE}")
                    cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
            session = Session(
                session_key=f"healthz{get_random_string(24)}",
                session_data="0" * ROW,
                expire_date=timezone.now() - timedelta(days=1),
            )
            session.save(force_insert=True)
            session.delete()
    except (DatabaseError, InterfaceError):
        return False
    return True


@contextmanager
def _patience() -> Iterator[None]:
    """Wait less long for SQLite's lock than a page does."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        [usual] = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
