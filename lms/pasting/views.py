"""Convert what an editor pastes into a page; nothing is stored."""

from __future__ import annotations

import json
import uuid

from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from lms.blocks import Body
from lms.pasting import left_out, parts
from lms.pasting.clipboard import read_clipboard

TAGS = ("h2", "h3", "h4")


@require_POST
def convert(request: HttpRequest) -> JsonResponse:
    """Answer with the blocks of the pasted HTML, and with all of it as rich text.

    `lead` is the rich text before the first part of its own, for the place where it was pasted;
    `headings` of the request are the tags that this place can keep.
    """
    try:
        asked = json.loads(request.body)
        html, headings = str(asked["html"]), [tag for tag in TAGS if tag in asked["headings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest("Not a pasted text.") from error
    pasted = read_clipboard(html)
    blocks = parts.as_blocks(pasted.pieces)
    lead = blocks.pop(0)["value"]["text"] if blocks and blocks[0]["type"] == "text" else ""
    body = Body()
    stored = body.to_python([block | {"id": str(uuid.uuid4())} for block in blocks])
    return JsonResponse(
        {
            "lead": lead,
            "blocks": body.get_form_state(stored),
            "prose": parts.as_prose(pasted.pieces, headings),
            "had_tables": parts.has_tables(pasted.pieces),
            "left_out": left_out.sentences(pasted.left_out),
        }
    )
