"""Models of certificates and their designs: snapshots that do not depend on courses."""

from decimal import Decimal

from django.conf import settings
from django.core.files.storage import storages
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from agencies import access
from agencies.models import Post
from certificates import codes
from lms.operational import OperationalModel


def certificate_storage():
    return storages["certificates"]


class State(models.TextChoices):
    """Public state of a certificate; templates/certificates/_state.html words it."""

    VALID = "valid", "Valid"
    REFRESH_DUE = "refresh_due", "Refresh due"
    REPLACED = "replaced", "Replaced"
    REVOKED = "revoked", "Revoked"
    NO_LONGER_HELD = "no_longer_held", "No longer held"


class Series(models.Model):
    """Last number taken in a year's series; an issue that failed leaves a gap."""

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


class Picture(OperationalModel):
    """Logo or signature as a print-ready JPEG, kept append-only by a trigger."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    content = models.BinaryField()

    def __str__(self):
        return self.sha256[:12]


class DesignQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        return self if access.sees_everybody(viewer) else self.none()


class Design(OperationalModel):
    """Certificate design; its newest version is in use."""

    name = models.CharField(max_length=60, unique=True, help_text="For the office: not printed.")
    is_default = models.BooleanField("the board's default", default=False, editable=False)

    objects = DesignQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = "certificate design"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="design_one_default"
            )
        ]

    def __str__(self):
        return self.name

    @property
    def current(self):
        return self.versions.latest("number")


class DesignVersionQuerySet(models.QuerySet):
    def in_use(self, design=None):
        """Return the newest version of this design, else of the default; None: as delivered."""
        chosen = Q(design=design) if design else Q(design__is_default=True)
        return self.filter(chosen).order_by("-number").first()


is_colour = RegexValidator(
    r"\A#[0-9a-f]{6}\Z", "Write a colour as # and six digits or letters a to f, as #0b5563."
)


def shown(what):
    return models.BooleanField(what, default=True)


def drawn(what, help_text):
    return models.ForeignKey(
        Picture,
        models.PROTECT,
        verbose_name=what,
        null=True,
        blank=True,
        related_name="+",
        help_text=help_text,
    )


class DesignVersion(OperationalModel):
    """Immutable version of a design. Field defaults are the design as delivered."""

    WORDS = ("heading", "before_name", "after_name", "statement")
    SIGNATORY = ("signatory_name", "signatory_title")
    PICTURES = ("mark", "second_mark", "third_mark", "signature")
    COLOURS = ("accent", "line")
    SHOWN = (
        "shows_agency", "shows_format", "shows_hours", "shows_code", "shows_outcomes",
        "shows_refresh",
    )  # fmt: skip
    LOOK = (*WORDS, *SIGNATORY, *PICTURES, *COLOURS, *SHOWN)

    design = models.ForeignKey(Design, models.PROTECT, related_name="versions", editable=False)
    number = models.PositiveSmallIntegerField("version", default=1, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    heading = models.CharField(max_length=200, default="Certificate of completion")
    before_name = models.CharField(
        "above the name", max_length=200, blank=True, default="This is to certify that"
    )
    after_name = models.CharField(
        "above the course", max_length=200, blank=True, default="has completed"
    )
    statement = models.CharField("below the course", max_length=200, blank=True)
    signatory_name = models.CharField(
        "who signs", max_length=80, blank=True, help_text="Blank: as in the board's settings."
    )
    signatory_title = models.CharField(
        "their role", max_length=80, blank=True, help_text="Blank: as in the board's settings."
    )
    mark = drawn("mark", "Blank: the board's own.")
    second_mark = drawn("second mark", "Of a partner. It stands beside the first.")
    third_mark = drawn("third mark", "")
    signature = drawn("signature", "It stands above the line.")
    accent = models.CharField(
        "colour of names and frame", max_length=7, default="#0b5563", validators=[is_colour]
    )
    line = models.CharField(
        "colour of lines", max_length=7, default="#c08a3e", validators=[is_colour]
    )
    shows_agency = shown("agency")
    shows_format = shown("format of the course")
    shows_hours = shown("hours")
    shows_code = shown("code and version of the course")
    shows_outcomes = shown("what the course teaches")
    shows_refresh = shown("refresh recommended by")

    objects = DesignVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["design", "number"], name="design_version_one_a_number")
        ]

    def __str__(self):
        return f"{self.design}, version {self.number}"


class CertificateQuerySet(models.QuerySet):
    def current(self):
        """Exclude revoked and replaced ones: at most one per award is left, erased or not."""
        return self.filter(revoked_at=None, superseded_at=None)

    def live(self):
        """Exclude revoked, replaced and erased ones."""
        return self.current().filter(erased_at=None)

    def untold(self):
        """Filter to those revoked or replaced whose holder does not know it yet."""
        over = Q(revoked_at__isnull=False) | Q(superseded_at__isnull=False)
        return self.filter(over, end_told_at=None, erased_at=None)

    def visible_to(self, viewer):
        """Filter to the viewer's own; all for the training office.

        Leads see completions only, and of staff without an email address the certificates too,
        which they print for them.
        """
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        staff = Post.objects.current().filter(agency__in=access.agencies_led_by(viewer))
        cannot_sign_in = staff.filter(person__email=None).values("person")
        return self.filter(Q(holder=viewer) | Q(holder__in=cannot_sign_in))


class Certificate(OperationalModel):
    """Snapshot of a completion as certified; only revoked, replaced or erased, never changed."""

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
    design = models.ForeignKey(
        DesignVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="certificates",
        editable=False,
    )
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
    # When the holder was told that it is revoked or replaced.
    end_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-completed_on", "-pk"]
        indexes = [
            models.Index(fields=["award"], name="certificate_award"),
            models.Index(fields=["completed_on", "id"], name="certificate_in_office_order"),
        ]
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
        if self.refresh_on and self.refresh_on < timezone.localdate():
            return State.REFRESH_DUE
        return State.VALID

    @property
    def successor_is_live(self):
        """Return whether the last of the certificates that replaced this one is valid."""
        last, seen = self.superseded_by, {self.pk}
        while last and last.superseded_by_id and last.pk not in seen:
            seen.add(last.pk)
            last = last.superseded_by
        return bool(last and last.is_live)

    @property
    def is_live(self) -> bool:
        return self.state in {State.VALID, State.REFRESH_DUE}

    @property
    def look(self) -> DesignVersion:
        """Design version with which it is rendered."""
        return self.design or DesignVersion()

    @property
    def grouped_code(self) -> str:
        return codes.grouped(self.code)

    @property
    def verify_path(self) -> str:
        return reverse("certificates:verify", args=[self.code])

    @property
    def verify_url(self) -> str:
        """Public URL to verify it, as in its QR code."""
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
