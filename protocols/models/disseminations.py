"""To which agencies was an edition sent, and what do they say became of it?"""

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from agencies import access
from agencies.free_text import nhs_numbers
from agencies.models import Agency, Post


def may_read_all(viewer) -> bool:
    """The board: who keeps its protocols, and who reads its figures."""
    return access.is_protocol_editor(viewer) or access.is_board_member(viewer)


def answered_for_by(viewer) -> list[int]:
    """The numbers of the agencies that the person leads, and of what belongs to these."""
    led = access.agencies_led_by(viewer).values("pk")
    found = Agency.objects.filter(Q(pk__in=led) | Q(parent__in=led)).order_by()
    return access.cached_on_user(
        viewer, "_answers_for", lambda: list(found.values_list("pk", flat=True))
    )


class DisseminationQuerySet(models.QuerySet):
    def answered_by(self, viewer):
        """Of the agencies that the person leads, of what belongs to these, or sent to them."""
        if not access.is_signed_in(viewer):
            return self.none()
        works_at = Post.objects.current().filter(person=viewer).values("agency")
        named = Q(contact=viewer, agency__in=works_at)
        return self.filter(Q(agency__in=answered_for_by(viewer)) | named)

    def visible_to(self, viewer):
        """All for the board, else one's own."""
        return self if may_read_all(viewer) else self.answered_by(viewer)

    def confirmed(self):
        return self.filter(receipt__isnull=False)

    def waiting(self):
        """Neither confirmed nor called off by the board."""
        return self.filter(receipt=None, stopped_at=None)

    def with_end(self):
        """As `ended`: why there is nothing to pass on, if that is so.

        The edition was withdrawn, or a newer one was sent to the agency, or to what it became.
        """
        newer = Dissemination.objects.filter(
            Q(agency=OuterRef("agency")) | Q(agency=OuterRef("agency__merged_into")),
            edition__page=OuterRef("edition__page"),
            edition__number__gt=OuterRef("edition__number"),
        )
        withdrawn = When(edition__withdrawn_at__isnull=False, then=Value("withdrawn"))
        replaced = When(Exists(newer), then=Value("replaced"))
        return self.annotate(ended=Case(withdrawn, replaced, default=Value("")))

    def asked_still(self):
        """Waiting, of an edition that stands."""
        return self.waiting().with_end().filter(ended="")


class Dissemination(models.Model):
    """That an edition was sent to one agency, to be passed on to its people until a day."""

    ended = ""  # Of those that were asked for with it.

    edition = models.ForeignKey(
        "protocols.Edition", models.PROTECT, related_name="disseminations", editable=False
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="disseminations")
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who sees to it in the agency; empty for its leads.",
    )
    message = models.TextField(blank=True, max_length=2000)
    deadline_on = models.DateField("to be confirmed by")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    chased_on = models.DateField(null=True, editable=False)
    mailed_to = models.PositiveIntegerField(
        null=True, editable=False, help_text="How many of its staff it was mailed to from here."
    )
    stopped_at = models.DateTimeField(null=True, editable=False)
    stopped_reason = models.CharField(max_length=240, blank=True, editable=False)

    objects = DisseminationQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["agency__name", "-edition__number"]
        verbose_name = "cascade"
        constraints = [
            models.UniqueConstraint(fields=["edition", "agency"], name="dissemination_once"),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | ~Q(stopped_reason=""),
                name="dissemination_stopped_for_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.edition}: {self.agency}"

    @property
    def is_confirmed(self) -> bool:
        return hasattr(self, "receipt")

    @property
    def state(self) -> str:
        """One of confirmed, withdrawn, replaced, stopped, overdue and sent: see `state.html`."""
        if self.is_confirmed:
            return "confirmed"
        if self.ended:
            return self.ended
        if self.stopped_at:
            return "stopped"
        return "overdue" if self.deadline_on < timezone.localdate() else "sent"


class Receipt(models.Model):
    """What an agency says of its cascade: by whom, how, to how many of how many, when.

    Of an agency whose people are in the figures of another, its parent's, that one is named.
    """

    class Way(models.TextChoices):
        MAIL = "mail", "E-mail to staff"
        MEETING = "meeting", "Team meetings"
        BRIEFING = "briefing", "Briefing or training"
        SUPERVISION = "supervision", "Supervision"
        INTRANET = "intranet", "Intranet or newsletter"
        PAPER = "paper", "On paper"
        OTHER = "other", "Another way: see the note"

    dissemination = models.OneToOneField(Dissemination, models.PROTECT, related_name="receipt")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    given_at = models.DateTimeField(default=timezone.now, editable=False)
    cascaded_on = models.DateField()
    cascaded_by = models.CharField(max_length=120, blank=True, help_text="Name or job title.")
    how = models.JSONField(default=list)
    reached = models.PositiveIntegerField(null=True, blank=True)
    of = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=1000, validators=[nhs_numbers.refuse])
    counted_in = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="counts_too"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = "cascade confirmation"
        constraints = [
            models.CheckConstraint(
                condition=Q(reached=None) | Q(of=None) | Q(reached__lte=F("of")),
                name="receipt_reached_of_so_many",
            ),
            models.CheckConstraint(
                condition=Q(counted_in=None) | Q(reached=None, of=None),
                name="receipt_counted_once",
            ),
        ]

    def __str__(self):
        return f"Confirmation of {self.dissemination_id}"

    @property
    def ways(self) -> str:
        words = dict(self.Way.choices)
        return ", ".join(words[way] for way in self.how if way in words)
