"""Read all rows of a database and all files of a folder, and list what an upgrade lost."""

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.upgrades import renames


@dataclass
class Table:
    """Rows of one table as dicts by column; `key` are its primary key's columns."""

    columns: list[str]
    key: list[str]
    rows: list[dict]


def tables_in(connection):
    """Read every table, by name, with values that compare across drivers and column types."""
    with connection.cursor() as cursor:
        return {name: _table(connection, cursor, name) for name in _names(connection, cursor)}


def files_in(folder: Path):
    """Read every file of a data folder, by its path within it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _names(connection, cursor):
    if connection.vendor == "sqlite":
        # A shadow table is how SQLite stores a virtual one, whose rows are read instead.
        cursor.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type != 'shadow'"
        )
        return sorted(name for (name,) in cursor.fetchall() if not name.startswith("sqlite_"))
    return sorted(connection.introspection.table_names(cursor))


def _table(connection, cursor, name):
    key = connection.introspection.get_primary_key_columns(cursor, name)
    rowid = ""
    if not key and connection.vendor == "sqlite":
        key, rowid = ["rowid"], "rowid, "
    cursor.execute(f"SELECT {rowid}* FROM {connection.ops.quote_name(name)}")
    columns = [column for column, *_ in cursor.description]
    rows = [dict(zip(columns, map(_normal, row), strict=True)) for row in cursor.fetchall()]
    return Table(columns, list(key or columns), rows)


def _normal(value):
    """Normalise a value, so that it compares across drivers."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float | Decimal):
        return Decimal(str(value)).normalize()
    if isinstance(value, dt.datetime) and value.tzinfo:
        return str(value.astimezone(dt.UTC).replace(tzinfo=None))
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return str(value)
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, memoryview | bytes | bytearray):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, str) and value[:1] in ("{", "["):
        return _normal_json(value)
    return value


def _normal_json(text):
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def lost_rows(before, after):
    """Yield a sentence for each table, column, row and value of `before` missing in `after`."""
    for name, old in before.items():
        new = after.get(renames.TABLES.get(name, name))
        if new is None:
            yield f"Table {name} is gone, with its {len(old.rows)} rows."
        else:
            yield from _lost_of_table(name, old, new)


def _lost_of_table(name, old, new):
    now = {column: renames.COLUMNS.get((name, column), column) for column in old.columns}
    gone = [column for column in old.columns if now[column] not in new.columns]
    for column in gone:
        yield f"Column {column} of {name} is gone, with what {len(old.rows)} rows said."
    if set(gone) & {*old.key}:
        return
    found = {tuple(row[now[column]] for column in old.key): row for row in new.rows}
    kept = [column for column in old.columns if column not in gone]
    for row in old.rows:
        expected = {column: _renamed(name, column, row) for column in kept}
        row_now = found.get(tuple(expected[column] for column in old.key))
        which = ", ".join(str(row[column]) for column in old.key)
        if row_now is None:
            yield f"Row {which} of {name} is gone."
            continue
        for column in kept:
            if row_now[now[column]] != expected[column]:
                yield (
                    f"Row {which} of {name}: {column} was {_short(expected[column])}, and is"
                    f" {_short(row_now[now[column]])}."
                )


def _renamed(table, column, row):
    change = renames.VALUES.get((table, column), {})
    return change(row) if callable(change) else change.get(row[column], row[column])


def _short(value):
    words = repr(value)
    return words if len(words) < 100 else f"{words[:100]}..."


def lost_files(before, after):
    """Yield a sentence for each file of `before` that is missing in `after` or differs."""
    for path, content in before.items():
        if path not in after:
            yield f"File {path} is gone."
        elif after[path] != content:
            was, now = len(content), len(after[path])
            yield f"File {path} is not what it was: it had {was} bytes, and has {now}."
