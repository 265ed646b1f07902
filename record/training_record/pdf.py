"""Render a training record as PDF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument

from certificates.printing import layout, outlines, rendering
from certificates.printing.fitting import CannotPrint, fit
from lms import links
from lms.mail import templates
from lms.printing import fonts

if TYPE_CHECKING:
    from record.training_record.content import TrainingRecord

# In points: position of the name on the first page, where the template leaves room for it.
NAME_LEFT, NAME_TOP, NAME_WIDTH = 57, 92, 481


def render(record: TrainingRecord) -> bytes:
    """Render A4 portrait pages with embedded fonts."""
    name = heading(record.person.name)
    board = templates.board()
    page = render_to_string(
        "record/pdf/training_record.html",
        {
            "record": record,
            "rows": [(row, [printed(cell) for cell in cells(row)]) for row in record.entries],
            "name": name,
            "board": board,
            "check_at": links.address(reverse("certificates:check")),
            "faces": fonts.faces({name.texts[0].text.family or fonts.FIRST, fonts.WIDEST}),
        },
    )
    out = io.BytesIO()
    result = pisaDocument(
        page,
        out,
        path=str(rendering.assets() / "record.html"),
        context_meta={
            "title": "Training record",
            "author": board.name,
            "subject": f"{record.person.name}, {timezone.localdate(record.made_at):%d/%m/%Y}",
        },
        resource_policy=ResourceAccessPolicy.server(rendering.assets(), allow_remote=False),
    )
    if result.err or result.warn:
        raise CannotPrint(f"The record could not be printed whole: {result.log}")
    lines = list(name.shaped())
    return outlines.laid_over(out.getvalue(), lines) if lines else out.getvalue()


def heading(name: str) -> layout.Frame:
    """Lay out the name in any script, without characters that no typeface has."""
    known = "".join(sign for sign in name if sign not in fonts.undrawable(name))
    text = fit(known, NAME_WIDTH, sizes=(26, 22, 18), sizes_on_two_lines=(16, 12, 9), bold=True)
    placed = layout.Placed(text, colour=layout.ACCENT)
    return layout.Frame(NAME_LEFT, NAME_TOP, NAME_WIDTH, [placed], is_centred=False)


def cells(row) -> list[str]:
    return [row.course, row.elsewhere, row.agency]


def printed(text: str) -> str:
    """Return the text if it needs no shaping, else a pointer to the online record."""
    text = fonts.printable(text)
    return text if fonts.family_for(text) else "(written in another script: see the record online)"
