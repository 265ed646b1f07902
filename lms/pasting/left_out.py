"""Say what of a pasted text a page could not keep, and what the editor can do about it."""

from __future__ import annotations

from collections import Counter

from lms.formatting import many

SENTENCES = {
    "pictures": ("picture", "not brought in. Add each with the block Picture, with its alt text"),
    "media": ("video, sound or embedded object", "not brought in"),
    "controls": ("form field", "not brought in"),
    "comments": ("comment", "not brought in. The text that they are about is here"),
    "deleted": ("deletion of tracked changes", "not brought in"),
    "hidden": ("hidden text", "not brought in"),
    "contents": ("line of a table of contents", "not brought in. This page makes its own"),
    "struck": ("crossed-out text", "here as ordinary text. Delete it if it no longer applies"),
    "renumbered": (
        "list",
        "now numbered from 1. Check whether the text refers to other numbers or letters",
    ),
    "merged": ("table", "without merged cells: what they said is repeated in each cell"),
    "colours": ("table", "without its colours. Make sure that the words say what they meant"),
}
PLURALS = {
    "video, sound or embedded object": "videos, sounds or embedded objects",
    "deletion of tracked changes": "deletions of tracked changes",
    "line of a table of contents": "lines of a table of contents",
}


def sentences(left_out: Counter[str]) -> list[str]:
    """Return one sentence for each kind that was left out or changed, in the order above."""
    said = []
    for kind, (word, outcome) in SENTENCES.items():
        if number := left_out[kind]:
            amount = many(number, word) if number == 1 else f"{number} {plural_of(word)}"
            verb = "is" if number == 1 else "are"
            said.append(f"{amount} {verb} {outcome}.")
    return said


def plural_of(word: str) -> str:
    return PLURALS.get(word, f"{word}s")
