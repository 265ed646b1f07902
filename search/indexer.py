"""Index public content incrementally: compare source digests with the index, rebuild changes.

The worker runs it every minute and as a task after each publishing; `manage.py update_search`
runs it by hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from lms import jobs
from search import backend
from search.backend import Words
from search.content import digest
from search.models import SearchDocument, Term
from search.sources import Source, kinds, search_sources
from search.terms import plain

# Increase it to reindex everything after a change of how words are derived.
MADE_THIS_WAY = 2
# Small, as each may link to documents to be read: the time limit is checked between batches.
A_BATCH = 5
SECONDS = 2.0
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Changed:
    """A record to be indexed, or indexed again."""

    source: Source
    pk: int
    stamp: str

    @property
    def about(self) -> tuple[str, str]:
        """Name the record for lms.jobs, as not every source has model instances."""
        return f"search.{self.source.name}", str(self.pk)


@jobs.in_words("Bring what can be searched for up to date")
def sync(*, seconds: float = SECONDS) -> bool:
    """Bring the index in line with what is public; return True if there is more to do."""
    ends = time.monotonic() + seconds
    this = jobs.Round(sync)
    stored = stamps_stored()
    for name in stored.keys() - {source.name for source in search_sources}:
        forget(name, stored[name])
    return any(
        _sync_source(this, source, stored.get(source.name, {}), ends) for source in search_sources
    )


def stamps_stored() -> dict[str, dict[int, str]]:
    """Return the stamp of each indexed record, by its source and id."""
    stored: dict[str, dict[int, str]] = {}
    for name, pk, stamp in SearchDocument.objects.values_list("source", "record", "stamp"):
        stored.setdefault(name, {})[pk] = stamp
    return stored


def _sync_source(this: jobs.Round, source: Source, stored: dict[int, str], ends: float) -> bool:
    """Sync one source; if listing its records fails, record that and let the others go on."""
    now: dict[int, Changed] = {}
    try:
        for pk, *facts in source.stamps():
            now[pk] = Changed(source, pk, digest((MADE_THIS_WAY, *facts)))
    except jobs.DATABASE_IS_AWAY:
        raise
    except Exception as error:
        this.fail(Changed(source, 0, ""), error)
        return False
    forget(source.name, [pk for pk in stored if pk not in now])
    paused = this.paused()
    changed = [
        each
        for pk, each in now.items()
        if stored.get(pk) != each.stamp and each.about not in paused
    ]
    for batch in in_batches(changed):
        if time.monotonic() > ends:
            return True
        this.work(batch, _keep_some)
    return False


def _keep_some(changed: list[Changed]) -> None:
    keep(changed[0].source, {each.pk: each.stamp for each in changed})


def enqueue_sync(sender, **kwargs) -> None:
    """Enqueue a sync, in the caller's transaction, unless one is waiting."""
    if not DBTaskResult.objects.ready().filter(task_path=sync_now.module_path).exists():
        sync_now.enqueue()


@task()
def sync_now() -> None:
    """Sync once; what fails or remains is left to the run of every minute."""
    jobs.run(jobs.path_of(sync))


def rebuild() -> None:
    """Rebuild the whole index."""
    for name, stamps in stamps_stored().items():
        forget(name, stamps)
    sync(seconds=float("inf"))


def built(source: Source, stamps: dict[int, str]) -> Iterator[SearchDocument]:
    for record in source.records(list(stamps)):
        for document in source.documents(record):
            document.source, document.record = source.name, record.pk
            document.stamp = stamps[record.pk]
            document.kind = document.kind or source.kind.number
            yield document


@transaction.atomic
def keep(source: Source, stamps: dict[int, str]) -> None:
    """Replace what is indexed of these records, given with their stamps."""
    documents = list(built(source, stamps))
    backend.lock()
    forget(source.name, stamps)
    rows = [words_of(each) for each in SearchDocument.objects.bulk_create(documents)]
    backend.keep(rows)
    known = {word for row in rows for text in row[1:] for word in text.split()}
    Term.objects.bulk_create(
        (Term(word=word) for word in sorted(known) if is_worth_suggesting(word)),
        ignore_conflicts=True,
    )


def forget(source: str, records: Iterable[int]) -> None:
    for batch in in_batches(list(records), 500):
        with transaction.atomic():
            gone = SearchDocument.objects.filter(source=source, record__in=batch)
            backend.forget(list(gone.values_list("pk", flat=True)))
            gone.delete()


@jobs.in_words("Delete a word that the search suggests and nothing uses any more")
def forget_terms() -> None:
    """Delete suggested words that no content uses any more."""
    used: set[str] = set()
    for document in SearchDocument.objects.iterator(chunk_size=100):
        used.update(" ".join(words_of(document)[1:]).split())
    this = jobs.Round(forget_terms)
    for batch in this.batches(Term.objects.all()):
        unused = [term for term in batch if term.word not in used]
        this.work(unused, _forget_terms)
    this.forget_settled(Term.objects.all())


def _forget_terms(terms: list[Term]) -> None:
    Term.objects.filter(pk__in=[term.pk for term in terms]).delete()


def words_of(document: SearchDocument) -> Words:
    """Return the words to index."""
    kind = kinds()[document.kind]
    title, text, facts = document.title, document.text, ""
    if not kind.has_title:
        title, text, facts = "", document.title, document.facts
    lead = f"{document.summary} {document.keywords} {facts}"
    return Words(document.pk, plain(title), plain(lead), plain(text))


def is_worth_suggesting(word: str) -> bool:
    return len(word) >= 4 and word.isalpha()


def in_batches(things: Sequence[Thing], size: int = A_BATCH) -> Iterator[Sequence[Thing]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
