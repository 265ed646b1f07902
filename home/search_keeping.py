"""How does what is found follow what is public? It is derived from the records: nobody tells it.

Every minute, after each publishing, and by `manage.py update_search`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import transaction

from home import search_index
from home.search_index import Words
from home.search_models import Findable, KnownWord
from home.search_sources import SOURCES, digest
from home.search_words import plain

# Raise it when the same records are to be found by other words than before.
MADE_THIS_WAY = 2
# Few at once, for each may lead to documents that are read: time is looked at in between.
A_BATCH = 5
SECONDS = 2.0


def keep_up(*, seconds: float = SECONDS) -> bool:
    """What can be found is what is public, in its present words; True if there is more to do."""
    ends = time.monotonic() + seconds
    held = dict(Findable.objects.values_list("origin", "stamp"))
    now = {}
    for source in SOURCES:
        for pk, *facts in source.stamps():
            now[f"{source.name}:{pk}"] = (source, pk, digest((MADE_THIS_WAY, *facts)))
    forget([origin for origin in held if origin not in now])
    changed = {o: told for o, told in now.items() if held.get(o) != told[2]}
    for source in SOURCES:
        stamps = {pk: stamp for of, pk, stamp in changed.values() if of is source}
        for batch in in_batches(list(stamps)):
            if time.monotonic() > ends:
                return True
            keep(list(made(source, {pk: stamps[pk] for pk in batch})))
    return False


def after_publishing(sender, **kwargs) -> None:
    """What an editor has just published is found at once. Should this fail, a minute later."""
    transaction.on_commit(keep_up, robust=True)


def keep_all() -> None:
    """The same, to the end, with everything made afresh."""
    forget(list(Findable.objects.values_list("origin", flat=True).distinct()))
    keep_up(seconds=float("inf"))


def made(source, stamps: dict[int, str]) -> Iterator[Findable]:
    for record in source.records(list(stamps)):
        for findable in source.findables(record):
            findable.origin = f"{source.name}:{record.pk}"
            findable.stamp = stamps[record.pk]
            yield findable


@transaction.atomic
def keep(findables: list[Findable]) -> None:
    """These are found, in place of what was found of the same records."""
    forget([findable.origin for findable in findables])
    rows = [words_of(each) for each in Findable.objects.bulk_create(findables)]
    search_index.keep(rows)
    known = {word for row in rows for text in row[1:] for word in text.split()}
    KnownWord.objects.bulk_create(
        (KnownWord(word=word) for word in sorted(known) if is_worth_suggesting(word)),
        ignore_conflicts=True,
    )


@transaction.atomic
def forget(origins: list[str]) -> None:
    for batch in in_batches(origins, 500):
        gone = Findable.objects.filter(origin__in=batch)
        search_index.forget(list(gone.values_list("pk", flat=True)))
        gone.delete()


def forget_words() -> None:
    """No word is suggested that nothing uses any more."""
    used: set[str] = set()
    for findable in Findable.objects.iterator(chunk_size=100):
        used.update(" ".join(words_of(findable)[1:]).split())
    known = KnownWord.objects.values_list("pk", "word")
    for batch in in_batches([pk for pk, word in known if word not in used], 500):
        KnownWord.objects.filter(pk__in=batch).delete()


def words_of(findable: Findable) -> Words:
    """An indicator has no title: all that it says is in its one sentence."""
    is_indicator = findable.kind == Findable.Kind.INDICATOR
    title, text = ("", findable.title) if is_indicator else (findable.title, findable.text)
    lead = f"{findable.summary} {findable.keywords} {findable.facts if is_indicator else ''}"
    return Words(findable.pk, plain(title), plain(lead), plain(text))


def is_worth_suggesting(word: str) -> bool:
    return len(word) >= 4 and word.isalpha()


def in_batches(things: list, size: int = A_BATCH) -> Iterator[list]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
