"""Query and maintain the database's own full-text index, on SQLite or PostgreSQL.

Each term is matched in two ways: by its stem, so that 'safeguards' finds 'safeguarding', and as
a prefix, since a prefix ('safeguardi') is not always a stem. Texts arrive as `plain` words. The
queries that `having` returns must all match.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connections

from search.terms import is_beginning

Asked = tuple[str, list[str]]  # SQL that selects the ids of matches, with its parameters


class Words(NamedTuple):
    """Indexed words of one SearchDocument, by its id: those in its title rank highest."""

    pk: int
    title: str
    lead: str
    text: str


class SQLite:
    """FTS5, in two tables: the porter tokenizer breaks prefix matches."""

    lock: list[str] = []  # a transaction that writes is alone from its beginning
    insert = [
        "INSERT INTO home_findable_words (rowid, title, lead, text) VALUES (%s, %s, %s, %s)",
        "INSERT INTO home_findable_stems (rowid, title, lead, text) VALUES (%s, %s, %s, %s)",
    ]
    delete = [
        "DELETE FROM home_findable_words WHERE rowid = %s",
        "DELETE FROM home_findable_stems WHERE rowid = %s",
    ]
    either = (
        "SELECT rowid FROM home_findable_stems WHERE home_findable_stems MATCH %s"
        " UNION SELECT rowid FROM home_findable_words WHERE home_findable_words MATCH %s"
    )
    ranked = (
        "SELECT rowid, bm25(home_findable_stems, 10, 4, 1) FROM home_findable_stems"
        " WHERE home_findable_stems MATCH %s"
    )

    def parameters(self, words: Words) -> tuple:
        return tuple(words)

    def having(self, terms: list[str]) -> list[Asked]:
        return [(self.either, [self._asked(term)] * 2) for term in terms]

    def titled(self, terms: list[str]) -> Asked:
        asked = " AND ".join(map(self._asked, terms))
        return self.either, [f"title : ({asked})"] * 2

    def ranks(self, terms: list[str]) -> Asked:
        return self.ranked, [" OR ".join(map(self._asked, terms))]

    def _asked(self, term: str) -> str:
        return f'"{term}"*' if is_beginning(term) else f'"{term}"'


class PostgreSQL:
    """A tsvector with both the stems and the unstemmed words."""

    lock = ["SELECT pg_advisory_xact_lock(hashtext('home_findable_words'))"]
    insert = [
        "INSERT INTO home_findable_words (id, words) VALUES (%s,"
        " setweight(to_tsvector('english', %s) || to_tsvector('simple', %s), 'A') ||"
        " setweight(to_tsvector('english', %s) || to_tsvector('simple', %s), 'B') ||"
        " setweight(to_tsvector('english', %s) || to_tsvector('simple', %s), 'D'))"
    ]
    delete = ["DELETE FROM home_findable_words WHERE id = %s"]
    term = "(to_tsquery('english', %s) || to_tsquery('simple', %s))"
    found = "SELECT id FROM home_findable_words WHERE words @@ "
    ranked = (
        "SELECT id, -ts_rank(words, asked) FROM home_findable_words,"
        " (SELECT {} AS asked) AS question WHERE words @@ asked"
    )

    def parameters(self, words: Words) -> tuple:
        pk, *texts = words
        return (pk, *(text for text in texts for _ in range(2)))

    def having(self, terms: list[str]) -> list[Asked]:
        return [self._with_all(terms)]

    def titled(self, terms: list[str]) -> Asked:
        return self._with_all(terms, "A")

    def ranks(self, terms: list[str]) -> Asked:
        any_of = " || ".join([self.term] * len(terms))
        asked = [self._asked(term) for term in terms for _ in range(2)]
        return self.ranked.format(any_of), asked

    def _with_all(self, terms: list[str], weight: str = "") -> Asked:
        asked = [self._asked(term, weight) for term in terms for _ in range(2)]
        return f"{self.found}({' && '.join([self.term] * len(terms))})", asked

    def _asked(self, term: str, weight: str = "") -> str:
        beginning = "*" if is_beginning(term) else ""
        return f"{term}:{beginning}{weight}" if beginning or weight else term


def here() -> SQLite | PostgreSQL:
    return SQLite() if connections["default"].vendor == "sqlite" else PostgreSQL()


def lock() -> None:
    """Let one transaction at a time change the index."""
    with connections["default"].cursor() as cursor:
        for statement in here().lock:
            cursor.execute(statement)


def keep(rows: Iterable[Words]) -> None:
    """Index these rows, in the caller's transaction."""
    index = here()
    parameters = [index.parameters(words) for words in rows]
    _for_each(index.insert, parameters)


def forget(pks: Iterable[int]) -> None:
    _for_each(here().delete, [(pk,) for pk in pks])


def _for_each(statements: list[str], parameters: list[tuple]) -> None:
    with connections["default"].cursor() as cursor:
        for statement in statements:
            cursor.executemany(statement, parameters)


def tell(asked: Asked) -> list[tuple]:
    with connections["default"].cursor() as cursor:
        cursor.execute(*asked)
        return cursor.fetchall()
