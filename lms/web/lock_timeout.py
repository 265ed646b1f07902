"""Let a request on PostgreSQL wait for a lock for seconds only; the page then says what is so.

Otherwise one row that is locked for a minute takes a thread for each request that wants it, until
every page hangs. The worker, the nightly jobs and migrations have no such limit.
"""

from django.conf import settings
from django.db import connections


def limit_waiting() -> None:
    """Give each connection that this process opens from now on the lock timeout of the web."""
    if not (seconds := settings.LMS_WEB_LOCK_TIMEOUT):
        return
    for database in connections.settings.values():
        if database["ENGINE"] == "django.db.backends.postgresql":
            given = database["OPTIONS"].get("options", "")
            limited = f"{given} -c lock_timeout={seconds}s".strip()
            database["OPTIONS"] = database["OPTIONS"] | {"options": limited}
