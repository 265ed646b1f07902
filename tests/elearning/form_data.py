"""Post the streams of a module as the editor's page does."""

import uuid

from wagtail.blocks import (
    BooleanBlock,
    ListBlock,
    MultipleChoiceBlock,
    RichTextBlock,
    StreamBlock,
    StructBlock,
)
from wagtail.test.utils.form_data import nested_form_data, rich_text

from elearning.models import Module
from elearning.models.drafts import STREAMS


def streams_of(**values):
    """Return the fields of these streams, raw as a test makes them, as a browser sends them."""
    sent = {}
    for name in STREAMS:
        block = Module._meta.get_field(name).stream_block
        value = values.get(name, [])
        sent[name] = _sent(block, block.to_python(value) if isinstance(value, list) else value)
    return nested_form_data(sent)


def _sent(block, value):
    if isinstance(block, StreamBlock):
        return _listed(
            {
                "type": part.block_type,
                "id": part.id or str(uuid.uuid4()),
                "value": _sent(part.block, part.value),
            }
            for part in value or ()
        )
    if isinstance(block, ListBlock):
        return _listed(
            {"id": part.id or "", "value": _sent(block.child_block, part.value)}
            for part in value.bound_blocks
        )
    if isinstance(block, StructBlock):
        fields = {name: _sent(each, value.get(name)) for name, each in block.child_blocks.items()}
        return {name: each for name, each in fields.items() if each is not None}
    if isinstance(block, RichTextBlock):
        return rich_text(value.source if value else "", features=block.features)
    if isinstance(block, BooleanBlock | MultipleChoiceBlock):
        return "on" if value is True else None
    return "" if value is None else str(value)


def _listed(parts):
    rows = [part | {"deleted": "", "order": str(n)} for n, part in enumerate(parts)]
    return {str(n): row for n, row in enumerate(rows)} | {"count": str(len(rows))}
