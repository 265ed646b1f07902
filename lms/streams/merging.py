"""Lay the stream that somebody entered on top of one that somebody else saved meanwhile.

Part by part: what neither changed stays, what one of them changed is as they say, and where both
changed the same field the one that is entered counts. Parts are known by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wagtail.blocks import StreamBlock, StreamValue, StructBlock

from lms.streams.comparing import plain_of

Digest = Callable[[str], str]


def digests(block: Any, value: Any, path: str, digest: Digest) -> dict[str, str]:
    """Return a digest of each part of a stream, and of each field of it, by its path."""
    return {
        where: digest(plain_of(each, said)) for where, each, said in _places(block, value, path)
    }


def _places(block: Any, value: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(block, StreamBlock):
        for part in value or ():
            where = f"{path}/{part.id}"
            yield where, part.block, part.value
            yield from _places(part.block, part.value, where)
    elif isinstance(block, StructBlock):
        for name, each in block.child_blocks.items():
            where = f"{path}/{name}"
            yield where, each, value.get(name)
            if isinstance(each, StreamBlock):
                yield from _places(each, value.get(name), where)


def merged(
    block: Any, now: Any, entered: Any, was: Mapping[str, str], path: str, digest: Digest
) -> Any:
    """Return what was entered on top of what is there now; `was` are the digests of before."""
    if isinstance(block, StreamBlock):
        return _merged_stream(block, now, entered, was, path, digest)
    if isinstance(block, StructBlock):
        fields = {
            name: merged(each, now.get(name), entered.get(name), was, f"{path}/{name}", digest)
            for name, each in block.child_blocks.items()
        }
        return type(entered)(block, fields.items())
    is_mine = digest(plain_of(block, entered)) != was.get(path)
    return entered if is_mine else now


def _merged_stream(
    block: Any, now: Any, entered: Any, was: Mapping[str, str], path: str, digest: Digest
) -> StreamValue:
    there = {part.id: part for part in now or ()}
    mine = {part.id: part for part in entered or ()}

    def differs(part: Any) -> bool:
        where = f"{path}/{part.id}"
        return digest(plain_of(part.block, part.value)) != was.get(where)

    kept: list[tuple[str, Any, str]] = []
    for key, part in mine.items():
        if key in there and there[key].block_type == part.block_type:
            where = f"{path}/{key}"
            value = merged(part.block, there[key].value, part.value, was, where, digest)
            kept.append((part.block_type, value, key))
        elif differs(part):  # It is new, or was changed here and removed by the other.
            kept.append((part.block_type, part.value, key))
    before = None
    for key, part in there.items():
        # The other added it, or changed what was removed here.
        if key not in mine and differs(part):
            at = next((n + 1 for n, one in enumerate(kept) if one[2] == before), len(kept))
            kept.insert(at if before else 0, (part.block_type, part.value, key))
        before = key
    return StreamValue(block, kept)
