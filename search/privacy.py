"""Rules of personal data for the public search."""

from lms.privacy.rules import nobody

RULES = [
    nobody(
        "search.SearchDocument",
        "Words of public pages, courses and versions",
        "kind address title facts summary keywords text read_of source record stamp page document",
    ),
    nobody("search.Term", "A word of a public text that the search suggests", "word"),
]
