"""Read which rows of a list were ticked."""

from __future__ import annotations

from collections.abc import Iterable


def ticked(sent: Iterable[str]) -> list[int]:
    """Return the ids that were ticked; ignore whatever else was sent."""
    return [int(pk) for pk in sent if pk.isascii() and pk.isdecimal() and len(pk) < 18]
