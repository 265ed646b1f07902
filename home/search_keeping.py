"""Index public content incrementally: compare source digests with the index, rebuild changes.

Runs every minute, after each publishing, and by `manage.py update_search`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

from home import search_index
from home.search_index import Words
from home.search_models import Findable, KnownWord
from home.search_sources import SOURCES, digest
from home.search_words import plain
from lms import jobs

# Increase it to reindex everything after a change of how words are derived.
MADE_THIS_WAY = 2
# Small, as each may link to documents to be read: the time limit is checked between batches.
A_BATCH = 5
SECONDS = 2.0
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Changed:
    """A record to be indexed, or indexed again."""

    source: Any
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
    held = dict(Findable.objects.values_list("origin", "stamp"))
    names = {source.name for source in SOURCES}
    forget([origin for origin in held if origin.partition(":")[0] not in names])
    return any(_keep_up(this, source, held, ends) for source in SOURCES)


def _keep_up(this: jobs.Round, source, held: dict[str, str], ends: float) -> bool:
    """Sync one source; if listing its records fails, record that and let the others go on."""
    now: dict[str, Changed] = {}
    try:
        for pk, *facts in source.stamps():
            stamp = digest((MADE_THIS_WAY, *facts))
            now[f"{source.name}:{pk}"] = Changed(source, pk, stamp)
    except jobs.DATABASE_IS_AWAY:
        raise
    except Exception as error:
        this.fail(Changed(source, 0, ""), error)
        return False
    mine = f"{source.name}:"
    forget([origin for origin in held if origin.startswith(mine) and origin not in now])
    paused = this.paused()
    changed = [
        each
        for origin, each in now.items()
        if held.get(origin) != each.stamp and each.about not in paused
    ]
    for batch in in_batches(changed):
        if time.monotonic() > ends:
            return True
        this.work(batch, _keep_some)
    return False


def _keep_some(changed: list[Changed]) -> None:
    keep(list(made(changed[0].source, {each.pk: each.stamp for each in changed})))


def after_publishing(sender, **kwargs) -> None:
    """Sync after publishing, once committed; if that fails, the next minute's run does it."""
    transaction.on_commit(sync, robust=True)


def keep_all() -> None:
    """Rebuild the whole index."""
    forget(list(Findable.objects.values_list("origin", flat=True).distinct()))
    sync(seconds=float("inf"))


def made(source, stamps: dict[int, str]) -> Iterator[Findable]:
    for record in source.records(list(stamps)):
        for findable in source.findables(record):
            findable.origin = f"{source.name}:{record.pk}"
            findable.stamp = stamps[record.pk]
            yield findable


@transaction.atomic
def keep(findables: list[Findable]) -> None:
    """Replace what is indexed of the same records by these."""
    forget([findable.origin for findable in findables])
    rows = [words_of(each) for each in Findable.objects.bulk_create(findables)]
    search_index.keep(rows)
    known = {word for row in rows for text in row[1:] for word in text.split()}
    KnownWord.objects.bulk_create(
        (KnownWord(word=word) for word in sorted(known) if is_worth_suggesting(word)),
        ignore_conflicts=True,
    )


def forget(origins: list[str]) -> None:
    for batch in in_batches(origins, 500):
        with transaction.atomic():
            gone = Findable.objects.filter(origin__in=batch)
            search_index.forget(list(gone.values_list("pk", flat=True)))
            gone.delete()


@jobs.in_words("Delete a word that the search suggests and nothing uses any more")
def forget_words() -> None:
    """Delete suggested words that no content uses any more."""
    used: set[str] = set()
    for findable in Findable.objects.iterator(chunk_size=100):
        used.update(" ".join(words_of(findable)[1:]).split())
    this = jobs.Round(forget_words)
    for batch in this.batches(KnownWord.objects.all()):
        unused = [known for known in batch if known.word not in used]
        this.work(unused, _forget_words)
    this.forget_settled(KnownWord.objects.all())


def _forget_words(words: list[KnownWord]) -> None:
    KnownWord.objects.filter(pk__in=[word.pk for word in words]).delete()


def words_of(findable: Findable) -> Words:
    """Return the words to index; an indicator's one sentence is text, as it has no title."""
    is_indicator = findable.kind == Findable.Kind.INDICATOR
    title, text = ("", findable.title) if is_indicator else (findable.title, findable.text)
    lead = f"{findable.summary} {findable.keywords} {findable.facts if is_indicator else ''}"
    return Words(findable.pk, plain(title), plain(lead), plain(text))


def is_worth_suggesting(word: str) -> bool:
    return len(word) >= 4 and word.isalpha()


def in_batches(things: Sequence[Thing], size: int = A_BATCH) -> Iterator[Sequence[Thing]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
