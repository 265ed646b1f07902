"""Tell people by night that they can do an online course again: once for each completion."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

import history
from agencies.models import Post
from courses.completion.online import REFRESHER_OPENS, refresher_opens
from courses.completion.renewal import refresh_on
from courses.models import Completion, Course
from courses.notices import refreshers
from elearning.learning.ending import lock
from elearning.models import Attempt, ModuleVersion
from lms import jobs

if TYPE_CHECKING:
    from django.db.models import QuerySet

A_NIGHT = 1000


@jobs.in_words("Tell people that they can do an online course again")
def tell_open() -> bool:
    """Write to whoever can do an online course again from today. Nightly job; idempotent."""
    return jobs.for_each(tell_open, due_to_be_told(), _tell, most=A_NIGHT)


def due_to_be_told() -> QuerySet[Completion]:
    """Filter to last completions of open courses whose refresher is open and not begun.

    Whoever has no job, or whose account is closed, could not begin it.
    """
    same = Completion.objects.valid().filter(person=OuterRef("person"), course=OuterRef("course"))
    later = same.filter(completed_on__gt=OuterRef("completed_on")) | same.filter(
        completed_on=OuterRef("completed_on"), pk__gt=OuterRef("pk")
    )
    begun = Attempt.objects.live().filter(
        person=OuterRef("person"), module=OuterRef("course__module")
    )
    issued = ModuleVersion.objects.not_withdrawn().filter(module=OuterRef("course__module"))
    jobs_held = Post.objects.current().filter(person=OuterRef("person"))
    told = Completion.objects.valid().filter(
        refresher_told_at=None, person__is_active=True, course__module__is_open=True
    )
    return told.filter(
        _is_open(), Exists(jobs_held), Exists(issued), ~Exists(begun), ~Exists(later)
    ).order_by("pk")


def _is_open() -> Q:
    """Return whether the day has come, by how often each course is renewed."""
    courses = Course.objects.offered().filter(kind=Course.Kind.MODULE, renewal_months__gt=0)
    found = Q(pk=None)
    for months in courses.order_by().values_list("renewal_months", flat=True).distinct():
        of_these = courses.filter(renewal_months=months)
        found |= Q(course__in=of_these, completed_on__lte=last_day_open(months))
    return found


def last_day_open(months: int) -> dt.date:
    """Return the last day on which a completion was whose refresher is open today."""
    today = timezone.localdate()
    # Months differ in length, so that adding and taking away can lose up to 3 days each.
    found = today + REFRESHER_OPENS - relativedelta(months=months) + dt.timedelta(days=6)
    while refresher_opens(found, months) > today:
        found -= dt.timedelta(days=1)
    return found


def _tell(completion: Completion) -> None:
    lock(completion.person_id)
    found = due_to_be_told().select_related("person", "course__module").filter(pk=completion.pk)
    found = found.defer("course__module__content", "course__module__check_questions")
    if fresh := found.first():
        refreshers.refresher_open(fresh, refresh_on(fresh))
        fresh.refresher_told_at = timezone.now()
        fresh.save(update_fields=["refresher_told_at"])
        history.record("completion.refresher_told", fresh, by="NIGHTLY")
