"""Say what somebody has done of a course that is an online module, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from agencies import access
from courses.completion import online
from courses.completion.renewal import refresh_on
from courses.models import Completion
from elearning.learning import progress
from elearning.models import Attempt

if TYPE_CHECKING:
    from agencies.access import Viewer
    from courses.models import Course


def context(course: Course, viewer: Viewer) -> dict[str, Any]:
    """Return what the course's page says to this viewer: begun, completed, to be refreshed."""
    module = course.module
    version = module.versions.not_withdrawn().without_content().first()
    found: dict[str, Any] = {"module": module, "version": version}
    if not access.is_signed_in(viewer):
        return found
    mine = Attempt.objects.visible_to(viewer).filter(person=viewer, module=module)
    begun = [each for each in progress.of_attempts(mine) if not each.is_done]
    done = Completion.objects.valid().filter(person=viewer, course=course)
    last = done.select_related("course").order_by("-completed_on", "-pk").first()
    refresh = refresh_on(last) if last else None
    months = course.renewal_months
    opens = online.refresher_opens(last.completed_on, months) if last and months else None
    return found | {
        "begun": begun[0] if begun else None,
        "last": last,
        "refresh_on": refresh,
        "opens": opens,
        "is_open_again": bool(opens and opens <= timezone.localdate()),
    }
