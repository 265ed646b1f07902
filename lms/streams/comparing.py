"""Compare the streams of blocks that editors write: by what they say, and in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.html import strip_tags
from django.utils.text import Truncator
from wagtail.blocks import StreamBlock, StreamValue

if TYPE_CHECKING:
    from wagtail.blocks import Block


# What the editor of rich text sends for nothing.
EMPTY = {"<p></p>", "<p><br/></p>"}


def plain(block: Block, value: Any) -> str:
    """Return a stream as text that is the same for what is stored and for what was sent.

    Its parts keep their ids; items of lists, which may get others when they are saved, have none.
    """
    parts = block.normalize(value) if not isinstance(value, StreamValue) else value
    said = [[part.id, part.block_type, _plain(part.get_prep_value()["value"])] for part in parts]
    return json.dumps(said, sort_keys=True)


def plain_of(block: Block, value: Any) -> str:
    """Return the value of any block as text, as `plain` does."""
    if isinstance(block, StreamBlock):
        return plain(block, value or [])
    if value is None:
        return '""'
    return json.dumps(_plain(block.get_prep_value(value)), sort_keys=True)


def words_of(part: Any) -> str:
    """Return the first words of a part of a stream, after its title."""
    said = " ".join(
        " ".join(each.split()) for each in part.block.get_searchable_content(part.value)
    )
    return Truncator(strip_tags(said)).chars(400)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if name != "id"}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    said = "" if value is None or value is False else str(value).replace("\r", "").strip()
    return "" if said in EMPTY else said


def in_words(value: Any) -> str:
    """List the parts of a stream by their titles, such as '2 parts: Noticing, Asking'."""
    titles = [title_of(part) for part in value]
    if not titles:
        return ""
    many = "1 part" if len(titles) == 1 else f"{len(titles)} parts"
    return f"{many}: {', '.join(titles)}"


def title_of(part: Any) -> str:
    value = part.value
    named = (value.get(name) for name in ("title", "heading", "outcome") if hasattr(value, "get"))
    return next(filter(None, named), str(part.block.label))
