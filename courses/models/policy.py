"""Model of the board's booking policy."""

import datetime as dt

from django.db import models
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from lms.gathering import memoised


@register_setting(icon="calendar-check")
class BookingPolicy(BaseGenericSetting):
    """Booking rules that this board can change. The defaults are those of rules.md."""

    free_until_days = models.PositiveSmallIntegerField(
        "cancelling is free until (calendar days before)", default=3
    )
    offer_days = models.PositiveSmallIntegerField(
        "an offer lasts until the end of (working days later)",
        default=2,
        help_text="Near the date: half of the time left, and never under the hours below.",
    )
    offer_until = models.TimeField("on that day, until (time)", default=dt.time(17))
    offer_least_hours = models.PositiveSmallIntegerField(
        "never under (hours between 8 and 18 on working days)", default=4
    )
    approval_days = models.PositiveSmallIntegerField(
        "a request holds its place for (working days)",
        default=5,
        help_text="Until the time on the last of them at which offers end.",
    )
    approval_reminder_days = models.PositiveSmallIntegerField(
        "the manager is reminded after (working days)", default=2
    )
    job_days = models.PositiveSmallIntegerField(
        "a job that nobody confirms is put to this office after (working days)",
        default=3,
        help_text="Where somebody has asked for a place from it.",
    )
    job_kept_days = models.PositiveSmallIntegerField(
        "until its job is confirmed, a place is kept until (working days before the date)",
        default=3,
        help_text="At the time that offers end at, and never before the next working day.",
    )
    minimum_days = models.PositiveSmallIntegerField(
        "dates below their minimum are listed from (working days before)", default=15
    )
    first_reminder_days = models.PositiveSmallIntegerField(
        "first reminder (days before)", default=10
    )
    second_reminder_days = models.PositiveSmallIntegerField(
        "second reminder (days before)", default=3
    )
    link_hours = models.PositiveSmallIntegerField(
        "the link of a virtual date is sent (hours before)", default=48
    )
    days_after_move = models.PositiveSmallIntegerField(
        "after a date is moved, cancelling is free for at least (working days)", default=2
    )
    half_day_charge = models.DecimalField(
        "late or absent, half a day (£)", max_digits=7, decimal_places=2, default=40
    )
    day_charge = models.DecimalField(
        "late or absent, each day (£)", max_digits=7, decimal_places=2, default=80
    )
    half_day_hours = models.DecimalField(
        "half a day is at most (taught hours)", max_digits=3, decimal_places=1, default=4
    )

    evidence_days = models.PositiveSmallIntegerField(
        "a certificate that somebody uploads is answered within (working days)",
        default=5,
        help_text="The person reads this when they send it.",
    )

    class Meta:
        verbose_name = "booking policy"

    @classmethod
    def load(cls, *args, **kwargs):
        """Load the policy, once within `gathering.cached_context`."""
        read = super().load
        return memoised(cls, lambda: read(*args, **kwargs))

    @classmethod
    def get_permission_policy(cls):
        """Return a policy that allows the training office by role, not by Django permission."""
        from agencies.permissions import OfficePolicy

        return OfficePolicy(cls)
