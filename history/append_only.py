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


def guard(
    table: str,
    what: str,
    *,
    once: Sequence[str] = (),
    undone: bool = False,
    using="default",
    **kwargs,
) -> None:
    """Make the table, if it exists, refuse updates and deletes.

    The columns of `once` may be set together, while the first of them is NULL. With `undone` they
    may be emptied together too: the first to NULL, the others, which are texts, to ''.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "postgresql":
            but = "".join(f" - '{column}'" for column in once)
            allowed = _allowed([f"to_jsonb(NEW){but} = to_jsonb(OLD){but}"], once, undone)
            cursor.execute(POSTGRESQL.format(table=table, what=what, allowed=allowed))
            return
        columns = connection.introspection.get_table_description(cursor, table)
        same = [f"NEW.{c.name} IS OLD.{c.name}" for c in columns if c.name not in once]
        for verb, allowed in {"update": _allowed(same, once, undone), "delete": "FALSE"}.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            cursor.execute(SQLITE.format(table=table, what=what, verb=verb, allowed=allowed))


def _allowed(same: list[str], once: Sequence[str], undone: bool) -> str:
    """Return the condition of an update that is allowed."""
    if not once:
        return "FALSE"
    first, *texts = once
    ways = [[f"OLD.{first} IS NULL", f"NEW.{first} IS NOT NULL"]]
    if undone:
        emptied = [f"NEW.{text} = ''" for text in texts]
        ways.append([f"OLD.{first} IS NOT NULL", f"NEW.{first} IS NULL", *emptied])
    either = " OR ".join(f"({' AND '.join(way)})" for way in ways)
    return " AND ".join([*same, f"({either})"])
