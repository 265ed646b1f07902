"""What has this board decided about protocols?"""

from django.core.validators import MinValueValidator
from django.db import models
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


def days(what, default, least=0):
    return models.PositiveSmallIntegerField(
        what, default=default, validators=[MinValueValidator(least)]
    )


@register_setting(icon="calendar-check")
class ProtocolPolicy(BaseGenericSetting):
    """What this board has decided about protocols, in calendar days. Defaults are rules.md's."""

    answer_days = days("an agency answers about a draft within (days)", 14, least=1)
    confirm_days = days("agencies are usually given to confirm (days)", 28, least=1)
    chased_days_before = days("who has not answered is reminded (days before)", 3)
    chased_every_days = days("and after that day, every (days)", 7, least=1)
    first_notice_days = days("owners hear of a review (days before)", 90)
    second_notice_days = days("and once more (days before), and on the day", 30)

    class Meta:
        verbose_name = "protocol policy"

    @classmethod
    def get_permission_policy(cls):
        """The protocol editors', by role rather than by a tick in a form of permissions."""
        from agencies.permissions import EditorsPolicy

        return EditorsPolicy(cls)

    @property
    def notice_days(self) -> list[int]:
        """On which owners hear of a review, in days before it, the longest first."""
        return sorted({self.first_notice_days, self.second_notice_days, 0}, reverse=True)
