"""Keep when a provider's link was checked, and remind the office to check it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

import history
from agencies.models import Board
from courses.models import Course
from courses.models.catalogue import LINK_CHECKED_EVERY
from lms import jobs, links
from lms.formatting import day
from lms.mail import outbox
from lms.refused import Refused

if TYPE_CHECKING:
    from agencies.models import Person

    By = Person | str


class LinkRefused(Refused):
    """Check that is refused, as the link is another by now."""


@transaction.atomic
def mark_checked(course: Course, *, link: str, by: Person) -> Course:
    """Record that `by` has opened this link, and that it leads to the course.

    Raises LinkRefused if the course has another link by now.
    """
    kept = Course.objects.select_for_update(of=["self"]).get(pk=course.pk)
    if not kept.is_elsewhere or kept.provider_link != link:
        raise LinkRefused(
            "Somebody changed this link while you had the page open. Open the new link, and say "
            "then whether it leads to the course."
        )
    kept.link_checked_on, kept.link_checked_by = timezone.localdate(), by
    kept.save(update_fields=["link_checked_on", "link_checked_by"])
    history.record("course.link_checked", kept, by=by)
    return kept


def settle_check(course: Course, before: Course | None, *, by: By) -> None:
    """Count entering a new link as a check of it, on a course that is about to be saved.

    A course without a link was never checked.
    """
    if not course.is_elsewhere:
        course.link_checked_on = course.link_checked_by = course.link_reminded_on = None
    elif before is None or before.provider_link != course.provider_link:
        course.link_checked_on = timezone.localdate()
        course.link_checked_by = None if isinstance(by, str) else by


def last_check(course: Course) -> str:
    """Say who checked the link last, and when: for the office alone, as it names them."""
    if not course.link_checked_on:
        return "Nobody has checked this link yet."
    who = f" by {course.link_checked_by.name}" if course.link_checked_by else ""
    return f"Checked{who} on {day(course.link_checked_on)}."


@jobs.in_words("Remind the office to check the links to courses given elsewhere")
@transaction.atomic
def remind_office() -> bool:
    """Email the office the links to check; of each again after 6 months without a check.

    Nightly. Return whether an email was queued.
    """
    today = timezone.localdate()
    before = today - LINK_CHECKED_EVERY
    unsaid = Q(link_reminded_on=None) | Q(link_reminded_on__lt=before)
    due = Course.objects.link_to_check().filter(unsaid).select_for_update(of=["self"])
    courses = list(due.select_related("link_checked_by").order_by("title", "pk"))
    if not courses:
        return False
    Course.objects.filter(pk__in=[each.pk for each in courses]).update(link_reminded_on=today)
    again = all(_was_asked(each) for each in courses)
    outbox.enqueue(
        "check_provider_links", to=Board.load().email, context=_reminder(courses), again=again
    )
    history.record_each(
        "course.link_reminded", [(course, {}, {}) for course in courses], by="NIGHTLY"
    )
    return True


def _was_asked(course: Course) -> bool:
    """Return whether the office was asked about the link since it was last checked."""
    asked, checked = course.link_reminded_on, course.link_checked_on
    return asked is not None and (checked is None or asked >= checked)


def _reminder(courses: list[Course]) -> dict[str, str]:
    lines = (
        f"{course.title}, given by {course.provider}: {course.provider_link}\n{last_check(course)}"
        for course in courses
    )
    return {
        "links": "\n\n".join(lines),
        "address": links.address(f"{reverse('course:index')}?link=due"),
    }
