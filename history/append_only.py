"""What makes history append-only? Triggers, put back after every migration.

SQLite rebuilds a table to alter it and drops its triggers without a word, so `guard` runs after
each `migrate` and is safe to run again.
"""

from django.db import connections

SQLITE = """
CREATE TRIGGER IF NOT EXISTS history_event_no_{verb} BEFORE {VERB} ON history_event
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
"""
POSTGRESQL = """
CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$;
CREATE OR REPLACE TRIGGER history_event_no_change BEFORE UPDATE OR DELETE ON history_event
FOR EACH ROW EXECUTE FUNCTION history_is_append_only();
CREATE OR REPLACE TRIGGER history_event_no_truncate BEFORE TRUNCATE ON history_event
FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only();
"""


def guard(*, using="default", **kwargs):
    """The table of events refuses update and delete from now on, if it is there."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if "history_event" not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "sqlite":
            for verb in ("update", "delete"):
                cursor.execute(SQLITE.format(verb=verb, VERB=verb.upper()))
        else:
            cursor.execute(POSTGRESQL)
