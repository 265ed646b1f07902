"""Reserve slugs that collide with URLs of the system, so that no page takes them."""

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
        "learn",
        "livez",
        "media",
        "my",
        "offers",
        "readyz",
        "record",
        "register",
        "search",
        "static",
        "welcome",
    ]
)


class ReservedSlugMixin:
    """Page mixin that refuses slugs of the system's own URLs, wherever the page is."""

    reserved_slugs = RESERVED

    def clean(self):
        super().clean()
        if self.slug in self.reserved_slugs:
            sentence = f"‘{self.slug}’ is the address of another part of this site: choose another."
            raise ValidationError({"slug": sentence})
