"""The board's settings for protocols."""

import datetime as dt

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from lms import working_days
from lms.reminder_days import Schedule


def days(what, default, least=0):
    return models.PositiveSmallIntegerField(
        what, default=default, validators=[MinValueValidator(least)]
    )


@register_setting(icon="calendar-check")
class ProtocolPolicy(BaseGenericSetting):
    """The board's periods for protocols; defaults are from rules.md.

    In calendar days, save for agencies' answers about a draft: they have working days.
    """

    answer_days = days("an agency answers about a draft within (working days)", 20, least=1)
    confirm_days = days("agencies are usually given to confirm (days)", 28, least=1)
    chased_days_before = days("who has not answered is reminded (days before)", 3)
    chased_every_days = days("and after that day, every (days)", 7, least=1)
    first_notice_days = days("owners hear of a review (days before)", 90)
    second_notice_days = days("and once more (days before), and on the day", 30)

    class Meta:
        verbose_name = "protocol policy"

    @classmethod
    def get_permission_policy(cls):
        """Return a policy that admits protocol editors by role, not by Django permission."""
        from agencies.permissions import EditorsPolicy

        return EditorsPolicy(cls)

    def answer_by(self) -> dt.date:
        """Return the last day for an agency that is asked about a draft today."""
        return working_days.later(timezone.localdate(), self.answer_days)

    @property
    def reminders(self) -> Schedule:
        """Days on which agencies are reminded to answer: before, on and after the deadline."""
        return Schedule((self.chased_days_before, 0), every=self.chased_every_days)

    @property
    def review_notices(self) -> Schedule:
        """Days on which owners are told of a review."""
        return Schedule((self.first_notice_days, self.second_notice_days, 0))
