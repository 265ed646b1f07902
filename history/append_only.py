"""What makes a table append-only? Triggers, put back after every migration.

SQLite rebuilds a table to alter it and drops its triggers without a word, so `guard` runs after
each `migrate` and is safe to run again.
"""

from django.db import connections

SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{what} is append-only'); END
"""
POSTGRESQL = """
CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_ARGV[0]; END $$;
CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION history_is_append_only('{what}');
CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only('{what}');
"""


def guard(table, what, *, using="default", **kwargs):
    """The table refuses update and delete from now on, if it is there."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "sqlite":
            for verb in ("update", "delete"):
                told = {"table": table, "what": what, "verb": verb, "VERB": verb.upper()}
                cursor.execute(SQLITE.format(**told))
        else:
            cursor.execute(POSTGRESQL.format(table=table, what=what))
