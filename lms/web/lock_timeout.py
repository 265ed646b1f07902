"""Let a request on PostgreSQL wait for a lock for seconds only; the page then says what is so.

Otherwise one row that is locked for a minute takes a thread for each request that wants it, until
every page hangs. The worker, the nightly jobs and migrations have no such limit.
"""

from django.conf import settings
from django.db import connections
from django.db.backends.signals import connection_created


def limit_waiting() -> None:
    """Give each connection that this process opens from now on the lock timeout of the web."""
    if not (seconds := settings.LMS_WEB_LOCK_TIMEOUT):
        return
    if getattr(settings, "LMS_DATABASE_POOLER", False):
        connection_created.connect(limit_each_transaction, dispatch_uid="lock_timeout")
        return
    for database in connections.settings.values():
        if database["ENGINE"] == "django.db.backends.postgresql":
            given = database["OPTIONS"].get("options", "")
            limited = f"{given} -c lock_timeout={seconds}s".strip()
            database["OPTIONS"] = database["OPTIONS"] | {"options": limited}


def limit_each_transaction(connection, **kwargs):
    """Set the timeout in each transaction: a pooler gives the next one to another connection."""
    if (
        connection.vendor == "postgresql"
        and set_at_its_beginning not in connection.execute_wrappers
    ):
        connection.execute_wrappers.append(set_at_its_beginning)


def set_at_its_beginning(execute, sql, params, many, context):
    raw = context["connection"].connection
    if not raw.autocommit and raw.info.transaction_status.name == "IDLE":
        raw.execute(f"SET LOCAL lock_timeout = '{settings.LMS_WEB_LOCK_TIMEOUT}s'")
    return execute(sql, params, many, context)
