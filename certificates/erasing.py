"""Erase names and PDFs of certificates; their codes can be checked for ever."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from certificates.content_store import FILES
from certificates.models import Certificate

ERASED_NAME = "Former delegate"
# A certificate that was revoked has a reason.
NO_LONGER_HELD = "No longer held"


def erase_names(certificates: Sequence[Certificate]) -> None:
    """Erase name, PDF and reasons of these, a batch at most; number, code and state stay."""
    chosen = Certificate.objects.filter(pk__in=[each.pk for each in certificates], erased_at=None)
    files = list(chosen.exclude(pdf="").values_list("pdf", flat=True))
    pks = list(chosen.values_list("pk", flat=True))
    theirs = Certificate.objects.filter(pk__in=pks)
    theirs.filter(revoked_at__isnull=False).update(revoked_reason=NO_LONGER_HELD)
    theirs.update(name=ERASED_NAME, pdf="", superseded_reason="", erased_at=timezone.now())
    transaction.on_commit(lambda: delete_unused(files))


def delete_unused(names: Sequence[str]) -> None:
    """Delete these PDFs, unless a row uses one."""
    used = set(Certificate.objects.filter(pdf__in=names).values_list("pdf", flat=True))
    for name in set(names) - used:
        FILES.delete(name)
