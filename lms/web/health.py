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

if TYPE_CHECKING:
    from collections.abc import Iterator

# Milliseconds to wait for others who write, and seconds for which an answer is good: whoever asks
# often must not make the database write often.
PATIENCE = 5_000
GOOD_FOR = 5.0
# A full disk refuses a row that needs new pages, not one that fits where another was.
ROW = 16_384

_answer: tuple[float, bool] = (0.0, False)
_asking = threading.Lock()


def can_save() -> bool:
    """Return whether the database and the disk take what is written, asked in the last seconds."""
    global _answer
    with _asking:
        until, answer = _answer
        if monotonic() >= until:
            answer = _has_room() and _writes()
            _answer = (monotonic() + GOOD_FOR, answer)
    return answer


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
