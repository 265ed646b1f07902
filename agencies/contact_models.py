"""Store the phone numbers for a concern about a child, and when the office checked them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import models
from django.utils import timezone
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from lms.formatting import day

CHECKED_EVERY = relativedelta(months=3)
NUMBERS = {
    "hub_telephone": "the hub’s phone number",
    "out_of_hours_telephone": "the out-of-hours phone number",
}


@dataclass(frozen=True)
class Contact:
    """A phone number as shown to visitors."""

    name: str
    telephone: str
    hours: str


@register_setting(icon="mobile-alt")
class ConcernContacts(BaseGenericSetting):
    """Phone numbers for a concern about a child: on the home page and in every page's footer."""

    hub_name = models.CharField(
        "who answers in office hours", max_length=80, default="Children’s social care"
    )
    hub_telephone = models.CharField("their phone number", max_length=30, blank=True)
    hub_hours = models.CharField(
        "when they answer",
        max_length=120,
        blank=True,
        help_text="In words, such as ‘Monday to Friday, 8:30am to 5pm’.",
    )
    out_of_hours_name = models.CharField(
        "who answers at other times", max_length=80, default="Out of hours"
    )
    out_of_hours_telephone = models.CharField(
        "their phone number",
        max_length=30,
        blank=True,
        help_text="If the first number is answered day and night, enter it here again.",
    )
    out_of_hours_hours = models.CharField(
        "when they answer",
        max_length=120,
        blank=True,
        default="Evenings, weekends and bank holidays",
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    checked_on = models.DateField(null=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    reminded_on = models.DateField(null=True, editable=False)

    class Meta:
        verbose_name = "worried about a child?"

    @classmethod
    def get_permission_policy(cls):
        """Let the training office change it, by role rather than by Django permissions."""
        from agencies.permissions import OfficePolicy

        return OfficePolicy(cls)

    @property
    def contacts(self) -> list[Contact]:
        """Contacts that have a number."""
        every = [
            Contact(self.hub_name, self.hub_telephone, self.hub_hours),
            Contact(self.out_of_hours_name, self.out_of_hours_telephone, self.out_of_hours_hours),
        ]
        return [contact for contact in every if contact.telephone]

    @property
    def missing(self) -> list[str]:
        return [what for name, what in NUMBERS.items() if not getattr(self, name)]

    @property
    def check_by(self) -> dt.date | None:
        """Last day on which the last check still counts."""
        return self.checked_on and self.checked_on + CHECKED_EVERY

    @property
    def needs_check(self) -> bool:
        """True if a number is missing, or the last check is more than 3 months ago."""
        return bool(self.missing) or _is_over_3_months_ago(self.checked_on)

    @property
    def is_reminder_due(self) -> bool:
        return self.needs_check and _is_over_3_months_ago(self.reminded_on)

    @property
    def last_check(self) -> str:
        """Sentence about the last check, for the office alone, as it names who did it."""
        if not self.checked_on:
            return "Nobody has checked these phone numbers yet."
        who = f" by {self.checked_by.name}" if self.checked_by else ""
        return f"Last checked{who} on {day(self.checked_on)}."


def _is_over_3_months_ago(on: dt.date | None) -> bool:
    return on is None or on + CHECKED_EVERY < timezone.localdate()
