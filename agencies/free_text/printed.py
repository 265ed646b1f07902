"""Refuse, where it is entered, a text that certificates print and our typefaces cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from lms.printing import fonts

if TYPE_CHECKING:
    from django.db.models import Model


def why_unprintable(text: str) -> str:
    """Return why no certificate can show this text, by the printer's own function; else empty."""
    lines = "".join(fonts.printable(line) for line in text.splitlines())
    if not (missing := fonts.undrawable(lines)):
        return ""
    return f"Take out {' '.join(missing[:5])}: we cannot print it on a certificate"


class PrintedMixin:
    """Mixin for a model some of whose texts are printed on certificates.

    Every form of the model checks them, by `clean`. A text that is there already and is not changed
    does not keep anybody from saving the rest.
    """

    PRINTED: tuple[str, ...] = ()

    def clean(self: Model) -> None:
        super().clean()
        wrong = {name: why_unprintable(getattr(self, name)) for name in self.PRINTED}
        wrong = {name: why for name, why in wrong.items() if why}
        if not wrong:
            return
        kept = type(self)._base_manager.filter(pk=self.pk).values(*wrong).first() or {}
        if changed := {n: why for n, why in wrong.items() if kept.get(n) != getattr(self, n)}:
            raise ValidationError(changed)
