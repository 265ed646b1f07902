"""Make tables append-only by database triggers, restored after every migration.

SQLite silently drops a table's triggers when a migration rebuilds it, so `guard` runs after each
`migrate`. Idempotent.
"""

from collections.abc import Sequence

from django.db import connections

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} WHEN NOT ({allowed})
BEGIN SELECT RAISE(ABORT, '{what} is append-only'); END
"""
POSTGRESQL = """
CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND {allowed} THEN RETURN NEW; END IF;
  RAISE EXCEPTION '{what} is append-only';
END $$;
CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only();
CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only();
"""


def guard(table: str, what: str, *, once: Sequence[str] = (), using="default", **kwargs) -> None:
    """Make the table, if it exists, refuse updates and deletes.

    The columns of `once` may be set together, once, while the first of them is NULL.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "postgresql":
            but = "".join(f" - '{column}'" for column in once)
            allowed = _still_empty([f"to_jsonb(NEW){but} = to_jsonb(OLD){but}"], once)
            cursor.execute(POSTGRESQL.format(table=table, what=what, allowed=allowed))
            return
        columns = connection.introspection.get_table_description(cursor, table)
        same = [f"NEW.{c.name} IS OLD.{c.name}" for c in columns if c.name not in once]
        for verb, allowed in {"update": _still_empty(same, once), "delete": "FALSE"}.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            cursor.execute(SQLITE.format(table=table, what=what, verb=verb, allowed=allowed))


def _still_empty(same: list[str], once: Sequence[str]) -> str:
    if not once:
        return "FALSE"
    return " AND ".join([*same, f"OLD.{once[0]} IS NULL", f"NEW.{once[0]} IS NOT NULL"])
