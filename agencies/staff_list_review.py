"""Ask agency leads every quarter to check their list of staff."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.utils import timezone

from agencies import access, staff
from agencies.models import Agency, Person, Post
from lms import jobs, periods, working_days
from lms.mail import outbox, templates
from lms.models import Mail

if TYPE_CHECKING:
    from django.db.models import QuerySet

KIND = "check_your_list"
# Working days from the quarter's start in which to ask, should the worker have been down.
ASKED_IN = 5
# Leads locked at once.
A_BATCH = 50


@jobs.in_words("Ask an agency’s lead to check their list of staff")
def ask_leads() -> int:
    """Ask each lead once a quarter to check their list; return how many were asked now.

    Nightly. Asks on the first working day of January, April, July and October.
    """
    due = _unasked().order_by("pk") if _may_be_asked() else Person.objects.none()
    return jobs.for_all(ask_leads, due, _ask, size=A_BATCH)


def _eve() -> dt.date:
    """Return the last day of the previous quarter."""
    return periods.quarter_begins(timezone.localdate()) - dt.timedelta(days=1)


def _may_be_asked() -> bool:
    first, last = (working_days.later(_eve(), days) for days in (1, ASKED_IN))
    return first <= timezone.localdate() <= last


def _unasked() -> QuerySet[Person]:
    begins = timezone.make_aware(dt.datetime.combine(_eve() + dt.timedelta(days=1), dt.time.min))
    asked = Mail.objects.filter(
        template=KIND,
        created_at__gte=begins,
        about_type=Person._meta.label_lower,
        about_id=Cast(OuterRef("pk"), CharField()),
    )
    leading = Post.objects.of_leads().values("person")
    return Person.objects.filter(~Exists(asked), pk__in=leading)


def _ask(leads: list[Person]) -> None:
    chosen = Person.objects.filter(pk__in=[lead.pk for lead in leads]).order_by("pk")
    list(chosen.select_for_update().values_list("pk", flat=True))
    # Query again under the lock, as another process may have asked them meanwhile.
    for lead in _unasked().filter(pk__in=[lead.pk for lead in leads]).order_by("pk"):
        outbox.enqueue(KIND, to=lead, about=lead, context=_told(lead))


def _told(lead: Person) -> dict[str, str]:
    agencies = list(access.agencies_led_by(lead))
    # Leads of the same agencies share the cached summary.
    whose = tuple(agency.pk for agency in agencies)
    return {"name": lead.name} | templates.memoised(("staff", whose), lambda: _of_staff(agencies))


def _of_staff(agencies: list[Agency]) -> dict[str, str]:
    told = [change.what for change in staff.changes(agencies, since=staff.last_quarter_began())]
    return {
        "agency": " and ".join(agency.name for agency in _current(agencies)),
        "staff": str(Post.objects.current().filter(agency__in=agencies).count()),
        "came": str(told.count(staff.JOINED) + told.count(staff.MOVED)),
        "went": str(told.count(staff.LEFT)),
    }


def _current(agencies: list[Agency]) -> list[Agency]:
    return [agency for agency in agencies if not agency.merged_into_id]
