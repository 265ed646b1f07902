"""Editions: the numbered, append-only versions of protocols, with their files."""

import datetime as dt

from django.core.files.storage import storages
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.safestring import SafeString

from lms.operational import OperationalModel
from protocols.models.reviews import ReviewConfirmation


class Source(models.TextChoices):
    """Kinds of sources that a version answers."""

    FINDING = "finding", "Finding of a review"
    GUIDANCE = "guidance", "Guidance"
    AUDIT = "audit", "Audit"
    OTHER = "other", "Other"


# Long text fields, which lists leave out: of an edition, and of what refers to one.
LONG = ("html", "data")
LONG_OF_EDITION = tuple(f"edition__{name}" for name in LONG)


def edition_storage():
    return storages["editions"]


def mark_of(sha256: str) -> str:
    """Return the last part of a file's URL: a digest prefix, as Wagtail's paths allow no dots."""
    return sha256[:16]


class EditionQuerySet(models.QuerySet):
    def in_force(self):
        """Return the latest edition of each live protocol, unless it was withdrawn."""
        newer = Edition.objects.filter(page=OuterRef("page"), number__gt=OuterRef("number"))
        return self.filter(~Exists(newer), withdrawn_at=None, page__live=True)

    def with_review_day(self):
        """Annotate `review_on`: the next review by the last review, else by the edition."""
        last = ReviewConfirmation.objects.filter(edition=OuterRef("pk")).order_by("-pk")
        said = Subquery(last.values("next_review_on")[:1])
        return self.annotate(review_on=Coalesce(said, "next_review_on"))

    def without_pdf(self):
        """Return those whose PDF the worker has still to make."""
        return self.exclude(pk__in=EditionPdf.objects.up_to_date().values("edition"))

    def without_text(self):
        """Defer the long text fields, for lists."""
        return self.defer(*LONG)


class EditionPdfQuerySet(models.QuerySet):
    def up_to_date(self):
        """Return those that say of the withdrawal what is so of their version now."""
        return self.filter(
            Q(withdrawn_at=F("edition__withdrawn_at"))
            | Q(withdrawn_at=None, edition__withdrawn_at=None)
        )

    def at(self, url_path, number):
        """Return those of the version of that number of the protocol at this place in the tree."""
        of_page = self.filter(edition__page__url_path=url_path, edition__number=number)
        return of_page.annotate(slug=F("edition__page__slug"), path=F("edition__page__path"))


class Edition(OperationalModel):
    """A numbered version of a protocol: never changed or deleted, at most withdrawn."""

    review_on: dt.date | None  # annotated by `with_review_day`

    page = models.ForeignKey(
        "protocols.ProtocolPage", models.PROTECT, related_name="editions", editable=False
    )
    number = models.PositiveIntegerField(editable=False)
    is_major = models.BooleanField(
        default=True, editable=False, help_text="People are asked to read it again."
    )
    title = models.CharField(max_length=255, editable=False)
    reference = models.CharField(max_length=20, blank=True, editable=False)
    summary = models.TextField(editable=False)
    reason = models.TextField("reason for the change", editable=False)
    in_force_from = models.DateField(editable=False)
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    next_review_on = models.DateField(null=True, editable=False)

    # Snapshots with names: [{"agency": 1, "name": "..."}], [{"name", "on", "agency"}],
    # [{"kind": "finding", "citation": "..."}], [{"text": "...", "is_right": true}].
    owners = models.JSONField(default=list, editable=False)
    approvers = models.JSONField(default=list, editable=False)
    answers = models.JSONField(default=list, editable=False)
    check_question = models.CharField(max_length=240, blank=True, editable=False)
    check_answers = models.JSONField(default=list, editable=False)

    html = models.TextField(editable=False, help_text="The text as it was drawn.")
    data = models.JSONField(editable=False, help_text="All that the page held.")
    sha256 = models.CharField(max_length=64, editable=False)

    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["page", "-number"]
        verbose_name = "version"
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="edition_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="edition_number_from_one"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""),
                name="edition_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.title}, {self.label}"

    @property
    def approved_on(self) -> dt.date | None:
        """Return the day of its last approval; None where nobody's is recorded."""
        days = [dt.date.fromisoformat(each["on"]) for each in self.approvers if each.get("on")]
        return max(days, default=None)

    @property
    def label(self) -> str:
        return f"Version {self.number}"

    @property
    def answers_to(self) -> list[str]:
        """Format its sources, such as 'Finding of a review: Child E, recommendation 3'."""
        return [
            each["citation"]
            if each["kind"] == Source.OTHER
            else f"{Source(each['kind']).label}: {each['citation']}"
            for each in self.answers
        ]

    @property
    def text(self) -> SafeString:
        """Return the HTML as safe: our templates rendered it from blocks that clean their input."""
        return SafeString(self.html)

    def get_absolute_url(self) -> str:
        return f"{self.page.path_of_page}editions/{self.number}/"

    @property
    def is_in_force(self) -> bool:
        return Edition.objects.in_force().filter(pk=self.pk).exists()


class EditionFile(OperationalModel):
    """An edition's own copy of a document or picture, independent of the one in the CMS."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="files", editable=False)
    name = models.CharField(max_length=120, editable=False)
    content_type = models.CharField(max_length=100, editable=False)
    file = models.FileField(storage=edition_storage, max_length=120, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveIntegerField("bytes", editable=False)

    class Meta:
        ordering = ["edition", "name"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "name"], name="edition_file_name_once")
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        return f"{self.edition.get_absolute_url()}files/{self.mark}/"

    @property
    def mark(self) -> str:
        return mark_of(self.sha256)


class EditionPdf(OperationalModel):
    """An edition as a PDF: drawn by the worker, and again when the edition is withdrawn."""

    edition = models.OneToOneField(
        Edition, models.PROTECT, related_name="pdf", editable=False, primary_key=True
    )
    file = models.FileField(storage=edition_storage, max_length=120, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveIntegerField("bytes", editable=False)
    withdrawn_at = models.DateTimeField(
        null=True, editable=False, help_text="The withdrawal that the PDF tells of."
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EditionPdfQuerySet.as_manager()

    def __str__(self):
        return f"PDF of {self.edition}"
