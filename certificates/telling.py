"""Tell holders that their certificate was replaced or revoked, whatever did it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils import timezone

from certificates.models import Certificate
from lms import jobs, links
from lms.formatting import day
from lms.mail import outbox

AT_A_TIME = 50


def tell_end(certificate: Certificate) -> None:
    """Email the holder what has become of their certificate. The caller holds its row."""
    current = Certificate.objects.live().filter(award=certificate.award).first()
    context = {
        "name": certificate.holder.name,
        "course": certificate.title,
        "completed_on": day(certificate.completed_on),
        "replaced_number": certificate.number,
        "reason": certificate.superseded_reason or certificate.revoked_reason,
    }
    if current:
        context |= {
            "certificate_number": current.number,
            "certificate_link": links.address(f"/my/certificates/{current.number}/"),
            "verify_link": current.verify_url,
        }
    kind = "certificate_replaced" if current else "certificate_revoked"
    outbox.enqueue(kind, to=certificate.holder, about=certificate, context=context)
    certificate.end_told_at = timezone.now()
    certificate.save(update_fields=["end_told_at"])


@jobs.in_words("Tell people that their certificate was replaced or revoked")
def tell_ends() -> int:
    """Tell every holder whom no door has told. Nightly job. Return how many were told."""
    return jobs.for_all(tell_ends, _due(), _tell_ends, size=AT_A_TIME)


def _due():
    newer = Certificate.objects.untold().filter(award=OuterRef("award"), pk__gt=OuterRef("pk"))
    return Certificate.objects.untold().filter(~Exists(newer), holder__is_active=True)


def _tell_ends(certificates: list[Certificate]) -> None:
    """Tell each holder once of an award, whichever of its certificates ended."""
    for each in certificates:
        locked = _due().select_for_update(of=("self",)).filter(pk=each.pk).first()
        if locked:
            tell_end(locked)
            Certificate.objects.untold().filter(award=locked.award).update(
                end_told_at=locked.end_told_at
            )
