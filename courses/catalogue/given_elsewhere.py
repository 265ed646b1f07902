"""Say what somebody has done of a course that a provider gives online, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from agencies import access
from courses.completion.answering import answered_by
from courses.completion.renewal import refresh_on
from courses.models import BookingPolicy, Completion, Evidence

if TYPE_CHECKING:
    from agencies.access import Viewer
    from courses.models import Course


def context(course: Course, viewer: Viewer) -> dict[str, Any]:
    """Return what the course's page says to this viewer: sent, completed, to be refreshed."""
    found: dict[str, Any] = {"days": BookingPolicy.load().evidence_days}
    if not access.is_signed_in(viewer):
        return found
    sent = Evidence.objects.undecided().filter(person=viewer, course=course).first()
    done = Completion.objects.valid().filter(person=viewer, course=course)
    last = done.select_related("course").order_by("-completed_on", "-pk").first()
    refresh = refresh_on(last) if last else None
    return found | {
        "sent": sent,
        "answered_by": answered_by(sent) if sent else None,
        "last": last,
        "refresh_on": refresh,
        "is_due": bool(refresh and refresh < timezone.localdate()),
        # Once is enough of what is not to be refreshed.
        "may_send": not sent and (last is None or bool(course.renewal_months)),
    }
