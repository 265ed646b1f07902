"""Models of fees by sector, and of charges to agencies with waivers and exports."""

from django.db import models
from django.db.models import Q

from agencies import access
from agencies.models import Agency, Sector
from courses.models.bookings import Booking
from lms.formatting import pounds
from lms.operational import OperationalModel


class Fee(models.Model):
    """Fee that a sector pays to attend a course that charges, in GBP a day."""

    sector = models.OneToOneField(Sector, models.PROTECT, related_name="fee")
    a_day = models.DecimalField("£ a day", max_digits=7, decimal_places=2, default=80)

    class Meta:
        ordering = ["sector"]
        verbose_name = "fee by sector"
        verbose_name_plural = "fees by sector"

    def __str__(self):
        return f"{self.sector}: {pounds(self.a_day)} a day"


class ChargeQuerySet(models.QuerySet):
    def owed(self):
        return self.filter(waived_at=None)

    def to_export(self):
        return self.owed().filter(exported_at=None)

    def to_credit(self):
        """Filter to charges waived after export and not yet credited to the finance system."""
        return self.filter(waived_at__isnull=False, exported_at__isnull=False, credited_at=None)

    def to_tell(self):
        """Filter to what the finance system lacks: charges that are owed, and credits."""
        return self.to_export() | self.to_credit()

    def told_at(self, moment):
        """Filter to charges and credits of the export at this moment."""
        return self.filter(Q(exported_at=moment) | Q(credited_at=moment))

    def visible_to(self, viewer):
        """Filter to charges of agencies that the viewer leads; all for the training office."""
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        return self.filter(agency__in=access.agencies_led_by(viewer))


class Charge(OperationalModel):
    """Charge to an agency, for the finance system to invoice. No money is taken here."""

    class Kind(models.TextChoices):
        LATE = "late", "Cancelled late"
        ABSENT = "absent", "Did not come"
        FEE = "fee", "Attendance"

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="charges")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    amount = models.DecimalField("£", max_digits=8, decimal_places=2)
    cost_code = models.CharField("purchase order or cost code", max_length=60, blank=True)
    made_at = models.DateTimeField("recorded")
    waived_at = models.DateTimeField("waived", null=True, blank=True)
    waiver_reason = models.CharField("why it was waived", max_length=240, blank=True)
    exported_at = models.DateTimeField("exported", null=True, blank=True)
    credited_at = models.DateTimeField("exported as a credit", null=True, blank=True)

    objects = ChargeQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "kind"], name="charge_once_a_kind"),
            models.CheckConstraint(
                condition=Q(waived_at=None, waiver_reason="")
                | (Q(waived_at__isnull=False) & ~Q(waiver_reason="")),
                name="charge_waived_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(credited_at=None)
                | Q(waived_at__isnull=False, exported_at__isnull=False),
                name="charge_credited_when_waived_after_export",
            ),
        ]

    def __str__(self):
        return f"Charge {self.pk}"

    @property
    def is_credited(self) -> bool:
        return self.credited_at is not None
