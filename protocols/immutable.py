"""What keeps an edition as it was? Triggers, put back after every migration.

SQLite rebuilds a table to alter it and drops its triggers without a word, so `guard` runs after
each `migrate` and is safe to run again. An edition may be withdrawn once; that is all.
"""

from django.db import connections

MAY_CHANGE = ("withdrawn_at", "withdrawn_reason")
TABLES = {"protocols_edition": MAY_CHANGE, "protocols_editionfile": ()}

SQLITE_DELETE = """
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'an edition is never deleted'); END
"""
SQLITE_UPDATE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({allowed})
BEGIN SELECT RAISE(ABORT, 'an edition is never changed'); END
"""
POSTGRESQL = """
CREATE OR REPLACE FUNCTION {table}_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND {allowed} THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'an edition is never changed or deleted';
END $$;
CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_is_immutable();
CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_immutable();
"""


def guard(*, using="default", **kwargs):
    """The tables of editions refuse change and deletion from now on, where they are."""
    connection = connections[using]
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
        for table, may_change in TABLES.items():
            if table in there:
                columns = connection.introspection.get_table_description(cursor, table)
                _guard(cursor, connection.vendor, table, [c.name for c in columns], may_change)


def _guard(cursor, vendor, table, columns, may_change):
    if vendor == "sqlite":
        allowed = _once([f"NEW.{c} IS OLD.{c}" for c in columns if c not in may_change], may_change)
        for verb, statement in (("delete", SQLITE_DELETE), ("update", SQLITE_UPDATE)):
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            cursor.execute(statement.format(table=table, allowed=allowed))
    else:
        minus = "".join(f" - '{column}'" for column in may_change)
        same = [f"to_jsonb(NEW){minus} = to_jsonb(OLD){minus}"]
        allowed = _once(same, may_change)
        cursor.execute(POSTGRESQL.format(table=table, allowed=allowed))


def _once(same, may_change):
    """Only from not withdrawn to withdrawn, with all else the same."""
    if not may_change:
        return "FALSE"
    return " AND ".join([*same, "OLD.withdrawn_at IS NULL", "NEW.withdrawn_at IS NOT NULL"])
