"""Search public content for all the given words, title matches first."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, field

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length
from django.utils.safestring import SafeString

from lms.paging import Paginator
from search import backend
from search.models import SearchDocument, Term
from search.sources import Kind, kind_named, kinds
from search.terms import says, snippet, terms_in

A_PAGE = 20
MOST_SIGNS = 200
# Similarity cutoff of suggestions: a letter or two of ten may differ.
AS_NEAR = 0.75

Hit = tuple[int, int]  # the id and the kind’s number of a SearchDocument


@dataclass
class Result:
    document: SearchDocument
    snippet: SafeString


@dataclass
class Answer:
    """Results for `words`; `counts` has all kinds, whichever kind is shown."""

    words: str
    terms: list[str]
    counts: dict[Kind, int] = field(default_factory=dict)
    kind: Kind | None = None
    page: Page | None = None
    results: list[Result] = field(default_factory=list)
    suggestion: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def pages_saying(words: str, kind: str) -> QuerySet:
    """Return the ids of this kind's pages, public or not, with all these words.

    `kind` is a kind's name. Used to filter the lists of courses and protocols.
    """
    terms = terms_in(words)
    found = SearchDocument.objects.filter(kind=kind_named(kind).number)
    return (having(found, terms) if terms else found.none()).values("page")


def look_for(words: str, *, kind: str = "", page: str | None = None) -> Answer:
    """Search for the words. `kind` is a kind's name; any other means every kind."""
    words = " ".join(words.replace("\0", "").split())[:MOST_SIGNS]
    answer = Answer(words, terms_in(words))
    if not answer.terms:
        return answer
    hits = found(answer.terms)
    counts = Counter(of for _, of in hits)
    answer.counts = {of: counts[number] for number, of in kinds().items() if counts[number]}
    answer.kind = next((of for of in answer.counts if of.name == kind), None)
    shown = [pk for pk, of in hits if answer.kind is None or answer.kind.number == of]
    answer.page = Paginator(shown, A_PAGE).get_page(page)
    answer.results = results(list(answer.page), answer.terms)
    if not hits:
        answer.suggestion = suggestion(answer.terms)
    return answer


def found(terms: list[str]) -> list[Hit]:
    """List public things with all of these terms: title matches first, then by kind and rank."""
    index, public = backend.here(), SearchDocument.objects.public()
    hits = once(having(public, terms).values_list("pk", "kind", "document"))
    if not hits:
        return []
    titled = {pk for pk, *_ in backend.tell(index.titled(terms))}
    ranks = dict(backend.tell(index.ranks(terms)))

    def place(hit: Hit):
        pk, kind = hit
        return pk not in titled, kind, ranks.get(pk, 0), pk

    return sorted(hits, key=place)


def having(documents: QuerySet, terms: list[str]) -> QuerySet:
    """Filter to those with all of the terms, which reach the database only as parameters."""
    for asked in backend.here().having(terms):
        documents = documents.filter(pk__in=RawSQL(*asked))  # noqa: S611 (backend wrote it)
    return documents


def once(rows) -> list[Hit]:
    """List hits, each document once even if several pages link to it."""
    seen = set()
    hits = []
    for pk, kind, document in rows.order_by("pk"):
        if document is None or document not in seen:
            seen.add(document)
            hits.append((pk, kind))
    return hits


def results(pks: list[int], terms: list[str]) -> list[Result]:
    documents = SearchDocument.objects.in_bulk(pks)
    return [Result(documents[pk], part_of(documents[pk], terms)) for pk in pks if pk in documents]


def part_of(document: SearchDocument, terms: list[str]) -> SafeString:
    """Return a snippet of the summary, or of the text if only that has the words."""
    in_text = not says(document.summary, terms) and says(document.text, terms)
    return snippet(document.text if in_text else document.summary or document.text, terms)


def suggestion(terms: list[str]) -> str:
    """Suggest the nearest known words; an empty string unless they would find something."""
    words = like(terms)
    near = [nearest(term, words) for term in terms]
    return " ".join(near) if near != terms and found(near) else ""


def like(terms: list[str]) -> list[str]:
    """List the known words that a term begins or may be a misspelling of."""
    may_be = Q()
    for term in terms:
        as_long = Q(signs__range=(len(term) - 2, len(term) + 2))
        may_be |= as_long & (Q(word__startswith=term[0]) | Q(word__endswith=term[-2:]))
        may_be |= Q(word__startswith=term)
    known = Term.objects.annotate(signs=Length("word")).filter(may_be)
    return list(known.order_by("word").values_list("word", flat=True))


def nearest(term: str, words: list[str]) -> str:
    if any(word.startswith(term) for word in words):
        return term
    return next(iter(difflib.get_close_matches(term, words, n=1, cutoff=AS_NEAR)), term)
