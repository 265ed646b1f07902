"""Compare the streams of blocks that editors write: by what they say, and in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wagtail.blocks import StreamValue

if TYPE_CHECKING:
    from wagtail.blocks import Block


def plain(block: Block, value: Any) -> str:
    """Return a stream as text that is the same for what is stored and for what was sent.

    Its parts keep their ids; items of lists, which may get others when they are saved, have none.
    """
    parts = block.normalize(value) if not isinstance(value, StreamValue) else value
    said = [[part.id, part.block_type, _plain(part.get_prep_value()["value"])] for part in parts]
    return json.dumps(said, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if name != "id"}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return "" if value is None or value is False else str(value).replace("\r", "").strip()


def in_words(value: Any) -> str:
    """List the parts of a stream by their titles, such as '2 parts: Noticing, Asking'."""
    titles = [_title(part) for part in value]
    if not titles:
        return ""
    many = "1 part" if len(titles) == 1 else f"{len(titles)} parts"
    return f"{many}: {', '.join(titles)}"


def _title(part: Any) -> str:
    value = part.value
    named = (value.get(name) for name in ("title", "heading", "outcome") if hasattr(value, "get"))
    return next(filter(None, named), str(part.block.label))
