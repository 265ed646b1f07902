"""Readers' acknowledgements of editions, and email subscriptions to changes."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from agencies import access
from agencies.models import Agency, Post
from lms.operational import OperationalModel
from protocols.models.editions import Edition


class AcknowledgementQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return the viewer's own and those of people at agencies they lead; all for the office."""
        if not access.is_signed_in(viewer):
            return self.none()
        if access.sees_everybody(viewer):
            return self
        staff = Post.objects.current().filter(agency__in=access.agencies_led_by(viewer))
        return self.filter(Q(person=viewer) | Q(person__in=staff.values("person")))

    def with_last_major(self):
        """Annotate `last_major`: the edition number from which on an acknowledgement is valid."""
        of_page = Edition.objects.filter(page=OuterRef("edition__page")).order_by()
        major = of_page.filter(is_major=True).order_by("-number").values("number")[:1]
        first = of_page.order_by("number").values("number")[:1]
        return self.annotate(last_major=Coalesce(Subquery(major), Subquery(first)))

    def valid(self):
        """Return those since which no major edition was issued."""
        return self.with_last_major().filter(edition__number__gte=models.F("last_major"))


class Acknowledgement(OperationalModel):
    """A person's statement that they have read and understood an edition."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="acknowledgements", editable=False
    )
    edition = models.ForeignKey(
        Edition, models.PROTECT, related_name="acknowledgements", editable=False
    )
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        help_text="Where they worked then.",
    )
    read_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        ordering = ["-read_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "edition"], name="acknowledgement_once")
        ]

    def __str__(self):
        return f"{self.edition_id} read by {self.person_id}"


class SubscriptionQuerySet(models.QuerySet):
    def confirmed(self):
        return self.exclude(confirmed_at=None)


class Subscription(OperationalModel):
    """An email address subscribed to changes of one protocol or of one topic's protocols."""

    email = models.EmailField()
    page = models.ForeignKey(
        "protocols.ProtocolPage", models.CASCADE, null=True, related_name="subscriptions"
    )
    topic = models.ForeignKey(
        "protocols.Topic", models.CASCADE, null=True, related_name="subscriptions"
    )
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["email", "page"],
                condition=Q(topic=None),
                name="subscription_once_to_a_protocol",
            ),
            models.UniqueConstraint(
                fields=["email", "topic"],
                condition=Q(page=None),
                name="subscription_once_to_a_topic",
            ),
            models.CheckConstraint(
                condition=Q(page=None, topic__isnull=False) | Q(page__isnull=False, topic=None),
                name="subscription_to_one",
            ),
        ]

    def __str__(self):
        return f"Subscription {self.pk}"

    @property
    def what(self) -> str:
        """The protocol's or topic's name as used on a page and in a mail."""
        return f"the topic ‘{self.topic}’" if self.topic else f"‘{self.page}’"


class Alert(OperationalModel):
    """A mail about an edition to a subscriber, sent once."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="alerts")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="alerts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "edition"], name="alert_once")
        ]

    def __str__(self):
        return f"Alert {self.pk}"
