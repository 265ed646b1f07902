"""Issue, correct and revoke certificates.

A PDF is rendered before the transaction that writes its row, to hold no locks meanwhile: call
`issue` and `correct` outside a transaction where you can. Its number is taken first, in a
transaction of its own: a failure leaves a gap. The file is on disk before the row commits, so that
no crash leaves a row without its file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

import history
from certificates import codes, content_store, telling
from certificates.models import Certificate, DesignVersion, Series
from certificates.printing import layout, rendering
from lms.gathering import A_STATEMENT
from lms.mail import templates
from lms.printing import fonts
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Agency, Person
    from certificates.models import Design

CORRECTABLE = frozenset(
    {
        "name",
        "title",
        "course_code",
        "course_version",
        "outcomes",
        "hours",
        "format",
        "agency",
        "completed_on",
        "refresh_on",
    }
)
TEXTS = ("name", "title", "course_code", "course_version", "format", "agency")


class CertificateRefused(Refused):
    """Expected refusal; the message is shown to the person who asked."""


def issue(
    holder: Person,
    *,
    award: UUID,
    title: str,
    course_code: str,
    course_version: str,
    outcomes: Iterable[str],
    hours: Decimal | float | str,
    format: str,
    agency: Agency | str,
    completed_on: date,
    refresh_on: date | None,
    design: Design | None = None,
    by: Person | str,
) -> Certificate:
    """Return the award's live certificate, or issue it. Idempotent, also under concurrency.

    `hours` are taught hours; `format` and `agency` are texts as printed. Rendered with the newest
    version of `design`; for None, of the board's default. Raises CertificateRefused if it cannot be
    printed or its record is no longer held.
    """
    found = current_certificate(award)
    if found:
        return found
    certificate = drawn_up(
        holder=holder,
        award=award,
        name=holder.name,
        title=title,
        course_code=course_code,
        course_version=course_version,
        outcomes=list(outcomes),
        hours=Decimal(str(hours)),
        format=format,
        agency=str(agency or ""),
        completed_on=completed_on,
        refresh_on=refresh_on,
        design=DesignVersion.objects.in_use(design),
    )
    try:
        with transaction.atomic():
            certificate.save(force_insert=True)
            history.record("certificate.issued", certificate, by=by, now=remembered(certificate))
    except IntegrityError:
        # A concurrent request issued it first: return that certificate.
        content_store.discard(certificate)
        found = current_certificate(award)
        if found is None:
            raise
        return found
    return certificate


def revoke(certificate: Certificate, *, by: Person | str, reason: str) -> Certificate:
    """Revoke the certificate, as its public page then says, and tell its holder; its row stays."""
    with transaction.atomic():
        [revoked] = revoke_each([certificate], by=by, reason=reason)
        telling.tell_end(revoked)
    return revoked


def revoke_each(
    certificates: Sequence[Certificate], *, by: Person | str, reason: str
) -> list[Certificate]:
    """Revoke all of these for one reason, or none; raise CertificateRefused if one is not live.

    The caller tells the holders.
    """
    reason = required(reason, "Say why the certificate is revoked.")
    with transaction.atomic():
        revoked, now = locked_live_each(certificates), timezone.now()
        for certificate in revoked:
            certificate.revoked_at, certificate.revoked_reason = now, reason
            certificate.end_told_at = now
        Certificate.objects.bulk_update(
            revoked, ["revoked_at", "revoked_reason", "end_told_at"], batch_size=A_STATEMENT
        )
        changes: list[history.Change] = [
            (certificate, {"state": "live"}, {"state": "revoked"}) for certificate in revoked
        ]
        history.record_each("certificate.revoked", changes, by=by)
    return revoked


def correct(
    certificate: Certificate, *, by: Person | str, reason: str, **corrections: Any
) -> Certificate:
    """Replace the certificate by a new one of the same award, with `corrections` to its fields.

    Everything else stays as certified, including board, signatory and design. The old one is marked
    as replaced, and the holder has the new one by email. `reason` is stored with it, not in
    history, which outlives the person.
    """
    reason = required(reason, "Say why the certificate is corrected.")
    unknown = set(corrections) - CORRECTABLE
    if unknown:
        raise TypeError(f"Not on a certificate, or never corrected: {sorted(unknown)}")
    if not certificate.is_live:
        raise CertificateRefused(
            "Only a certificate that holds can be corrected. Look for the one that took its place."
        )
    same = (
        "holder", "award", "board", "signatory_name", "signatory_title", "design", *CORRECTABLE,
    )  # fmt: skip
    facts = {field: getattr(certificate, field) for field in same} | corrections
    replacement = drawn_up(**facts)
    try:
        with transaction.atomic():
            replaced = locked_live(certificate)
            replaced.superseded_at = timezone.now()
            replaced.superseded_reason = reason
            replaced.save(update_fields=["superseded_at", "superseded_reason"])
            replacement.save(force_insert=True)
            replaced.superseded_by = replacement
            replaced.save(update_fields=["superseded_by"])
            history.record(
                "certificate.replaced",
                replaced,
                by=by,
                was={"state": "live"},
                now={"state": "replaced", "by": replacement.number},
            )
            history.record("certificate.issued", replacement, by=by, now=remembered(replacement))
            telling.tell_end(replaced)
    except CertificateRefused:
        content_store.discard(replacement)
        raise
    return replacement


def current_certificate(award: UUID) -> Certificate | None:
    certificate = Certificate.objects.current().filter(award=award).first()
    if certificate and certificate.erased_at:
        raise CertificateRefused(
            "The record of this training is no longer held, so no certificate can be made. If you "
            "have questions, ask the training office."
        )
    return certificate


def why_unprintable(holder: Person, *, design: Design | None = None, **facts: Any) -> str:
    """Return why `issue` would refuse these facts; empty if it would not."""
    version = templates.memoised(("design", design), lambda: DesignVersion.objects.in_use(design))
    try:
        layout.frames(Certificate(**tidied(name=holder.name, design=version, **facts)))
    except Refused as why:
        return str(why)
    return ""


def tidied(**facts: Any) -> dict[str, Any]:
    """Add board and signatory, and normalise texts for print. Raises CertificateRefused."""
    board, look = templates.board(), facts["design"] or DesignVersion()
    facts = {
        "board": board.name,
        "signatory_name": look.signatory_name or board.signatory_name,
        "signatory_title": look.signatory_title or board.signatory_title,
    } | facts
    for field in TEXTS:
        facts[field] = fonts.printable(facts[field])
    facts["outcomes"] = [fonts.printable(outcome) for outcome in facts["outcomes"]]
    refuse_unprintable(facts)
    return facts


def drawn_up(**facts: Any) -> Certificate:
    """Build an unsaved certificate, with number, code and stored file."""
    facts = tidied(**facts)
    number = next_number(templates.board().certificate_prefix)
    certificate = Certificate(number=number, code=unused_code(), **facts)
    try:
        pdf = rendering.render(certificate)
    except rendering.CannotPrint as why:
        raise CertificateRefused(str(why)) from why
    certificate.sha256 = hashlib.sha256(pdf).hexdigest()
    certificate.size = len(pdf)
    certificate.pdf = content_store.store(pdf)
    return certificate


def refuse_unprintable(facts: dict[str, Any]) -> None:
    if not facts["name"]:
        raise CertificateRefused("Add your name to your account: a certificate needs one.")
    printed = {"name": facts["name"], "title of the course": facts["title"]}
    printed |= {
        "course code": facts["course_code"] + facts["course_version"],
        "format of the course": facts["format"],
        "outcomes of the course": "".join(facts["outcomes"]),
        "agency": facts["agency"],
        "name of the board": facts["board"],
        "name of the signatory": facts["signatory_name"] + facts["signatory_title"],
    }
    try:
        rendering.check_printable(printed)
    except rendering.CannotPrint as why:
        raise CertificateRefused(str(why)) from why


def next_number(prefix: str) -> str:
    """Take the next number of this year's series, such as PSCB-2026-000123."""
    year = timezone.localdate().year
    with transaction.atomic():
        Series.objects.get_or_create(prefix=prefix, year=year)
        series = Series.objects.select_for_update().get(prefix=prefix, year=year)
        series.last += 1
        series.save(update_fields=["last"])
    return f"{series.prefix}-{series.year}-{series.last:06d}"


def unused_code() -> str:
    while True:
        code = codes.generate()
        if not Certificate.objects.filter(code=code).exists():
            return code


def locked_live(certificate: Certificate) -> Certificate:
    [locked] = locked_live_each([certificate])
    return locked


def locked_live_each(certificates: Sequence[Certificate]) -> list[Certificate]:
    """Lock these, by primary key. Raises CertificateRefused if one is not live."""
    found = Certificate.objects.select_for_update(of=("self",)).order_by("pk")
    locked = list(found.filter(pk__in=[certificate.pk for certificate in certificates]))
    if not all(certificate.is_live for certificate in locked):
        raise CertificateRefused(
            "This certificate has already been revoked or replaced. Look at it again."
        )
    return locked


def required(reason: str, sentence: str) -> str:
    reason = reason.strip()
    if not reason:
        raise CertificateRefused(sentence)
    if len(reason) > 300:
        raise CertificateRefused("Give the reason in at most 300 characters.")
    return reason


def remembered(certificate: Certificate) -> dict[str, str]:
    return {
        "state": "live",
        "number": certificate.number,
        "award": str(certificate.award),
        "sha256": certificate.sha256,
    }
