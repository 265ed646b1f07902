"""Is each agency's list of staff looked at every quarter?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from agencies import access, joining, staff
from agencies.models import Agency, Person, Post
from lms import mail, periods, working_days
from lms.models import Mail

KIND = "check_your_list"
# From the first working day on; a worker that was not there then still asks in these days.
ASKED_IN = 5


def ask_leads() -> int:
    """Each lead has been asked to check their list, once a quarter; returns how many were now.

    Nightly. Asked on the first working day of January, April, July and October.
    """
    today = timezone.localdate()
    eve = periods.quarter_begins(today) - dt.timedelta(days=1)
    if not working_days.later(eve, 1) <= today <= working_days.later(eve, ASKED_IN):
        return 0
    leading = Post.objects.current().filter(is_lead=True).values("person")
    leads = Person.objects.filter(is_active=True, pk__in=leading).order_by("pk")
    return sum(_ask(lead, since=eve + dt.timedelta(days=1)) for lead in leads)


@transaction.atomic
def _ask(lead: Person, *, since: dt.date) -> bool:
    joining.lock(lead)
    begins = timezone.make_aware(dt.datetime.combine(since, dt.time.min))
    if Mail.objects.about(lead).filter(template=KIND, created_at__gte=begins).exists():
        return False
    mail.post(KIND, to=lead, about=lead, context=_told(lead))
    return True


def _told(lead: Person) -> dict[str, str]:
    agencies = list(access.agencies_led_by(lead))
    told = [change.what for change in staff.changes(agencies, since=staff.last_quarter_began())]
    return {
        "name": lead.name,
        "agency": " and ".join(agency.name for agency in _current(agencies)),
        "staff": str(Post.objects.current().filter(agency__in=agencies).count()),
        "came": str(told.count(staff.JOINED) + told.count(staff.MOVED)),
        "went": str(told.count(staff.LEFT)),
    }


def _current(agencies: list[Agency]) -> list[Agency]:
    return [agency for agency in agencies if not agency.merged_into_id]
