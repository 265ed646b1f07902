"""Which addresses of this site are spoken for, so that no page may take them?"""

from django.core.exceptions import ValidationError

RESERVED = frozenset(
    [
        "accounts",
        "agency",
        "approvals",
        "cancel",
        "certificates",
        "cms",
        "delivery",
        "dev",
        "documents",
        "evaluation",
        "healthz",
        "media",
        "my",
        "offers",
        "record",
        "register",
        "search",
        "static",
        "welcome",
    ]
)


class ReservedSlugMixin:
    """A page whose slug cannot stand where an address of the system does, now or once moved."""

    reserved_slugs = RESERVED

    def clean(self):
        super().clean()
        if self.slug in self.reserved_slugs:
            sentence = f"‘{self.slug}’ is the address of another part of this site: choose another."
            raise ValidationError({"slug": sentence})
