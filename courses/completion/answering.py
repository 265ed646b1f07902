"""Say by when the training office answers what somebody has sent."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from courses.models import BookingPolicy
from lms import working_days

if TYPE_CHECKING:
    from courses.models import Evidence


def answered_by(sent: Evidence, policy: BookingPolicy | None = None) -> dt.date:
    """Return the day by which the training office answers, as the policy says.

    Of many, the caller gives the policy, which is read once.
    """
    policy = policy or BookingPolicy.load()
    return working_days.later(timezone.localdate(sent.sent_at), policy.evidence_days)
