"""Build a person's training record, with what is due for renewal, as objects and as JSON data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from agencies import mergers
from agencies.models import Post
from courses.completion.renewal import refresh_on
from lms.formatting import in_hours
from protocols.readers import acknowledgements
from record import learning

if TYPE_CHECKING:
    from agencies.models import Person
    from certificates.models import Certificate
    from courses.models import Completion
    from protocols.readers.acknowledgements import ReadingStatus


@dataclass(frozen=True)
class Entry:
    """Completed course: ours, or external training that was accepted."""

    completion: Completion
    certificate: Certificate | None
    refresh_on: dt.date | None
    is_erased: bool = False

    @property
    def course(self) -> str:
        """Title as certified, whatever the course is called today."""
        return self.certificate.title if self.certificate else self.completion.title

    @property
    def elsewhere(self) -> str:
        """Say who gave it, if others did; of a course given elsewhere, as it was fixed."""
        evidence = self.completion.evidence
        if evidence is None:
            return ""
        if fixed := self.completion.certified.get("format"):
            return fixed
        return f"Training elsewhere: {evidence.title}, given by {evidence.provider}"

    @property
    def hours(self) -> str:
        if self.certificate:
            return self.certificate.hours_in_words
        fixed = self.completion.evidence and self.completion.certified.get("hours")
        return in_hours(Decimal(fixed)) if fixed else ""

    @property
    def agency(self) -> str:
        return self.certificate.agency if self.certificate else self.completion.agency_name

    @property
    def why_none(self) -> str:
        """Say in a few words why there is no certificate of ours to show."""
        if self.completion.is_waived:
            return "Counted as done by the training office"
        return "No longer held" if self.is_erased else "Not made yet"

    @property
    def is_due(self) -> bool:
        return bool(self.refresh_on and self.refresh_on < timezone.localdate())


@dataclass(frozen=True)
class TrainingRecord:
    """Training record of one person across all their agencies."""

    person: Person
    jobs: list[Post]
    entries: list[Entry]
    protocols: list[ReadingStatus]
    made_at: dt.datetime

    @property
    def has_certificates(self) -> bool:
        return any(entry.certificate for entry in self.entries)

    @property
    def to_refresh(self) -> list[Entry]:
        """Latest entry of each course that is to be renewed, by due date."""
        latest: dict[int, Entry] = {}
        for entry in self.entries:
            latest.setdefault(entry.completion.course_id, entry)
        due = [entry for entry in latest.values() if entry.refresh_on]
        return sorted(due, key=lambda entry: (entry.refresh_on, entry.course))


def training_record_of(person: Person, *, viewer: Person) -> TrainingRecord:
    """Build the record, newest first, without withdrawn completions or revoked certificates."""
    completions = learning.completions_of(person, viewer)
    jobs = Post.objects.visible_to(viewer).filter(person=person).current()
    jobs = jobs.annotate(agency_today=mergers.name_today("agency"))
    return TrainingRecord(
        person=person,
        jobs=list(jobs.select_related("agency").order_by("-starts_on", "pk")),
        entries=[entry for each in completions if (entry := entry_of(each))],
        protocols=acknowledgements.record_of(person, viewer=viewer),
        made_at=timezone.now(),
    )


def entry_of(completion: Completion) -> Entry | None:
    certificate: Certificate | None = getattr(completion, "certificate")  # noqa: B009  (learning's)
    if certificate and certificate.revoked_at:
        return None
    is_erased = certificate is not None and not certificate.is_live
    if is_erased:
        certificate = None
    return Entry(completion, certificate, refresh_on(completion, certificate), is_erased)


def as_data(record: TrainingRecord) -> dict[str, Any]:
    """Serialise the record for other systems, with ISO 8601 dates."""
    return {
        "name": record.person.name,
        "made_at": record.made_at.isoformat(timespec="seconds"),
        "jobs": [
            {"title": post.title, "agency": getattr(post, "agency_today")}  # noqa: B009  (annotated)
            for post in record.jobs
        ],
        "completions": [entry_as_data(entry) for entry in record.entries],
        "protocols_read": [
            {
                "protocol": status.read.edition.title,
                "version": status.read.edition.number,
                "read_on": timezone.localdate(status.read.read_at).isoformat(),
                "to_read_again": status.is_to_read_again,
            }
            for status in record.protocols
            if status.read
        ],
        "to_refresh": [
            {"course": entry.course, "refresh_on": entry.refresh_on.isoformat()}
            for entry in record.to_refresh
            if entry.refresh_on
        ],
    }


def entry_as_data(entry: Entry) -> dict[str, Any]:
    certificate, evidence = entry.certificate, entry.completion.evidence
    fixed = entry.completion.certified
    return {
        "course": entry.course,
        "course_code": entry.completion.course.code,
        "completed_on": entry.completion.completed_on.isoformat(),
        "refresh_on": entry.refresh_on.isoformat() if entry.refresh_on else None,
        "agency": entry.agency,
        "certificate": certificate
        and {
            "number": certificate.number,
            "code": certificate.code,
            "check_at": certificate.verify_url,
            "hours": str(certificate.hours),
            "format": certificate.format,
        },
        "training_elsewhere": evidence
        and {
            "title": evidence.title,
            "provider": evidence.provider,
            "hours": fixed.get("hours"),
            "format": fixed.get("format"),
        },
    }
