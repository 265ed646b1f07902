"""Work out until when a completion counts: the day by which a refresh is recommended."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from certificates.models import Certificate
    from courses.models import Completion


def refresh_on(completion: Completion, certificate: Certificate | None = None) -> dt.date | None:
    """Return the renewal date on the certificate; without one, as it was fixed, else of today."""
    if certificate:
        return certificate.refresh_on
    if completion.certified:
        fixed = completion.certified["refresh_on"]
        return dt.date.fromisoformat(fixed) if fixed else None
    months = completion.course.renewal_months
    return completion.completed_on + relativedelta(months=months) if months else None
