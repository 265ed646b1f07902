"""What was awarded, for ever? A snapshot that knows nothing of courses."""

from decimal import Decimal

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from agencies import access
from certificates import codes


def certificate_storage():
    return storages["certificates"]


class State(models.TextChoices):
    """What anyone may be told of a certificate; templates/certificates/state.html has its words."""

    VALID = "valid", "Valid"
    REFRESH_DUE = "refresh_due", "Refresh due"
    REPLACED = "replaced", "Replaced"
    REVOKED = "revoked", "Revoked"
    NO_LONGER_HELD = "no_longer_held", "No longer held"


class Series(models.Model):
    """The last number given to a certificate in a year; one that came to nothing leaves a gap."""

    prefix = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year"], name="series_one_a_prefix_and_year")
        ]

    def __str__(self):
        return f"{self.prefix}-{self.year}"


class CertificateQuerySet(models.QuerySet):
    def standing(self):
        """Neither revoked nor replaced: at most one an award, held by us still or not."""
        return self.filter(revoked_at=None, superseded_at=None)

    def live(self):
        """Standing, and held: what a person may show today."""
        return self.standing().filter(erased_at=None)

    def visible_to(self, viewer):
        """One's own, and all for the training office; a lead sees who is trained, not the paper."""
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        return self.filter(holder=viewer)


class Certificate(models.Model):
    """That somebody completed a course, as it was certified: never changed, only followed."""

    number = models.CharField(max_length=24, unique=True, editable=False)
    code = models.CharField("verification code", max_length=16, unique=True, editable=False)
    award = models.UUIDField(editable=False, help_text="What the completion also carries.")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates", editable=False
    )

    name = models.CharField(max_length=120)
    title = models.CharField("course", max_length=200)
    course_code = models.CharField(max_length=30)
    course_version = models.CharField(max_length=20, blank=True)
    outcomes = models.JSONField(default=list, blank=True)
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    format = models.CharField(max_length=80)
    agency = models.CharField(max_length=160, blank=True)
    completed_on = models.DateField()
    refresh_on = models.DateField("refresh recommended by", null=True, blank=True)
    board = models.CharField(max_length=120)
    signatory_name = models.CharField(max_length=80)
    signatory_title = models.CharField(max_length=80)
    issued_at = models.DateTimeField(default=timezone.now)

    pdf = models.FileField(storage=certificate_storage, max_length=120, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveIntegerField("bytes", editable=False)

    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_reason = models.CharField(max_length=300, blank=True, editable=False)
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)
    superseded_reason = models.CharField(max_length=300, blank=True, editable=False)
    superseded_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", editable=False
    )
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CertificateQuerySet.as_manager()

    # Not content: Wagtail need not note, with a task each time, what it refers to.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-completed_on", "-pk"]
        indexes = [models.Index(fields=["award"], name="certificate_award")]
        constraints = [
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(revoked_at=None, superseded_at=None),
                name="certificate_one_live_an_award",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(revoked_reason=""),
                name="certificate_revoked_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by=None) | Q(superseded_at__isnull=False),
                name="certificate_replaced_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by=None) | ~Q(superseded_by=F("pk")),
                name="certificate_not_replaced_by_itself",
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("certificates:mine", args=[self.number])

    @property
    def state(self) -> State:
        if self.erased_at:
            return State.NO_LONGER_HELD
        if self.revoked_at:
            return State.REVOKED
        if self.superseded_at:
            return State.REPLACED
        if self.refresh_on and self.refresh_on <= timezone.localdate():
            return State.REFRESH_DUE
        return State.VALID

    @property
    def is_live(self) -> bool:
        return self.state in {State.VALID, State.REFRESH_DUE}

    @property
    def grouped_code(self) -> str:
        return codes.grouped(self.code)

    @property
    def verify_path(self) -> str:
        return reverse("certificates:verify", args=[self.code])

    @property
    def verify_url(self) -> str:
        """Where anyone may check it: what its QR code holds."""
        return settings.SITE_URL + self.verify_path

    @property
    def hours_in_words(self) -> str:
        whole, part = divmod(Decimal(self.hours), 1)
        quarters = {Decimal("0.25"): "¼", Decimal("0.5"): "½", Decimal("0.75"): "¾"}
        if part in quarters:
            number = f"{int(whole) or ''}{quarters[part]}"
        else:
            number = f"{Decimal(self.hours):f}".rstrip("0").rstrip(".") if part else str(int(whole))
        return f"{number} hour" if Decimal(self.hours) <= 1 else f"{number} hours"
