"""Let the training office send the email that a restored copy holds back."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

import history
from agencies import access
from agencies.back_office.confirm_action import ConfirmActionView
from agencies.back_office.listing import as_day
from lms.mail import holding
from lms.models import Mail
from lms.refused import Refused


class HoldRefused(Refused):
    """Reason why there is nothing to send, as a sentence."""


def release(*, by):
    """Let a restored copy send its email and run its jobs; return how many mails waited.

    `by` is a person, or "OPERATOR" for the command. Nobody loses an offer or a request to the time
    during which they could not be told.
    """
    with transaction.atomic():
        hold = holding.lock_open().first()
        if hold is None:
            raise HoldRefused("No email is held back.")
        holding.end(hold)
        many = waiting().count()
        history.record("mail.hold_ended", hold, by=by, now={"mails": many})
    holding.give_time_again()
    return many


def waiting():
    return Mail.objects.queued().filter(due_at__lte=timezone.now())


def in_words(many):
    return f"{many:,} email{'' if many == 1 else 's'}"


class HeldMailView(ConfirmActionView):
    page_title = "Restored copy"
    header_icon = "mail"

    @property
    def button(self):
        many = waiting().count()
        return f"Send {in_words(many)}" if many else "Let this site send email"

    def dispatch(self, request, *args, **kwargs):
        if not access.is_training_administrator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def is_possible(self):
        return holding.current() is not None

    def question(self):
        hold = holding.current()
        if hold is None:
            return "This is not a restored copy whose email is held back."
        many = waiting().count()
        sent = in_words(many) if many else "no email is waiting, and new ones"
        return (
            f"This site was restored as it was on {as_day(hold.copied_at)}. Its email is held "
            "back, because the site that it was made of may have sent it. Send it only if this is "
            f"now the site that people use: {sent} will go out within minutes, and reminders will "
            "follow. You can’t undo this."
        )

    def perform(self, **answers):
        self.many = release(by=self.request.user)

    def success_message(self):
        now = f"{in_words(self.many)} will go out now" if self.many else "none was waiting"
        return f"This site sends email again: {now}."

    def get_success_url(self):
        return reverse("wagtailadmin_home")
