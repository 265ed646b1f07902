"""Store where each person is signed in, and text of forms that was sent after a session ended."""

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


class KeptTextQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Filter to what the viewer typed within the hour: not even the office sees another's."""
        if not access.is_signed_in(viewer):
            return self.none()
        return self.filter(person=viewer, expires_at__gt=timezone.now())


class KeptText(OperationalModel):
    """Text of one form that was sent after its person's session had ended, encrypted.

    The key is in a cookie of the browser that sent it, and nowhere else.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="kept_texts")
    browser = models.CharField(max_length=64, db_index=True, help_text="Digest of the cookie.")
    sealed = models.TextField(help_text="Page, form and text, encrypted.")
    expires_at = models.DateTimeField(db_index=True)

    objects = KeptTextQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"Text of {self.person_id} until {self.expires_at}"
