"""Keep requests that run at the same time from sharing a parser of rich text.

Wagtail has one parser for each kind of field in a process. Two threads that open an editor at the
same moment feed it at once: their texts mix, or it fails.
"""

from __future__ import annotations

from copy import copy

from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.admin.rich_text.converters.html_to_contentstate import HtmlToContentStateHandler

_with_its_parser = ContentstateConverter.from_database_format


def parse_apart() -> None:
    """Give each conversion of stored rich text a parser of its own."""
    ContentstateConverter.from_database_format = _with_a_new_parser


def _with_a_new_parser(self: ContentstateConverter, html: str) -> str:
    alone = copy(self)
    alone.html_to_contentstate_handler = HtmlToContentStateHandler(self.features)
    return _with_its_parser(alone, html)
