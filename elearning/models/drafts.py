"""Digest of a module's draft: of all that a version is issued of."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from lms.streams.comparing import plain

if TYPE_CHECKING:
    from elearning.models.modules import Module

# Fields that a version keeps as they were.
KEPT = (
    "title",
    "summary",
    "before_you_start",
    "minutes",
    "pass_mark",
    "attempts_allowed",
    "pause_hours",
    "checked_against_id",
)
STREAMS = ("content", "check_questions")


def digest_of_draft(module: Module) -> str:
    """Return a digest of the fields and streams that a version is issued of."""
    values: dict[str, Any] = {name: getattr(module, name) for name in KEPT}
    for name in STREAMS:
        block = module._meta.get_field(name).stream_block  # type: ignore[union-attr]
        values[name] = plain(block, getattr(module, name))
    return digest(values)


def digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
