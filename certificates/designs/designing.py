"""Add and change certificate designs, and choose the default.

A version is rendered with the longest possible texts before it is saved, so that the office, not
somebody waiting for a certificate, learns what cannot be printed.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction

import history
from agencies import access
from certificates.designs import pictures, placeholders
from certificates.models import Certificate, Design, DesignVersion, Picture
from certificates.printing import layout, rendering
from lms.mail import templates

if TYPE_CHECKING:
    from agencies.models import Person

# Minimum contrast on white by WCAG 2.2: 1.4.3 for text, 1.4.11 for non-text.
CONTRASTS = {"accent": 4.5, "line": 3.0}


class DesignRefused(Exception):
    """Expected refusal; the message is for the office."""


def add(name: str, look: DesignVersion, *, by: Person) -> Design:
    """Create a design with `look` as its first version."""
    _refuse_who_may_not(by)
    _refuse_unless_drawn(look)
    with transaction.atomic():
        design = Design.objects.create(name=name)
        _keep(look, design, number=1)
        history.record("design.added", design, by=by, now={"version": 1})
    return design


def change(design: Design, look: DesignVersion, *, name: str, expected: int, by: Person) -> Design:
    """Save `look` as the newest version, used for certificates from now on.

    Earlier certificates stay as they are; no version is added if nothing changed. `expected` is the
    version number that was edited (optimistic lock): raises DesignRefused if it is no longer the
    newest.
    """
    _refuse_who_may_not(by)
    _refuse_unless_drawn(look)
    with transaction.atomic():
        design = Design.objects.select_for_update().get(pk=design.pk)
        was = design.current
        if was.number != expected:
            raise DesignRefused(
                "Somebody else has changed this design meanwhile. Open it again to see how, and "
                "make your change there."
            )
        if design.name != name:
            history.record(
                "design.renamed", design, by=by, was={"name": design.name}, now={"name": name}
            )
            design.name = name
            design.save(update_fields=["name"])
        if changed := _differences(was, look):
            _keep(look, design, number=expected + 1)
            now = {"version": expected + 1, "changed": changed}
            history.record("design.changed", design, by=by, was={"version": expected}, now=now)
    return design


def make_default(design: Design | None, *, by: Person) -> None:
    """Use this design for courses that name none; None for the one delivered."""
    _refuse_who_may_not(by)
    with transaction.atomic():
        was = Design.objects.select_for_update().filter(is_default=True).first()
        if was == design:
            return
        if was:
            Design.objects.filter(pk=was.pk).update(is_default=False)
            history.record("design.default", was, by=by, was={"default": True}, now={})
        if design:
            Design.objects.filter(pk=design.pk).update(is_default=True)
            history.record("design.default", design, by=by, now={"default": True})


def why_wrong(look: DesignVersion) -> str:
    """Return what has to be put right in the design; empty if nothing."""
    if not look.heading.strip():
        return "Write a heading: it says what this paper is."
    if sentence := placeholders.why_wrong(getattr(look, name) for name in look.WORDS):
        return sentence
    for name, least in CONTRASTS.items():
        field, colour = _field(name), getattr(look, name)
        try:
            field.run_validators(colour)
        except ValidationError as why:
            return f"The {field.verbose_name}: {why.messages[0]}"
        if (contrast := contrast_with_white(colour)) < least:
            return (
                f"The {field.verbose_name} is too pale to be read on white: its contrast is "
                f"{contrast:.1f} to 1, and {least:g} is the least. Choose a darker one."
            )
    return ""


def contrast_with_white(colour: str) -> float:
    """Return the WCAG 2.2 contrast ratio of a colour such as '#0b5563' with white."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def sample(look: DesignVersion, *, is_long: bool = False) -> Certificate:
    """Build a fictitious certificate, with the longest texts possible if `is_long`."""
    board = templates.board()
    outcomes = ["Recognise the signs", "Say whom to ask", "Know what happens next", "Write it down"]
    certificate = Certificate(
        number=f"{board.certificate_prefix}-0000-000000",
        code="0" * 16,
        name="Alex Example",
        title="Working together to safeguard children",
        course_code="WT",
        course_version="3",
        outcomes=outcomes,
        hours=Decimal("3.5"),
        format="Classroom",
        agency="Example Primary School",
        completed_on=dt.date(2026, 1, 9),
        refresh_on=dt.date(2029, 1, 9),
        board=board.name,
        signatory_name=look.signatory_name or board.signatory_name,
        signatory_title=look.signatory_title or board.signatory_title,
        design=look,
    )
    if is_long:
        certificate.name = ("Wilhelmina Alexandrina " * 6)[:120]
        certificate.title = ("Safeguarding, step by step: " * 6)[:140]
        certificate.agency = ("Hampshire and Isle of Wight " * 6)[:160]
        certificate.outcomes = [(outcome + " and why it matters ") * 3 for outcome in outcomes]
    return certificate


def drawn(look: DesignVersion, *, is_long: bool = False) -> bytes:
    """Render a sample as PDF. Raises DesignRefused if it cannot be rendered."""
    if sentence := why_wrong(look):
        raise DesignRefused(sentence)
    for name in look.PICTURES:
        if picture := getattr(look, name):
            pictures.lay_out(picture)
    try:
        return rendering.render(sample(look, is_long=is_long))
    except rendering.CannotPrint as why:
        raise DesignRefused(_to_the_office(str(why))) from why


def _to_the_office(sentence: str) -> str:
    if sentence == layout.TOO_MUCH:
        return (
            "With the longest names and courses this does not fit on one page. Write fewer or "
            "shorter words, or choose plainer pictures."
        )
    before, _, verb = sentence.partition("Ask the training office to ")
    return before + verb[:1].upper() + verb[1:]


def _refuse_unless_drawn(look: DesignVersion) -> None:
    drawn(look)
    drawn(look, is_long=True)


def _refuse_who_may_not(by: Person) -> None:
    if not access.is_training_administrator(by):
        raise DesignRefused("Only the training office may change certificate designs. Ask it to.")


def _keep(look: DesignVersion, design: Design, *, number: int) -> None:
    for name in look.PICTURES:
        if picture := getattr(look, name):
            Picture.objects.get_or_create(
                sha256=picture.sha256, defaults={"content": picture.content}
            )
    look.pk, look.design, look.number = None, design, number
    look.save(force_insert=True)


def _differences(was: DesignVersion, now: DesignVersion) -> list[str]:
    columns = {name: _field(name).attname for name in DesignVersion.LOOK}
    return [name for name, of in columns.items() if getattr(was, of) != getattr(now, of)]


def _field(name: str) -> models.Field[Any, Any]:
    return cast("models.Field[Any, Any]", DesignVersion._meta.get_field(name))
