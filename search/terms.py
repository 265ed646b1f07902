"""Normalise and match search words, and mark them in snippets."""

from __future__ import annotations

import re
import unicodedata

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WORD = re.compile(r"[^\W_]+")
APOSTROPHES = str.maketrans("", "", "'’ʼ")
LONGEST = 40
MOST_TERMS = 8
# Shorter terms, such as DA, match as whole words only: too many words begin with them.
SHORTEST_BEGINNING = 3
# Stop words, ignored beside others.
SMALL = frozenset(
    [
        "a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "how", "i",
        "if", "in", "is", "it", "my", "of", "on", "or", "our", "the", "this", "to", "we", "what",
        "when", "where", "which", "who", "with", "you", "your",
    ]
)  # fmt: skip
ENDINGS = re.compile(r"(?<=\w{4})(?:ings?|ments?|ations?|ed|es|s)$")
ENDS_IN_Y = re.compile(r"(?<=\w{3})(?:y|ies)$")
LENGTH, BEFORE = 240, 80


def plain(text: str) -> str:
    """Normalise text to lower-case words without accents, separated by spaces."""
    decomposed = unicodedata.normalize("NFKD", text.translate(APOSTROPHES)).casefold()
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(word[:LONGEST] for word in WORD.findall(bare))


def terms_in(words: str) -> list[str]:
    """List the search terms without duplicates; stop words only if there are no others."""
    terms = list(dict.fromkeys(plain(words).split()))
    return ([term for term in terms if term not in SMALL] or terms)[:MOST_TERMS]


def is_beginning(term: str) -> bool:
    return len(term) >= SHORTEST_BEGINNING


def snippet(text: str, terms: list[str]) -> SafeString:
    """Return an excerpt around the first match, with every match marked."""
    wanted = pattern_of(terms)
    first = wanted.search(text)
    start = max(0, first.start() - BEFORE) if first else 0
    if start:
        start = text.find(" ", start) + 1
    end = start + LENGTH
    if end < len(text):
        end = max(text.rfind(" ", start, end), first.end() if first else start + 1)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return format_html("{}{}{}", before, marked(text[start:end], terms), after)


def marked(text: str, terms: list[str]) -> SafeString:
    parts = pattern_of(terms).split(text)
    told = (format_html("<mark>{}</mark>", p) if n % 2 else p for n, p in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in told))


def says(text: str, terms: list[str]) -> bool:
    return bool(pattern_of(terms).search(text))


def pattern_of(terms: list[str]) -> re.Pattern[str]:
    """Build a pattern of words to mark, approximating the stems by which the database matched."""
    return re.compile(rf"\b({'|'.join(map(_word_like, terms)) or '(?!)'})", re.IGNORECASE)


def _word_like(term: str) -> str:
    if not is_beginning(term):
        return rf"{term}\b"
    if ENDS_IN_Y.search(term):
        return ENDS_IN_Y.sub("", term) + r"[yi][^\W_]*"
    return ENDINGS.sub("", term) + r"[^\W_]*"
