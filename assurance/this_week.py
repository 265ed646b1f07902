"""What needs the training office this week?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from wagtail.admin.ui.components import Component

from courses.models import Run
from lms.models import Mail

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agencies.models import Person

MOST = 6


@dataclass(frozen=True)
class Part:
    """The first few of what there is, and how many more."""

    things: list
    more: int


def of(found: QuerySet) -> Part:
    things = list(found[: MOST + 1])
    more = found.count() - MOST if len(things) > MOST else 0
    return Part(things[:MOST], more)


class ThisWeekPanel(Component):
    name = "this_week"
    template_name = "assurance/this_week.html"
    order = 50

    def get_context_data(self, parent_context):
        return parts(parent_context["request"].user)


def parts(viewer: Person) -> dict[str, Part]:
    """Four lists, each by what is nearest; a week and a fortnight from now, to the minute."""
    now = timezone.now()
    runs = Run.objects.registers_of(viewer).select_related("course", "venue")
    return {
        "below": of(runs.below_minimum().filter(starts_at__lt=now + dt.timedelta(days=14))),
        "coming": of(
            runs.upcoming().filter(starts_at__lt=now + dt.timedelta(days=7)).with_waiting()
        ),
        "open_registers": of(runs.not_signed_off()),
        "undelivered": of(
            Mail.objects.visible_to(viewer).to_mend().only("pk", "to", "subject", "last_try_at")
        ),
    }
