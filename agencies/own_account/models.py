"""Store where each person is signed in: a row beside each session, gone when the session is."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from agencies import access
from lms.operational import OperationalModel


class OpenSessionQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Filter to the viewer's own that are not over: not even the office sees another's."""
        if not access.is_signed_in(viewer):
            return self.none()
        return self.filter(person=viewer, session__expire_date__gt=timezone.now())


class OpenSession(OperationalModel):
    """One sign-in of a person on one device."""

    session = models.OneToOneField(Session, models.CASCADE, primary_key=False, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="open_sessions"
    )
    device = models.CharField(max_length=60, help_text="Browser and system, in words.")
    signed_in_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(
        default=timezone.now, help_text="Written at most once in 5 minutes."
    )

    objects = OpenSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at", "-pk"]

    def __str__(self):
        return f"{self.device} of {self.person_id}"
